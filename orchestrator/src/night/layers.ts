// What a result stands on, what of it changed since it was right, and what can be put back to see which of them it was. Pure.
import type { RunInputs } from '../contract/inputs.ts';
import type { RunRequest } from '../contract/job.ts';
import type { Blame, LayerChange, Swap, Swappable } from '../contract/night.ts';

/** A run's keys, its versions (store/read.ts's readWorld), the kernel's version, and the lab's commit. */
export type Ground = { inputs: RunInputs; world: Readonly<Record<string, string>>; kernel: string; commit: string };

/** Of a stack: a part, and its name among the versions. */
const PARTS = [['qemu', 'qemu'], ['virglrenderer', 'virglrenderer'], ['mesa', 'mesa of the stack']] as const;

export function changedLayers(good: Ground, bad: Ground): LayerChange[] {
  const changes: LayerChange[] = [];
  const add = (layer: LayerChange['layer'], before: string, after: string): void => { if (before !== after) changes.push({ layer, before, after }); };
  if (good.inputs.kernel !== bad.inputs.kernel) add('kernel', `${good.kernel}, ${good.inputs.kernel}`, `${bad.kernel}, ${bad.inputs.kernel}`);
  if (good.inputs.stack.key !== bad.inputs.stack.key) {
    for (const [layer, name] of PARTS) add(layer, good.world[name] ?? '', bad.world[name] ?? '');
    if (PARTS.every(([, name]) => good.world[name] === bad.world[name])) add('stack', good.inputs.stack.key, bad.inputs.stack.key);
  }
  const guest = ({ inputs, world }: Ground): string => `Mesa ${world['mesa of the guest'] ?? ''}, ${inputs.guest.key}`;
  if (good.inputs.guest.key !== bad.inputs.guest.key) add('guest', guest(good), guest(bad));
  for (const { name, key } of bad.inputs.clips) add('clip', `${name} ${good.inputs.clips.find((one) => one.name === name)?.key ?? key}`, `${name} ${key}`);
  add('lab', good.commit, bad.commit);
  const host = ({ world }: Ground): string => ['host kernel', 'host accelerator', 'host display'].map((name) => world[name] ?? '').join(', ');
  add('host', host(good), host(bad));
  return changes;
}

const PUT_BACK_BY: Readonly<Record<LayerChange['layer'], Swappable | null>> = { kernel: 'kernel', qemu: 'stack', virglrenderer: 'stack', mesa: 'stack', stack: 'stack', guest: 'guest', clip: 'clip', lab: null, host: null };

/** What to put back, one at a time: nothing where only one thing changed, since that is the answer. */
export function swapsFor(changed: readonly LayerChange[]): Swappable[] {
  const layers = [...new Set(changed.map(({ layer }) => PUT_BACK_BY[layer] ?? layer))];
  return layers.length < 2 ? [] : [...new Set(changed.flatMap(({ layer }) => PUT_BACK_BY[layer] ?? []))];
}

/** The run of tonight, with every layer pinned to what it was, but for one that is as it was in the good run. */
export function swapped(request: RunRequest, layer: Swappable, good: RunInputs, bad: RunInputs): RunRequest {
  const from = (of: Swappable): RunInputs => (of === layer ? good : bad);
  const clips = Object.fromEntries(bad.clips.map(({ name, key }) => [name, from('clip').clips.find((one) => one.name === name)?.key ?? key]));
  return { ...request, called: `${request.kernel.base}, the ${layer} as it was`, pins: { kernel: from('kernel').kernel, stack: from('stack').stack.key, guest: from('guest').guest.key, clips } };
}

/** What the changes and the swaps come to. */
export function verdictOf(changed: readonly LayerChange[], swaps: readonly Swap[]): Pick<Blame, 'fault' | 'verdict'> {
  const [only] = changed;
  const sides = new Set(changed.map(({ layer }) => PUT_BACK_BY[layer] ?? layer));
  if (only === undefined) return { fault: null, verdict: 'nothing that the lab records has changed between: look at what it does not record' };
  if (sides.size === 1) {
    const fault = PUT_BACK_BY[only.layer];
    return { fault, verdict: `only ${sayLayers(changed)} changed` };
  }
  const right = swaps.filter((one) => one.came === 'right').map((one) => one.layer);
  const [fault] = right;
  if (fault !== undefined && right.length === 1) return { fault, verdict: `with the ${fault} as it was it is right again${partsOf(fault, changed)}` };
  if (right.length > 1) return { fault: null, verdict: `each of ${right.join(', ')} as it was makes it right again: they go wrong together` };
  const gone = swaps.filter((one) => one.came === 'gone').map((one) => one.layer);
  if (gone.length > 0) return { fault: null, verdict: `${gone.join(', ')} as it was is no longer there, so that nobody can tell; the others are not at fault alone` };
  if (swaps.length === 0) return { fault: null, verdict: `${sayLayers(changed)} changed, and none was put back` };
  const rest = changed.filter(({ layer }) => PUT_BACK_BY[layer] === null).map(({ layer }) => layer);
  if (swaps.some((one) => one.came === 'unknown')) return { fault: null, verdict: 'the lab could not put back every layer that changed' };
  return { fault: null, verdict: rest.length > 0 ? `none of ${swaps.map((one) => one.layer).join(', ')} alone; the ${rest.join(' and the ')} changed too, and cannot be put back` : `none of ${swaps.map((one) => one.layer).join(', ')} alone: it takes more than one` };
}

function partsOf(fault: Swappable, changed: readonly LayerChange[]): string {
  const parts = changed.filter(({ layer }) => PUT_BACK_BY[layer] === fault);
  return `: ${parts.map(({ layer, before, after }) => `${layer} ${before} to ${after}`).join('; ')}`;
}

function sayLayers(changed: readonly LayerChange[]): string {
  return changed.map(({ layer, before, after }) => `the ${layer} (${before} to ${after})`).join(' and ');
}
