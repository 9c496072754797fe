// Bytes under names, wherever they are kept. Small on purpose: a folder can do it, and any server that speaks S3.
import type { Readable } from 'node:stream';

export type Listed = { name: string; bytes: number; at: Date };

export interface ObjectStore {
  /** As people are told of it; holds no credentials. */
  readonly title: string;
  /** Under a name whose bytes are always the same: whoever puts them twice changes nothing. */
  put: (name: string, file: string) => Promise<void>;
  /** Puts where nothing is yet. False where something is, which stays. */
  putNew: (name: string, content: string) => Promise<boolean>;
  /** Undefined where nothing is. */
  get: (name: string) => Promise<Readable | undefined>;
  has: (name: string) => Promise<boolean>;
  /** Every object whose name begins so, in no order that matters. */
  list: (prefix: string) => AsyncIterable<Listed>;
  remove: (name: string) => Promise<void>;
  close: () => void;
}

const NAME = /^[a-z]+(\/[A-Za-z0-9][A-Za-z0-9._-]*)+$/;

/** Names are made of ids and digests. One that is not is a bug of the lab, found before it becomes a path. */
export function checkedName(name: string): string {
  if (NAME.test(name)) return name;
  throw new Error(`no name for an object: ${name}`);
}
