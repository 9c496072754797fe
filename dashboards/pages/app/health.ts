// Whether what is shown can be current: the server answers, its database and the store are up. What the banner says, and when pages look again.
import type { Health } from '../../api/shapes.ts';
import { askHealth } from './endpoints.ts';
import { get } from './get.ts';
import { storeOf } from './store.ts';
import { wake } from './wakes.ts';

export type State = { server: boolean; database: boolean; why: string; since: string | null; store: Health['store']; catchingUp: Health['record']['catchingUp']; unreadable: Health['record']['unreadable'] };

export const health = storeOf<State>({ server: true, database: true, why: '', since: null, store: null, catchingUp: null, unreadable: [] });

const AGAIN_MS = 4000;
let timer: ReturnType<typeof setTimeout> | undefined;
/** As it was told last; of many, not all are among those that a page shows. */
let unreadable: number | undefined;

/** Call once, when the page starts. */
export function watchHealth(): void {
  void look().catch(() => undefined);
}

/** An answer came, so the server is there; of the database only its own word counts. */
export function noteAnswer(): void {
  const now = health.get();
  if (!now.server) lookSoon(0);
}

export function noteProblem(error: string, message: string): void {
  const now = health.get();
  if (error === 'UNREACHABLE' && now.server) health.set({ ...now, server: false });
  if (error === 'NO_DATABASE' && now.database) health.set({ ...now, server: true, database: false, why: message });
  if (error === 'UNREACHABLE' || error === 'NO_DATABASE') lookSoon(AGAIN_MS);
}

export function noteDatabase(up: boolean, why: string | null): void {
  const now = health.get();
  if (up === now.database && !up) return;
  if (!up) health.set({ ...now, database: false, why: why ?? '' });
  lookSoon(up ? 0 : AGAIN_MS);
}

/** Since when and why it says when it is asked. */
export function noteStore(up: boolean): void {
  if (up !== health.get().store?.up) lookSoon(0);
}

/** Which they are, and why, it says when it is asked. */
export function noteUnreadable(count: number): void {
  if (count !== unreadable) lookSoon(0);
  unreadable = count;
}

function lookSoon(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => { void look().catch(() => undefined); }, ms);
}

async function look(): Promise<void> {
  const got = await get(askHealth(), AbortSignal.timeout(10_000));
  const before = health.get();
  health.set(got.ok ? stateOf(got.data) : { ...before, server: got.problem.error !== 'UNREACHABLE' });
  const now = health.get();
  if ((now.server && !before.server) || (now.database && !before.database)) wake('everything');
  if (!now.server || !now.database || now.store?.up === false || now.catchingUp !== null) lookSoon(AGAIN_MS);
}

function stateOf({ database, record, store }: Health): State {
  return { server: true, database: database.up, why: database.why ?? '', since: database.up ? null : database.since, store, catchingUp: record.catchingUp, unreadable: record.unreadable };
}
