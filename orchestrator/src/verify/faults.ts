// What the lab must call each fault that the probe makes on purpose. docs/faults.md explains; `npm run bench:faults` tries.
import type { Fault, Party } from '../contract/fault.ts';
import type { PassDefect } from './party.ts';

type Rightly = { kinds: readonly PassDefect['kind'][]; party: Party };

const RIGHTLY: Readonly<Record<Fault, Rightly>> = {
  'decode-bitflip': { kinds: ['corrupt'], party: 'decoder' },
  'decode-stale': { kinds: ['stale-frame'], party: 'decoder' },
  'decode-swap': { kinds: ['planes-swapped'], party: 'decoder' },
  'skip-transfer': { kinds: ['stale-frame', 'rows-missing'], party: 'transfer' },
  'no-transfer': { kinds: ['rows-missing'], party: 'transfer' },
  'box-short-row': { kinds: ['rows-missing', 'bytes-missing'], party: 'transfer' },
  'box-short-column': { kinds: ['columns-missing'], party: 'transfer' },
  'box-half': { kinds: ['rows-missing', 'bytes-missing', 'torn'], party: 'transfer' },
  'skip-wait': { kinds: ['late'], party: 'fence' },
  'reuse-early': { kinds: ['torn'], party: 'fence' },
  'wrong-stride': { kinds: ['sheared'], party: 'format' },
  'wrong-offset': { kinds: ['planes-swapped'], party: 'format' },
  'swap-planes': { kinds: ['planes-swapped'], party: 'format' },
  'mirror-x': { kinds: ['mirrored'], party: 'format' },
  'mirror-y': { kinds: ['mirrored'], party: 'format' },
  'shift': { kinds: ['shifted'], party: 'format' },
  'wrong-matrix': { kinds: ['wrong-colour'], party: 'format' },
  'wrong-range': { kinds: ['wrong-colour'], party: 'format' },
  'odd-chroma': { kinds: ['columns-missing'], party: 'format' },
  'wrong-buffer': { kinds: ['other-buffer'], party: 'id' },
  'swizzle': { kinds: ['planes-swapped'], party: 'format' },
};

export function isRightName(fault: Fault, { kind, party }: Pick<PassDefect, 'kind' | 'party'>): boolean {
  return RIGHTLY[fault].party === party && RIGHTLY[fault].kinds.includes(kind);
}
