// What a host that gives a guest no CPU does to a silence and to a watchdog's word. Time is vitest's, the waits are played.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { errorOf } from './boot.ts';
import { GuestState } from './guest.ts';
import { Starvation } from './starvation.ts';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

function state(): GuestState {
  return new GuestState({ onSplat: () => undefined, onGone: () => undefined }, { console: () => undefined, probe: () => undefined, qemu: () => undefined, trace: () => undefined });
}

/** Seconds pass in which the guest waits for a share of each. */
function pass(guest: GuestState, seconds: number, share: number): void {
  for (let second = 0; second < seconds; second++) {
    vi.advanceTimersByTime(1000);
    guest.hearWaited(1000 * share, 1000);
  }
}

test('only what it could have said something in is silence', () => {
  for (const [share, silentMs] of [[0, 46_000], [0.9, 4600]] as const) {
    const guest = state();
    guest.hearConsole('[    0.039116] [drm] number of cap sets: 2');
    pass(guest, 46, share);
    expect([guest.silentMs, guest.starvedMs]).toEqual([silentMs, 46_000 - silentMs]);
  }
});

test.each([
  ['soft-lockup', 'watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [swapper/0:1]'],
  ['rcu-stall', 'rcu: INFO: rcu_sched self-detected stall on CPU'],
  ['hung-task', 'INFO: task kworker/0:1:12 blocked for more than 30 seconds.'],
])('a %s is the lab\'s where the guest was starved, the kernel\'s where it shared', (kind, text) => {
  for (const [share, blame] of [[0.95, 'lab'], [0.5, 'kernel']] as const) {
    const guest = state();
    pass(guest, 30, share);
    guest.hearConsole(`[   30.000000] ${text}`);
    vi.advanceTimersByTime(5000);
    expect(guest.dead.reason).toMatchObject({ blame, message: expect.stringContaining(`${kind}: ${text}`) as string });
  }
});

test('an oops is the kernel\'s, however long it waited', () => {
  const guest = state();
  pass(guest, 30, 0.95);
  guest.hearConsole('[   30.000000] BUG: kernel NULL pointer dereference, address: 0000000000000010');
  vi.advanceTimersByTime(5000);
  expect(guest.dead.reason).toMatchObject({ blame: 'kernel' });
});

test('the share is of the last half minute', () => {
  const starvation = new Starvation();
  for (let second = 0; second < 100; second++) starvation.hear(1000, 1000);
  expect(starvation.share).toBe(1);
  for (let second = 0; second < 30; second++) starvation.hear(0, 1000);
  expect(starvation.share).toBe(0);
  expect(starvation.totalMs).toBe(100_000);
});

test('a boot may take its time of what it had, and is blamed for a silence; without CPUs it is the lab\'s in the end', () => {
  const boot = (silentMs: number, ms: number, starvedMs: number): unknown => errorOf({ silentMs, lastConsole: [] }, ms, starvedMs, 1)?.blame;
  expect(boot(44_000, 119_000, 0)).toBeUndefined();
  expect(boot(45_000, 60_000, 0)).toBe('kernel');
  expect([boot(1000, 120_000, 0), boot(1000, 120_000, 60_000), boot(1000, 180_000, 60_000)]).toEqual(['kernel', undefined, 'kernel']);
  expect([boot(1000, 899_000, 890_000), boot(1000, 900_000, 890_000)]).toEqual([undefined, 'lab']);
});
