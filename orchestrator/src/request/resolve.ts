// The names in a run request, looked up in this checkout: a worker elsewhere may know other names than the submitter did. What is not among those that
// the checkout has is refused here, before any of it becomes part of a path.
import { KernelSpec, type Base, type ClipSpec, type RunRequest } from '../contract/job.ts';
import type { Config } from '../lib/config.ts';
import { LabError } from '../lib/lab-error.ts';
import { readCatalogue } from './catalogue.ts';
import { foundFile } from './take-file.ts';

export type NamedClip = { name: string; spec: ClipSpec };
export type Resolved = { base: Base; clips: NamedClip[] };

export async function resolveNames(request: RunRequest, { checkout, home }: Pick<Config, 'checkout' | 'home'>): Promise<Resolved> {
  const { bases, clips, drivers, images, stacks } = await readCatalogue(checkout);
  known('image', request.image, images);
  known('stack', request.stack, stacks);
  for (const driver of request.drivers) known('driver', driver, drivers);
  return {
    base: atVersion(request.kernel, found('base', request.kernel.base, bases)),
    clips: await Promise.all(request.clips.map(async (clip) => (
      typeof clip === 'string' ? { name: clip, spec: found('clip', clip, clips) } : { name: clip.name, spec: await foundFile(clip, home) }
    ))),
  };
}

/** A Debian package as it is first fetched, or at one version. */
export function atVersion({ base: name, version }: Pick<KernelSpec, 'base' | 'version'>, base: Base): Base {
  if (version === undefined) return base;
  if (!('package' in base)) throw new LabError('NO_PACKAGE', `Expected a version of a base that is a Debian package, got ${version} of ${name}`, { blame: 'request', stage: 'request' });
  return { ...base, version };
}

/** `6.12`, or `6.12@6.12.115-2`: one of its Debian versions. */
export function splitBase(given: string): Pick<KernelSpec, 'base' | 'version'> {
  const [base = '', ...rest] = given.split('@');
  if (rest.length === 0) return { base };
  const { data: version } = KernelSpec.shape.version.safeParse(rest.join('@'));
  if (version === undefined) throw new LabError('USAGE', `Expected a base, or a base and one of its Debian versions such as 6.12@6.12.115-2, got "${given}"`, { blame: 'request', stage: 'request' });
  return { base, version };
}

function found<T>(what: string, name: string, map: Readonly<Record<string, T>>): T {
  const value = Object.hasOwn(map, name) ? map[name] : undefined;
  return value ?? unknown(what, name, Object.keys(map));
}

function known(what: string, name: string, names: readonly string[]): void {
  if (!names.includes(name)) unknown(what, name, names);
}

function unknown(what: string, name: string, names: readonly string[]): never {
  throw new LabError('UNKNOWN_NAME', `unknown ${what} "${name}"; known: ${names.join(', ')}`, { blame: 'request', stage: 'request' });
}
