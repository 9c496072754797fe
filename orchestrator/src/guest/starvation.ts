// Whether the host gives a guest its CPUs. A guest that cannot run is silent, and its kernel's watchdogs, which go by the host's clock, find that
// nothing moves: neither is the kernel's fault.
import { cpuTimes, starvedMs } from '../lib/cpu-waits.ts';

const EVERY_MS = 1000;

/** Tells once a second how much of it the guest lost because its threads waited for a CPU. Returns how to stop. */
export function watchStarvation(pid: number, onWaited: (waitedMs: number, ofMs: number) => void): () => void {
  let before = cpuTimes(pid);
  let at = performance.now();
  let looking = false;
  const look = async (): Promise<void> => {
    looking = true;
    const after = await cpuTimes(pid);
    const now = performance.now();
    const ofMs = now - at;
    onWaited(starvedMs(await before, after, ofMs), ofMs);
    before = Promise.resolve(after);
    at = now;
    looking = false;
  };
  const timer = setInterval(() => { if (!looking) void look(); }, EVERY_MS);
  return () => { clearInterval(timer); };
}

/** How far back a share goes: the kernel's watchdogs speak after 20 to 30 s. */
const MEMORY_MS = 30_000;

/** What a guest waited for its CPUs, in all and of late. */
export class Starvation {
  #totalMs = 0;
  #recent: { waitedMs: number; ofMs: number }[] = [];

  /** In all, in milliseconds. */
  get totalMs(): number { return this.#totalMs; }

  hear(waitedMs: number, ofMs: number): void {
    this.#totalMs += waitedMs;
    this.#recent.push({ waitedMs, ofMs });
    let kept = 0;
    const oldest = this.#recent.findLastIndex((one) => (kept += one.ofMs) >= MEMORY_MS);
    if (oldest > 0) this.#recent = this.#recent.slice(oldest);
  }

  /** Of the last half minute, 0 to 1. */
  get share(): number {
    const of = this.#recent.reduce((sum, one) => sum + one.ofMs, 0);
    return of === 0 ? 0 : this.#recent.reduce((sum, one) => sum + one.waitedMs, 0) / of;
  }
}
