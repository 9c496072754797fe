// What this host has that not every host has: which queues its workers look into, found by opening it, as QEMU will; and what else there is to say of it.
import { open } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Capability } from '../contract/capability.ts';
import { DEFAULT_STACK } from '../contract/job.ts';
import type { HostFacts } from '../contract/worker.ts';
import { namesIn, readRecord } from '../lib/files.ts';
import type { Lab } from '../lib/lab.ts';
import { HostRecord, hostRecordPath } from './host.ts';

/** The stack whose Vulkan exports dma-bufs without udmabuf. */
const MEMFD_STACK = 'trixie-backports-memfd';

export async function hostCapabilities(): Promise<Capability[]> {
  return (await opens('/dev/udmabuf')) ? ['udmabuf'] : [];
}

/** What was found by trying is what the trial of this host has left: it is told as unknown until then. */
export async function hostFacts(lab: Lab, can: readonly Capability[]): Promise<HostFacts> {
  const tried = await readRecord(hostRecordPath(lab, DEFAULT_STACK), HostRecord);
  const stacks = await builtStacks(lab);
  return {
    accelerator: tried?.accelerator ?? null, acceleratorWhy: tried?.acceleratorWhy ?? null, display: tried?.display ?? null,
    kvm: tried === undefined ? null : tried.accelerator === 'kvm', virgl: tried === undefined ? null : true,
    blob: can.includes('udmabuf'), venus: can.includes('udmabuf') || stacks.includes(MEMFD_STACK),
    cores: availableParallelism(), memoryMiB: Math.floor(totalmem() / 2 ** 20), stacks,
  };
}

async function builtStacks(lab: Lab): Promise<string[]> {
  const names = (await namesIn(join(lab.config.home, 'images'))).flatMap((name) => /^stack-(.+)-[0-9a-f]{16}$/.exec(name)?.[1] ?? []);
  return [...new Set(names)].sort();
}

async function opens(path: string): Promise<boolean> {
  try {
    await (await open(path, 'r+')).close();
    return true;
  } catch {
    return false;
  }
}
