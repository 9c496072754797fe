// The pictures of wrong frames that a run kept, in an order to walk through them. Pure.
import type { RunDetail } from '../../api/shapes.ts';
import { valueOf } from './query.ts';

type Row = NonNullable<RunDetail['record']>['pipelines'][number];
export type Kept = Row['kept'][number] & Pick<Row, 'pipeline' | 'clip' | 'fault'>;
/** The pictures of one frame of one pass: a plane as one oracle saw it, each. */
export type WrongFrame = { pipeline: string; clip: string; fault: string | null; frame: number; kept: readonly Kept[] };

export function wrongFrames(rows: readonly Row[]): WrongFrame[] {
  const frames = new Map<string, Kept[]>();
  for (const { pipeline, clip, fault, kept } of rows) {
    for (const one of kept) {
      const key = JSON.stringify([pipeline, clip, fault, one.frame]);
      frames.set(key, [...(frames.get(key) ?? []), { ...one, pipeline, clip, fault }]);
    }
  }
  return [...frames.values()].flatMap((kept) => {
    const [first] = kept;
    return first === undefined ? [] : [{ pipeline: first.pipeline, clip: first.clip, fault: first.fault, frame: first.frame, kept }];
  });
}

export type Chosen = { at: number; frame: WrongFrame; kept: Kept };

/** What the address names, or the nearest to it: a link to a frame that was not kept still shows its pipeline. */
export function chosen(frames: readonly WrongFrame[], query: string): Chosen | undefined {
  const wanted = { pipeline: valueOf(query, 'pipeline'), clip: valueOf(query, 'clip'), fault: valueOf(query, 'fault'), frame: valueOf(query, 'frame') };
  const fits = (frame: WrongFrame, names: readonly (keyof typeof wanted)[]): boolean => names.every((name) => wanted[name] === undefined || String(frame[name] ?? '') === wanted[name]);
  const at = [['pipeline', 'clip', 'fault', 'frame'], ['pipeline', 'clip', 'frame'], ['pipeline', 'clip'], ['pipeline'], []] as const;
  const index = at.map((names) => frames.findIndex((frame) => fits(frame, names))).find((one) => one !== -1);
  const frame = index === undefined ? undefined : frames[index];
  if (index === undefined || frame === undefined) return undefined;
  const [plane, oracle] = [valueOf(query, 'plane'), valueOf(query, 'oracle')];
  const kept = frame.kept.find((one) => one.plane === plane && one.oracle === oracle) ?? frame.kept.find((one) => one.plane === plane) ?? frame.kept[0];
  return kept === undefined ? undefined : { at: index, frame, kept };
}

/** Round the corner at either end. */
export function step(count: number, at: number, by: number): number {
  return count === 0 ? 0 : (((at + by) % count) + count) % count;
}
