// A database that says nothing more and closes nothing, frozen or cut off: whoever waits for it would not be told for a quarter of an hour.
import { Client, type ClientConfig } from 'pg';
import { pause } from '../lib/within.ts';

/** From an answer to the next question. */
const ASK_MS = 5000;
/** A question that no lock and no disk keeps waiting. */
const ANSWER_MS = 10_000;
const SILENT = `it has said nothing for ${String(ANSWER_MS / 1000)} s`;

/** Asks on a connection of its own, whether somebody uses the others or not. `onLost` is told once: that no answer came, or what broke. Returns how to stop; its socket is whoever's that `options` has it from. */
export function watchDatabase(options: ClientConfig, onLost: (why: Error) => void): () => void {
  const ending = new AbortController();
  void (async () => {
    const client = new Client({ ...options, connectionTimeoutMillis: ANSWER_MS, application_name: 'vlab watch' });
    // The question that fails says it.
    client.on('error', () => undefined);
    try {
      await client.connect();
      while (!ending.signal.aborted) {
        await inTime(client.query('select 1'));
        await pause(ASK_MS, ending.signal);
      }
    } catch (error) {
      if (!ending.signal.aborted) onLost(error instanceof Error ? error : new Error(String(error)));
    }
  })();
  return () => { ending.abort(); };
}

/** In two halves: a process that was busy meanwhile hears the answer late, and between the two it listens. */
async function inTime(answer: Promise<unknown>): Promise<void> {
  const enough = new AbortController();
  try {
    for (let half = 0; half < 2; half++) if (await Promise.race([answer.then(() => true), pause(ANSWER_MS / 2, enough.signal).then(() => false)])) return;
  } finally {
    enough.abort();
  }
  // As the system calls it, where it finds out by itself.
  throw Object.assign(new Error(SILENT), { code: 'ETIMEDOUT' });
}
