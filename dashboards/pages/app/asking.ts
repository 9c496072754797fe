// What a page shows of the server's answers: the last one at once, a fresh one as soon as it is there, and again when told that something is new.
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Problem } from '../../api/shapes.ts';
import type { Ask } from './endpoints.ts';
import { get, PASSING } from './get.ts';
import { noteAnswer, noteProblem } from './health.ts';
import { onWake, type Topic } from './wakes.ts';

/** `old`: the data are of another question, or could not be had anew. */
export type Answer<T> = { data: T | undefined; problem: Problem | undefined; busy: boolean; old: boolean; again: () => void };

type Kept = { text: string; data: unknown };
const memory = new Map<string, Kept>();
const MOST_KEPT = 40;
const AGAIN_MS = 5000;

export function useAsk<T>(ask: Ask<T> | null, topics: readonly Topic[] = ['record']): Answer<T> {
  const url = ask?.url;
  const [seen, setSeen] = useState<{ url: string | undefined; data: T | undefined; problem: Problem | undefined }>({ url: undefined, data: undefined, problem: undefined });
  const [busy, setBusy] = useState(true);
  const [turn, setTurn] = useState(0);
  const again = useCallback(() => { setTurn((count) => count + 1); }, []);

  useEffect(() => (url === undefined ? undefined : onWake(topics, again)), [url, topics.join(' ')]);

  useEffect(() => {
    if (url === undefined) return undefined;
    const own = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    setBusy(true);
    const run = async (): Promise<void> => {
      const got = await get<T>({ url }, own.signal);
      if (own.signal.aborted) return;
      setBusy(false);
      if (got.ok) {
        noteAnswer();
        const data = keep(url, got);
        setSeen((before) => (before.url === url && before.data === data && before.problem === undefined ? before : { url, data, problem: undefined }));
        return;
      }
      noteProblem(got.problem.error, got.problem.message);
      setSeen((before) => ({ url, data: before.url === url ? before.data : (memory.get(url)?.data as T | undefined), problem: got.problem }));
      if (PASSING.has(got.problem.error)) timer = setTimeout(again, AGAIN_MS);
    };
    void run().catch(() => { setBusy(false); });
    return () => {
      own.abort();
      clearTimeout(timer);
    };
  }, [url, turn]);

  if (url === seen.url) return { data: seen.data, problem: seen.problem, busy, old: seen.problem !== undefined, again };
  const kept = url === undefined ? undefined : memory.get(url);
  return kept === undefined ? { data: seen.data, problem: undefined, busy: true, old: true, again } : { data: kept.data as T, problem: undefined, busy: true, old: false, again };
}

/** The same text is the same object, so that nothing is drawn anew for it. */
function keep<T>(url: string, { text, data }: { text: string; data: T }): T {
  const before = memory.get(url);
  memory.delete(url);
  const now = before?.text === text ? before : { text, data };
  memory.set(url, now);
  if (memory.size > MOST_KEPT) for (const oldest of [...memory.keys()].slice(0, memory.size - MOST_KEPT)) memory.delete(oldest);
  return now.data as T;
}
