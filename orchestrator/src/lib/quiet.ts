// Waits until the host has little else to do: a figure that was taken beside a compiler is a figure of the compiler too.
import { cpus } from 'node:os';
import { pause } from './within.ts';

/** Of all CPUs together, over one look. */
const QUIET_SHARE = 0.15;
const LOOK_MS = 100;

export type Quiet = { waitedMs: number; busyShare: number; quiet: boolean };

/** Gives up after `mostMs`, or after one look, and says so: a host that is never quiet is measured all the same, and its noise is what the noise floor is for. */
export async function untilQuiet(mostMs: number, signal: AbortSignal): Promise<Quiet> {
  const started = performance.now();
  for (;;) {
    const before = busyAndAll();
    await pause(LOOK_MS, signal);
    const after = busyAndAll();
    const busyShare = (after.busy - before.busy) / Math.max(1, after.all - before.all);
    const waitedMs = Math.round(performance.now() - started);
    if (busyShare <= QUIET_SHARE || waitedMs >= mostMs || signal.aborted) return { waitedMs, busyShare, quiet: busyShare <= QUIET_SHARE };
  }
}

function busyAndAll(): { busy: number; all: number } {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const working = times.user + times.nice + times.sys + times.irq;
    busy += working;
    all += working + times.idle;
  }
  return { busy, all };
}
