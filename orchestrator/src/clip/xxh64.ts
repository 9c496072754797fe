// XXH64 as 16 hex digits: the hash that probe and lab agree on. https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md
import xxhash from 'xxhash-wasm';

export type Xxh64 = (data: Uint8Array) => string;

export async function loadXxh64(): Promise<Xxh64> {
  const hasher = await xxhash();
  return (data) => hasher.h64Raw(data, 0n).toString(16).padStart(16, '0');
}
