// What a run wants of its host beyond what every worker has, and so which queue it waits in. Few: every one of them splits the work.
import * as z from 'zod';
import type { Device } from './device.ts';

/** `udmabuf`: /dev/udmabuf, with which QEMU makes a dma-buf of a guest's pages. */
export const Capability = z.enum(['udmabuf']);
export type Capability = z.infer<typeof Capability>;

/** `nested`: the stack runs its guests in a guest of the lab's own kernel, which has udmabuf itself. */
export function needsOf(device: Device, stack: { readonly nested: boolean }): Capability | null {
  return device === '2d-blob' && !stack.nested ? 'udmabuf' : null;
}

/** What to say to a person whose host lacks it. */
export const WANTS: Readonly<Record<Capability, string>> = { udmabuf: '/dev/udmabuf on the host (CONFIG_UDMABUF; modprobe udmabuf)' };
