// Which CPUs a guest gets whose time is measured: the same in every boot, so that none is faster for where the scheduler happened to put it. Pure.

/** Two for the guest's own CPUs, two for what draws and what QEMU does beside them. */
const PINNED = 4;

/** As Linux lists CPUs; undefined where the host has no more than that, and a guest gets them all. The last ones: whatever else a host does tends to be on the first. */
export function pinnedTo(cpus: number): string | undefined {
  return cpus > PINNED ? `${String(cpus - PINNED)}-${String(cpus - 1)}` : undefined;
}
