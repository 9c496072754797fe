// For what is new and was right once: what changed in between, and, where that is more than one thing, which of it is at fault. Each layer is put back as it
// was, alone, and booted.
import type { NightId, RunId } from '../contract/ids.ts';
import type { RunInputs } from '../contract/inputs.ts';
import type { Blame, CellKey, NightCell } from '../contract/night.ts';
import { further, narrowed, type NightState } from './bench.ts';
import { keyOfCell } from './expand.ts';
import { groupsOf } from './groups.ts';
import { changedLayers, swapped, swapsFor, verdictOf, type Ground } from './layers.ts';
import { observe } from './observe.ts';

export async function blamesFor(state: NightState, cells: readonly NightCell[]): Promise<Blame[]> {
  const blames: Blame[] = [];
  const fresh = cells.filter((one) => one.change === 'new' && one.lastGood !== null);
  let left = state.asked.profile.swaps;
  for (const of of groupsOf(fresh, (one) => `${one.run} ${one.lastGood?.run ?? ''}`).values()) {
    const [first] = of;
    if (first?.lastGood == null) continue;
    const blame = await blameOf(state, of, first.lastGood, first.run, left);
    left -= blame.swaps.filter((one) => one.run !== null).length;
    blames.push(blame);
  }
  return blames;
}

async function blameOf(state: NightState, cells: readonly NightCell[], good: NonNullable<NightCell['lastGood']>, bad: RunId, left: number): Promise<Blame> {
  const keys = cells.map(({ base, flavour, stack, device, pipeline, clip }) => ({ base, flavour, stack, device, pipeline, clip }));
  const [was, is] = [await groundOf(state, good.run, good.night), await groundOf(state, bad, state.asked.id)];
  if (was === undefined || is === undefined) {
    return { cells: keys, good, bad, changed: [], swaps: [], fault: null, verdict: `what run ${was === undefined ? good.run : bad} was made of is not kept${is === undefined ? ': it came to no guest' : ''}, so that nothing can be put back` };
  }
  const changed = changedLayers(was, is);
  const layers = swapsFor(changed);
  if (layers.length > left) return { cells: keys, good, bad, changed, swaps: [], ...verdictOf(changed, []), verdict: `${verdictOf(changed, []).verdict}; the profile allows no more boots for that` };
  const swaps = layers.length === 0 ? [] : await swapEach(state, keys, { good: was.inputs, bad: is.inputs }, layers);
  return { cells: keys, good, bad, changed, swaps, ...verdictOf(changed, swaps) };
}

async function groundOf({ asked, bench }: NightState, run: RunId, night: NightId): Promise<Ground | undefined> {
  const [inputs, record] = [await bench.inputs(run), await bench.record(run)];
  if (inputs === undefined || record === undefined) return undefined;
  const commit = night === asked.id ? asked.commit : await bench.commit(night);
  return { inputs, world: await bench.world(run), kernel: record.kernel?.version ?? '', commit };
}

async function swapEach(state: NightState, cells: readonly CellKey[], { good, bad }: { good: RunInputs; bad: RunInputs }, layers: readonly Blame['swaps'][number]['layer'][]): Promise<Blame['swaps']> {
  const { bench } = state;
  const job = bench.newJob('further boots');
  const requests = layers.map((layer) => narrowed(swapped({ ...bad.request, id: bench.newRun(), job }, layer, good, bad), cells));
  const records = await further(state, job, 'one layer as it was', requests);
  return layers.map((layer, at) => {
    const request = requests[at];
    const record = records.find((one) => one.id === request?.id);
    if (record === undefined) return { layer, came: 'unknown' as const, run: null, why: 'no worker brought it to its end' };
    if (record.outcome.kind === 'rejected') return { layer, came: 'gone' as const, run: record.id, why: record.outcome.why };
    // It is called after the layer that was put back; its cells are those of the night.
    const seen = observe({ ...record, base: request?.kernel.base ?? record.base }).filter((one) => cells.some((cell) => keyOfCell(cell) === keyOfCell(one.key)));
    const came = seen.length === 0 || seen.some((one) => one.state === 'unknown') ? 'unknown' as const : seen.every((one) => one.state === 'right') ? 'right' as const : 'wrong' as const;
    return { layer, came, run: record.id, why: record.outcome.why };
  });
}
