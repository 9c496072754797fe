// New kernels and packages: what Debian and the git remotes have now, against what the night before stood on. A new kernel of a base is what tonight tests.
import { basename } from 'node:path';
import type { Base } from '../contract/job.ts';
import type { NightBase, NightImage, NightProfile, NightRecord } from '../contract/night.ts';
import { builderImage, guestImage, stackImage } from '../image/images.ts';
import { newerPackages } from '../image/newest.ts';
import { isNewer, packageVersions } from '../kernel/package-versions.ts';
import { identityOf } from '../kernel/source.ts';
import { keyOf } from '../lib/files.ts';
import { messageOf } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import type { Watched } from '../night/bench.ts';
import { profileOf } from '../night/read-plan.ts';
import { listNights, nightBefore } from '../store/nights.ts';
import { answer, type Answer, type Context } from './command.ts';
import { counting } from './counting.ts';
import { plannedNight } from './planned-night.ts';

/** vlab nightly watch: only looks, and builds nothing. */
export async function nightlyWatch(context: Context, options: { plan: string; profile: string }): Promise<Answer<'nightly-watch'>> {
  const { file, plan, profileName, catalogue } = await plannedNight(context, { ...options, notify: [] });
  const before = nightBefore(await listNights(context.lab.config.home), basename(file), profileName);
  const { noticed, notes } = await watchAll(profileOf(plan, profileName), catalogue.bases, before, counting(context));
  const lines = [...noticed.map((one) => `new: ${one.what}: ${one.before ?? ''} to ${one.after}`), ...notes.map((one) => `note: ${one}`)];
  const nothing = before === undefined ? 'there is no night yet to hold them against; the first one: vlab nightly --wait' : `nothing newer than what ${before.id} had`;
  return answer('nightly-watch', { against: before?.id ?? null, noticed, notes }, lines.length === 0 ? nothing : lines.join('\n'));
}

/** Kernels, then the host sides and the guest. */
export async function watchAll(profile: NightProfile, bases: Readonly<Record<string, Base>>, before: NightRecord | undefined, making: Making): Promise<Watched> {
  const watched = await watchBases(Object.fromEntries(Object.entries(bases).filter(([name]) => profile.bases.includes(name))), before?.bases ?? [], making);
  const images = [...profile.stacks.map((name) => ({ kind: 'stack' as const, name })), { kind: 'guest' as const, name: profile.image }];
  for (const one of images) {
    const last = before?.images.find((other) => other.kind === one.kind && other.name === one.name);
    const word = before === undefined ? null : await watchImage({ ...one, fresh: last?.fresh ?? null }, watched, making);
    watched.images.push({ ...one, fresh: word });
  }
  return watched;
}

/** The word by which the image is to be made tonight: as the night before, unless Debian has something newer. */
async function watchImage(image: NightImage, { noticed, notes }: Watched, making: Making): Promise<NightImage['fresh']> {
  const { kind, name, fresh } = image;
  try {
    const record = await (kind === 'stack' ? stackImage : guestImage)(name, making, fresh ?? undefined);
    // A guest's image has no apt; its Mesa is that of the builder's Debian.
    const newer = await newerPackages(record, kind === 'stack' ? record.tag : (await builderImage(making)).tag, making);
    noticed.push(...newer.map((one) => ({ what: `${one.package} of ${kind} ${name}`, base: null, before: one.before, after: one.after })));
    return newer.length === 0 ? fresh : keyOf({ image: record.key, newer });
  } catch (error) {
    making.signal.throwIfAborted();
    notes.push(`Debian's index was not asked for new packages of ${kind} ${name}: ${messageOf(error)}`);
    return fresh;
  }
}

/** `bases`: those of the profile. A source that does not answer is told, and tonight goes on with what there was. */
export async function watchBases(bases: Readonly<Record<string, Base>>, before: readonly NightBase[], making: Making): Promise<Watched> {
  const watched: Watched = { wanted: new Map(), images: [], noticed: [], notes: [] };
  const packages = Object.entries(bases).flatMap(([name, base]) => ('package' in base ? [{ name, suite: base.suite, package: base.package }] : []));
  const found = await packageVersions(packages, 'usual', making).catch((error: unknown) => {
    making.signal.throwIfAborted();
    watched.notes.push(`Debian's index was not asked for new kernels: ${messageOf(error)}`);
    return [];
  });
  for (const one of packages) {
    const last = before.find((other) => other.base === one.name);
    const newest = found.find((other) => other.suite === one.suite && other.package === one.package);
    watched.wanted.set(one.name, last?.wanted ?? null);
    // The first night takes what is built already; what that is the second one knows.
    if (last === undefined || newest === undefined || !isNewer(newest.version, last.wanted ?? sourceOf(last.version))) continue;
    watched.wanted.set(one.name, newest.version);
    watched.noticed.push({ what: `${one.package} of ${one.suite}`, base: one.name, before: last.version, after: newest.version });
  }
  for (const [name, base] of Object.entries(bases)) if ('git' in base) await watchRef(name, base, before.find((one) => one.base === name), watched, making);
  return watched;
}

/** A branch is followed by itself: a job builds the commit that it names now. */
async function watchRef(name: string, base: Extract<Base, { git: string }>, last: NightBase | undefined, watched: Watched, { signal }: Making): Promise<void> {
  try {
    const commit = await identityOf(base, signal);
    if (last !== undefined && commit !== null && !last.version.includes(commit)) watched.noticed.push({ what: `${base.ref} of ${base.git}`, base: name, before: last.version, after: commit });
  } catch (error) {
    signal.throwIfAborted();
    watched.notes.push(`${base.git} was not asked for news of ${base.ref}: ${messageOf(error)}`);
  }
}

/** A kernel's version ends with its source's, in brackets. */
function sourceOf(version: string): string {
  return /\(([^()]+)\)$/.exec(version)?.[1] ?? version;
}
