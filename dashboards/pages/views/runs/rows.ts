// The rows of one filter: as many as were asked for, looked at again when something is new, remembered for the way back.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Problem, RunRow, Runs } from '../../../api/shapes.ts';
import { useAsk, type Answer } from '../../app/asking.ts';
import { askRuns } from '../../app/endpoints.ts';
import { get } from '../../app/get.ts';
import { withValue } from '../../format/query.ts';
import { MOST_ROWS, PAGE_ROWS } from './filter.ts';

export type Rows = { answer: Answer<Runs>; rows: readonly RunRow[]; next: string | null; more: () => void; loading: boolean; problem: Problem | undefined };
type Extra = { rows: readonly RunRow[]; next: string | null };

/** How many rows were shown of a filter. */
const shown = new Map<string, number>();
const NO_EXTRA: Extra = { rows: [], next: null };

/** The first rows are one question, which is asked again by itself and grows up to what the server gives; what lies behind it is fetched once. */
export function useRows(filter: string): Rows {
  const [limit, setLimit] = useState(shown.get(filter) ?? PAGE_ROWS);
  const [extra, setExtra] = useState<Extra>(NO_EXTRA);
  const [loading, setLoading] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const running = useRef<AbortController | undefined>(undefined);
  const answer = useAsk(askRuns(withValue(filter, 'limit', String(limit))), ['record', 'queue']);

  useEffect(() => {
    setLimit(shown.get(filter) ?? PAGE_ROWS);
    setExtra(NO_EXTRA);
    setProblem(undefined);
    return () => { running.current?.abort(); };
  }, [filter]);

  const first = answer.data?.runs ?? [];
  const next = extra.rows.length > 0 ? extra.next : (answer.data?.next ?? null);

  const fetchBehind = async (after: string, signal: AbortSignal): Promise<void> => {
    const got = await get(askRuns(withValue(withValue(filter, 'limit', String(PAGE_ROWS)), 'after', after)), signal);
    if (signal.aborted) return;
    setLoading(false);
    setProblem(got.ok ? undefined : got.problem);
    if (got.ok) setExtra((before) => ({ rows: [...before.rows, ...got.data.runs], next: got.data.next }));
  };

  const more = (): void => {
    if (next === null || loading) return;
    if (limit < MOST_ROWS) {
      const wanted = Math.min(MOST_ROWS, limit + (limit < 200 ? PAGE_ROWS : 100));
      shown.set(filter, wanted);
      setLimit(wanted);
      return;
    }
    running.current = new AbortController();
    setLoading(true);
    void fetchBehind(next, running.current.signal).catch(() => { setLoading(false); });
  };

  return { answer, rows: withoutTwice([...first, ...extra.rows]), next, more, loading: loading || (answer.old && answer.busy), problem };
}

/** A run that came in meanwhile moves the others down by one. */
function withoutTwice(rows: readonly RunRow[]): RunRow[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}
