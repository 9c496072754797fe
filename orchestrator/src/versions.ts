// The exact versions behind a run, for versions.json: figures without them are nobody's to reproduce.
import { availableParallelism, cpus, release } from 'node:os';
import type { KernelRecord } from './contract/job.ts';
import type { HostRecord } from './guest/host.ts';
import type { ImageRecord } from './image/build.ts';
import type { Lab } from './lib/lab.ts';

export type VersionsOf = { workshop: ImageRecord; stack: ImageRecord; guest: ImageRecord; kernel: KernelRecord; host: HostRecord };

export async function versionsOf({ workshop, stack, guest, kernel, host }: VersionsOf, lab: Lab): Promise<Record<string, unknown>> {
  return {
    node: process.version, engine: await lab.engine.version(), hostKernel: release(), cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), host,
    kernel, workshop: workshop.tag,
    stack: { tag: stack.tag, packages: stack.packages }, guest: { tag: guest.tag, packages: guest.packages },
  };
}
