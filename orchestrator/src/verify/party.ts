// Whose doing it is: decoder, transfer, fence, format or id. Judged over all frames of a pass, because one frame cannot tell a lost transfer
// from one that came late, nor an old picture from another buffer's. Pure. docs/faults.md has the rules in words.
import type { Party } from '../contract/fault.ts';
import type { FrameLine } from '../contract/probe.ts';
import type { GoldenFrame } from './evidence.ts';
import type { Defect } from './name-defect.ts';
import { frameShown, type WrongFrame } from './wrong-frames.ts';

/** What is wrong over a whole pass; the kinds that no single frame shows are `late` and `other-buffer`. */
export type PassDefect = { kind: Defect['kind'] | 'late' | 'other-buffer'; party: Party; why: string | undefined };

export type PassEvidence = {
  frames: readonly FrameLine[];
  golden: readonly GoldenFrame[];
  wrong: readonly WrongFrame[];
  /** The defects of the frames whose pixels came, the first frame's first. */
  defects: readonly Defect[];
  /** How many buffers take turns; 0: as many as are needed. */
  ring: number;
};

export function blame(evidence: PassEvidence): PassDefect {
  const [first] = evidence.wrong;
  const [defect] = evidence.defects.toSorted((a, b) => clearness(a) - clearness(b));
  const kind = defect?.kind ?? 'corrupt';
  if (first?.oracle === 'memory') return { kind, party: 'decoder', why: undefined };
  if (first?.oracle === 'rgb') return { kind, party: 'format', why: undefined };
  const order = asOrder(evidence);
  if (order !== undefined) return order;
  // A camera whose picture only moves shows an older one that looks shifted.
  if (kind === 'corrupt' || kind === 'shifted') {
    const stale = asStale(evidence);
    if (stale !== undefined) return stale;
  }
  return { kind, party: defect === undefined ? 'transfer' : partyOf(defect, evidence), why: undefined };
}

/** A defect of one plane can be clearer than another's: the one that says more counts. */
function clearness({ kind }: Defect): number {
  return kind === 'corrupt' ? 2 : kind === 'none' ? 3 : kind === 'blank' ? 1 : 0;
}

function partyOf(defect: Defect, { golden, wrong }: PassEvidence): Party {
  switch (defect.kind) {
    case 'sheared':
    case 'mirrored':
    case 'shifted':
    case 'planes-swapped':
    case 'wrong-colour': return 'format';
    case 'torn': return defect.frames[0] > (wrong[0]?.frame ?? 0) || defect.frames[1] > (wrong[0]?.frame ?? 0) ? 'fence' : 'transfer';
    case 'columns-missing': return lostChroma(defect.count, golden, wrong) ? 'format' : 'transfer';
    case 'none':
    case 'blank':
    case 'rows-missing':
    case 'box-missing':
    case 'bytes-missing':
    case 'stale-frame':
    case 'corrupt': return 'transfer';
  }
}

/** The one chroma column too few that (width / 2) gives for an odd width. */
function lostChroma(count: number, golden: readonly GoldenFrame[], wrong: readonly WrongFrame[]): boolean {
  const odd = (golden[wrong[0]?.frame ?? 0]?.width ?? 0) % 2 === 1;
  return odd && count === 1 && wrong.every(({ planes }) => planes.every((plane) => plane !== 'y'));
}

/** By the hashes alone, where no pixels tell: every wrong frame is exactly an earlier one. */
function asStale({ frames, golden, wrong }: PassEvidence): PassDefect | undefined {
  const shown = wrong.map(({ frame }) => {
    const line = frames.find((one) => one.n === frame);
    return line === undefined ? undefined : frameShown(line.texels, golden, frame - 1);
  });
  const [first] = shown;
  if (first === undefined || shown.includes(undefined)) return undefined;
  return { kind: 'stale-frame', party: 'transfer', why: `stale: shows frame ${String(first)}` };
}

/** What only the order of many frames tells. */
function asOrder({ frames, golden, wrong, ring }: PassEvidence): PassDefect | undefined {
  const byNumber = new Map(frames.map((frame) => [frame.n, frame]));
  const back = wrong.flatMap(({ frame }) => {
    const line = byNumber.get(frame);
    const shown = line === undefined ? undefined : frameShown(line.texels, golden, frame - 1);
    return shown === undefined ? [] : [frame - shown];
  });
  if (back.length < 2) return undefined;
  // A buffer holds its own last picture, a whole turn of the ring old. The picture just before is in another one.
  if (ring !== 1 && back.length === wrong.length && back.every((frames_) => frames_ === 1)) {
    return { kind: 'other-buffer', party: 'id', why: 'each wrong frame shows the one before it, which is in another buffer' };
  }
  // All of them, but for the first turn, when there is nothing yet to be late.
  const late = back.length >= frames.length * 0.5 && wrong.length === frames.length && back.every((frames_) => frames_ > 1 || ring === 1);
  if (!late) return undefined;
  return { kind: 'late', party: 'fence', why: 'every frame shows what its buffer held before: it is drawn before it has been brought over, and arrives a turn later' };
}
