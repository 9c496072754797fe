// What was another in one run than in an earlier one, layer by layer, and so whose change it was. Pure.
import type { Alert } from '../../api/shapes.ts';

/** `kernel` is its version, `build` the key of all that it was built of; the rest is as readWorld of the store has it. What is not known is not there. */
export type Layers = Readonly<Record<string, string>>;
export type Changed = { layer: string; from: string; to: string };

/** A layer that stands for others: it is another whenever one of them is, and says less. */
const STANDS_FOR: Readonly<Record<string, readonly string[]>> = { 'build': ['kernel'], 'stack': ['qemu', 'virglrenderer', 'mesa of the stack'], 'guest image': ['mesa of the guest'] };
const OF_THE_KERNEL: readonly string[] = ['kernel', 'build'];

export function changedLayers(before: Layers, after: Layers): Changed[] {
  const all = Object.keys(before).flatMap((layer): Changed[] => {
    const [from, to] = [before[layer], after[layer]];
    return from === undefined || to === undefined || from === '' || to === '' || from === to ? [] : [{ layer, from, to }];
  });
  return all.filter(({ layer }) => !all.some((other) => STANDS_FOR[layer]?.includes(other.layer) === true));
}

/** Nothing but the machine itself: layers of the host have names that begin so. */
export function onlyTheHost(changed: readonly Changed[]): boolean {
  return changed.every(({ layer }) => layer.startsWith('host'));
}

/** Several that changed at once are nobody's fault yet. */
export function blameFor(changed: readonly Changed[]): Alert['blames'] {
  if (changed.length === 0) return 'unknown';
  if (changed.every(({ layer }) => OF_THE_KERNEL.includes(layer))) return 'kernel';
  return changed.some(({ layer }) => OF_THE_KERNEL.includes(layer)) ? 'unknown' : 'lab';
}

/** What alerts of one change have in common, in words. `kernel`: how the kernel is called. */
export function sayChanged(changed: readonly Changed[], kernel: string): string {
  return changed.map(({ layer, from, to }) => {
    if (layer === 'kernel') return `${kernel}: ${from} to ${to}`;
    if (layer === 'build') return `${kernel}: built of other sources or options, ${from} to ${to}`;
    return `${layer}: ${from} to ${to}`;
  }).join('; ');
}
