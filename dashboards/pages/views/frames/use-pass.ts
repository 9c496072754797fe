// The pass that a wrong frame is of: its row in the record, and every frame of it as the probe told them.
import { useEffect, useState } from 'preact/hooks';
import type { RunDetail } from '../../../api/shapes.ts';
import { probeText } from '../../app/files.ts';
import type { WrongFrame } from '../../format/kept.ts';
import { passesIn, passOf, type ProbePass } from '../../format/probe-frames.ts';

export const FILE = 'probe.ndjson';
/** Of a longer file the lines are fetched only when asked for. Most of it is pixels, which are not fetched. */
const FETCHED_TO = 64e6;

export type PassRow = NonNullable<RunDetail['record']>['pipelines'][number];
/** `unasked`: how many bytes wait to be asked for; 0 where none do. */
export type Pass = { row: PassRow | undefined; told: ProbePass | undefined; unasked: number; ask: () => void };

export function usePass(run: RunDetail, now: WrongFrame | undefined): Pass {
  const size = run.files.find(({ name }) => name === FILE)?.bytes ?? 0;
  const [wanted, setWanted] = useState(size > 0 && size <= FETCHED_TO);
  const passes = usePasses(run.id, wanted);
  const rows = run.record?.pipelines ?? [];
  const row = now === undefined ? undefined : rows.find(({ pipeline, clip, fault }) => pipeline === now.pipeline && clip === now.clip && fault === now.fault);
  return { row, told: row === undefined ? undefined : passOf(rows, row, passes ?? []), unasked: wanted ? 0 : size, ask: () => { setWanted(true); } };
}

function usePasses(run: string, wanted: boolean): ProbePass[] | undefined {
  const [passes, setPasses] = useState<ProbePass[] | undefined>(undefined);
  useEffect(() => {
    if (!wanted) return undefined;
    const own = new AbortController();
    const read = async (): Promise<void> => {
      const text = await probeText(run, own.signal);
      if (text !== undefined && !own.signal.aborted) setPasses(passesIn(text));
    };
    // Without it the page lacks what is right.
    void read().catch(() => undefined);
    return () => { own.abort(); };
  }, [run, wanted]);
  return passes;
}
