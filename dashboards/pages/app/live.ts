// The server's word that something is new: one stream for the whole page, opened again where it broke.
import type { LiveEvent } from '../../api/shapes.ts';
import { LIVE_URL } from './endpoints.ts';
import { noteDatabase, noteStore, noteUnreadable } from './health.ts';
import { wake } from './wakes.ts';
import { whileSeen } from './while-seen.ts';

const AGAIN_MS = 3000;

/** Call once, when the page starts. */
export function startLive(): void {
  let lost = false;
  whileSeen(() => {
    let stream: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = (): void => {
      const own = new EventSource(LIVE_URL);
      stream = own;
      own.onopen = () => {
        // What was told while nobody listened is not told again.
        if (lost) wake('everything');
        lost = false;
      };
      own.onmessage = ({ data }) => { hear(data); };
      own.onerror = () => {
        lost = true;
        // Otherwise the browser tries again by itself.
        if (own.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN_MS);
      };
    };
    open();
    return () => {
      lost = true;
      stream?.close();
      clearTimeout(timer);
    };
  });
}

function hear(data: unknown): void {
  const event = eventOf(data);
  if (event?.what === 'database') noteDatabase(event.up, event.why);
  if (event?.what === 'store') noteStore(event.up);
  if (event?.what === 'record') noteUnreadable(event.unreadable);
  if (event !== undefined) wake(event.what);
}

function eventOf(data: unknown): LiveEvent | undefined {
  try {
    const event: unknown = JSON.parse(String(data));
    return typeof event === 'object' && event !== null && 'what' in event ? (event as LiveEvent) : undefined;
  } catch {
    return undefined;
  }
}
