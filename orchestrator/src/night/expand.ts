// A profile of a plan to what is booted: every combination that makes sense, and of each that was left out by which rule. Pure.
import { WHOLE, type CellKey, type NightPlan, type NightProfile } from '../contract/night.ts';
import { Job, type Measure } from '../contract/job.ts';
import { canDecode, NO_CLIP, PIPELINES, type Codec, type Pipeline } from '../contract/pipeline.ts';

export type Expanded = {
  /** Each is one boot and one more for each measure; without the base's version, which is not known yet. */
  jobs: Job[];
  cells: CellKey[];
  pruned: { why: string; cells: number }[];
};

const UNDECODABLE = 'a pipeline takes only what its decoder can decode';

/** `codecs`: of every clip of the profile. */
export function expand(plan: NightPlan, profile: NightProfile, codecs: Readonly<Record<string, Codec>>): Expanded {
  const counts = new Map<string, number>([[UNDECODABLE, 0], ...plan.prune.map((rule) => [rule.why, 0] as const)]);
  const count = (why: string): void => { counts.set(why, (counts.get(why) ?? 0) + 1); };
  const cells: CellKey[] = [];
  const jobs: Job[] = [];
  for (const base of profile.bases) for (const flavour of profile.flavours) for (const stack of profile.stacks) for (const device of profile.devices) {
    const place = { base, flavour, stack, device };
    const byClips = new Map<string, { pipelines: Pipeline[]; clips: string[] }>();
    for (const pipeline of profile.pipelines) {
      const clips = clipsOf(pipeline, profile.clips).filter((clip) => {
        if (clip !== NO_CLIP && !canDecode(pipeline, codecs[clip] ?? 'any')) { count(UNDECODABLE); return false; }
        const rule = plan.prune.find((one) => matches(one, { ...place, pipeline, clip }));
        if (rule !== undefined) count(rule.why);
        return rule === undefined;
      });
      if (clips.length === 0) continue;
      cells.push(...clips.map((clip) => ({ ...place, pipeline, clip })));
      const key = JSON.stringify(clips);
      const group = byClips.get(key) ?? { pipelines: [], clips };
      group.pipelines.push(pipeline);
      byClips.set(key, group);
    }
    const groups = boots([...byClips.values()], codecs);
    if (groups.length > 0) cells.push({ ...place, pipeline: WHOLE, clip: NO_CLIP });
    jobs.push(...groups.map((group) => jobOf(place, group, profile)));
  }
  return { jobs, cells, pruned: [...counts].filter(([, cellsLeft]) => cellsLeft > 0).map(([why, cellsLeft]) => ({ why, cells: cellsLeft })) };
}

/** A camera needs no clip, and takes none. */
function clipsOf(pipeline: Pipeline, clips: readonly string[]): readonly string[] {
  return PIPELINES[pipeline].source === 'camera' ? [NO_CLIP] : clips;
}

type Group = { pipelines: Pipeline[]; clips: string[] };

/**
 * A boot takes every pipeline over every clip that it can decode. Two groups share a boot where that gives neither of them a clip that it was not
 * meant to have.
 */
function boots(groups: readonly Group[], codecs: Readonly<Record<string, Codec>>): Group[] {
  const merged: Group[] = [];
  for (const group of groups) {
    const host = merged.find((one) => !takesMore(one, group, codecs) && !takesMore(group, one, codecs));
    if (host === undefined) merged.push({ pipelines: [...group.pipelines], clips: [...group.clips] });
    else {
      host.pipelines.push(...group.pipelines);
      host.clips.push(...group.clips.filter((clip) => !host.clips.includes(clip)));
    }
  }
  return merged;
}

function takesMore(one: Group, other: Group, codecs: Readonly<Record<string, Codec>>): boolean {
  return other.clips.some((clip) => clip !== NO_CLIP && !one.clips.includes(clip) && one.pipelines.some((pipeline) => canDecode(pipeline, codecs[clip] ?? 'any')));
}

function jobOf({ base, flavour, stack, device }: Pick<CellKey, 'base' | 'flavour' | 'stack' | 'device'>, { pipelines, clips }: Group, { image, measure }: NightProfile): Job {
  const kinds: Measure[] = [...measure];
  return Job.parse({ title: `${base}, ${device}`, kernels: [{ base }], flavour, image, stack, device, pipelines, clips: clips.filter((clip) => clip !== NO_CLIP).length === 0 ? undefined : clips.filter((clip) => clip !== NO_CLIP), measure: kinds });
}

const KEYS = ['base', 'flavour', 'stack', 'device', 'pipeline', 'clip'] as const;

/** Whether every key that a rule gives has the cell's value among those that it names. */
export function matches(rule: Partial<Record<(typeof KEYS)[number], string[] | undefined>>, cell: CellKey): boolean {
  return KEYS.every((key) => rule[key]?.includes(cell[key]) ?? true);
}

export function keyOfCell({ base, flavour, stack, device, pipeline, clip }: CellKey): string {
  return JSON.stringify([base, flavour, stack, device, pipeline, clip]);
}
