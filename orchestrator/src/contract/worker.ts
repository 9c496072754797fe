// What a worker tells of itself while it lives: who it is, what its host can do, what it is at. And the version that it must share with whoever asks.
import * as z from 'zod';
import { Capability } from './capability.ts';

/** Goes up with every change to what travels through the queue. */
const PROTOCOL = 5;

/** As `0.1.0-p2`: of the package, and of what travels. Part of the queues' names: work of one version is never taken by another. */
export const LabVersion = z.string().regex(/^\d+\.\d+\.\d+-p\d+$/).brand<'LabVersion'>();
export type LabVersion = z.infer<typeof LabVersion>;

export function labVersion(ofPackage: string): LabVersion {
  return LabVersion.parse(`${ofPackage}-p${String(PROTOCOL)}`);
}

/** null: not known before the first guest was tried on this host. */
export const HostFacts = z.object({
  accelerator: z.enum(['kvm', 'tcg']).nullable(), acceleratorWhy: z.string().nullable(), display: z.enum(['xvfb', 'egl']).nullable(),
  kvm: z.boolean().nullable().describe('whether a guest came up under it'),
  virgl: z.boolean().nullable(), blob: z.boolean().describe('device 2d-blob: QEMU makes dma-bufs of the guest\'s pages'), venus: z.boolean().describe('device venus offers dma-bufs'),
  cores: z.int(), memoryMiB: z.int(), stacks: z.array(z.string()).describe('host sides that are built here; others are built when a run wants them'),
});
export type HostFacts = z.infer<typeof HostFacts>;

export const WorkerPresence = z.object({
  worker: z.string(), host: z.string(), pid: z.int(), version: z.string().default('unknown'), slots: z.int(), can: z.array(Capability).default([]), facts: HostFacts.nullable().default(null),
  running: z.array(z.string()), since: z.string(), drains: z.boolean().default(false).describe('whether it can be asked to take nothing more'),
  draining: z.boolean().default(false), why: z.string().nullable().default(null).describe('why it takes nothing'),
});
export type WorkerPresence = z.infer<typeof WorkerPresence>;
