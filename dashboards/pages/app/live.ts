// The server's word that something is new: one stream for the whole page, opened again where it broke.
import type { LiveEvent } from '../../api/shapes.ts';
import { LIVE_URL } from './endpoints.ts';
import { noteDatabase, noteStore } from './health.ts';
import { wake } from './wakes.ts';

const AGAIN_MS = 3000;

/** Call once, when the page starts. */
export function startLive(broken = false): void {
  const stream = new EventSource(LIVE_URL);
  let lost = broken;
  stream.onopen = () => {
    // What was told while nobody listened is not told again.
    if (lost) wake('everything');
    lost = false;
  };
  stream.onmessage = ({ data }) => { hear(data); };
  stream.onerror = () => {
    lost = true;
    // Otherwise the browser tries again by itself.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => { startLive(true); }, AGAIN_MS);
  };
}

function hear(data: unknown): void {
  const event = eventOf(data);
  if (event?.what === 'database') noteDatabase(event.up, event.why);
  if (event?.what === 'store') noteStore(event.up);
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
