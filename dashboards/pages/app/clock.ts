// The time, for whatever says how long ago something was. It ticks while somebody looks.
import { useEffect, useState } from 'preact/hooks';
import { storeOf, useStore } from './store.ts';

const now = storeOf(Date.now());
let lookers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

export function useNow(): number {
  useEffect(() => {
    lookers += 1;
    timer ??= setInterval(() => { now.set(Date.now()); }, 15_000);
    return () => {
      lookers -= 1;
      if (lookers > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
  }, []);
  return useStore(now);
}

/** Calls again and again while `on`. */
export function useEvery(ms: number, on: boolean, tick: () => void): void {
  useEffect(() => {
    if (!on) return undefined;
    const every = setInterval(tick, ms);
    return () => { clearInterval(every); };
  }, [ms, on, tick]);
}

/** The time to a second, while `on`. */
export function useNowWhile(on: boolean): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!on) return undefined;
    const every = setInterval(() => { setNow(Date.now()); }, 1000);
    return () => { clearInterval(every); };
  }, [on]);
  return now;
}
