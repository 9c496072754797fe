// A file such as jobs/nightly.yaml to a plan, or to an error that names file, line and the nearest word that would have been right. Runs nothing.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { NightPlan, type NightProfile } from '../contract/night.ts';
import type { Codec } from '../contract/pipeline.ts';
import { isMissing, LabError, messageOf } from '../lib/lab-error.ts';
import { readYaml } from '../lib/yaml.ts';
import type { Catalogue } from '../request/catalogue.ts';
import { nearest } from '../request/check-job.ts';

const AXES = [['base', 'bases'], ['stack', 'stacks'], ['clip', 'clips']] as const;

export async function readPlan(path: string, catalogue: Catalogue): Promise<NightPlan> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new LabError('NO_PLAN', `Expected a plan of a night at ${path}, ${isMissing(cause) ? 'found none' : messageOf(cause)}`, { blame: 'request', stage: 'request', hint: 'vlab nightly --plan jobs/nightly.yaml', cause });
  });
  return parsePlan(text, basename(path), catalogue);
}

export function parsePlan(text: string, file: string, catalogue: Catalogue): NightPlan {
  const reject = (line: number, message: string): never => { throw new LabError('BAD_PLAN', `${file}:${String(line)}: ${message}`, { blame: 'request', stage: 'request', hint: 'docs/nights.md' }); };
  const { data, lineAt } = readYaml(text, reject);
  const parsed = NightPlan.safeParse(data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const at = issue?.path ?? [];
    return reject(lineAt(at), `${at.length === 0 ? 'the file' : `"${at.map(String).join('.')}"`}: ${issue?.message ?? 'not a plan'}`);
  }
  checkNames(parsed.data, catalogue, (at, message) => reject(lineAt(at), message));
  return parsed.data;
}

type Reject = (at: readonly PropertyKey[], message: string) => never;

/** Every name is one of the checkout's; and a rule that no profile has a value for could never be of use. */
function checkNames(plan: NightPlan, catalogue: Catalogue, reject: Reject): void {
  const known = { base: Object.keys(catalogue.bases), stack: catalogue.stacks, clip: Object.keys(catalogue.clips) } as const;
  const profiles = Object.entries(plan.profiles);
  if (profiles.length === 0) reject(['profiles'], 'Expected a profile');
  for (const [name, profile] of profiles) {
    for (const [what, axis] of AXES) {
      profile[axis].forEach((word, at) => { if (!known[what].includes(word)) reject(['profiles', name, axis, at], `unknown ${what} "${word}"${nearest(word, known[what])}`); });
    }
    if (!catalogue.images.includes(profile.image)) reject(['profiles', name, 'image'], `unknown image "${profile.image}"${nearest(profile.image, catalogue.images)}`);
    profile.selfTest.leaveOut.forEach((series, at) => { if (!catalogue.series.includes(series)) reject(['profiles', name, 'selfTest', 'leaveOut', at], `unknown series "${series}"${nearest(series, catalogue.series)}`); });
  }
  for (const list of ['prune', 'known'] as const) {
    plan[list].forEach((rule, at) => {
      for (const [what, axis] of [['base', 'bases'], ['flavour', 'flavours'], ['stack', 'stacks'], ['device', 'devices'], ['pipeline', 'pipelines'], ['clip', 'clips']] as const) {
        const there = new Set<string>(profiles.flatMap(([, profile]) => profile[axis]));
        const stray = rule[what]?.find((word) => !there.has(word) && !['none', 'whole'].includes(word));
        if (stray !== undefined) reject([list, at, what], `${what} "${stray}" is in no profile, so that this could never apply${nearest(stray, [...there])}`);
      }
    });
  }
}

export function profileOf(plan: NightPlan, name: string): NightProfile {
  const profile = Object.hasOwn(plan.profiles, name) ? plan.profiles[name] : undefined;
  if (profile !== undefined) return profile;
  throw new LabError('UNKNOWN_NAME', `unknown profile "${name}"${nearest(name, Object.keys(plan.profiles))}`, { blame: 'request', stage: 'request', hint: 'vlab nightly --profile quick' });
}

/** What each clip of a profile has to be decoded by. */
export function codecsOf(clips: readonly string[], catalogue: Catalogue): Record<string, Codec> {
  return Object.fromEntries(clips.flatMap((name) => { const clip = catalogue.clips[name]; return clip === undefined ? [] : [[name, clip.codec]]; }));
}
