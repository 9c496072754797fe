// The names in a run request, looked up in this checkout: a worker elsewhere may know other names than the submitter did.
import { basename } from 'node:path';
import type { Base, ClipName, ClipSpec, RunRequest } from '../contract/job.ts';
import { LabError } from '../lib/lab-error.ts';
import { readBases, readClips } from './catalogue.ts';

export type NamedClip = { name: string; spec: ClipSpec };
export type Resolved = { base: Base; clips: NamedClip[] };

export async function resolveNames(request: RunRequest, checkout: string): Promise<Resolved> {
  const clips = await readClips(checkout);
  return {
    base: found('base', request.kernel.base, await readBases(checkout)),
    clips: request.clips.map((clip) => ({ name: nameOfClip(clip), spec: typeof clip === 'string' ? found('clip', clip, clips) : clip })),
  };
}

/** A user's file goes by its own name. */
export function nameOfClip(clip: ClipName): string {
  return typeof clip === 'string' ? clip : (clip.name ?? basename(clip.file));
}

function found<T>(what: string, name: string, map: Readonly<Record<string, T>>): T {
  const value = Object.hasOwn(map, name) ? map[name] : undefined;
  if (value !== undefined) return value;
  throw new LabError('UNKNOWN_NAME', `unknown ${what} "${name}"; known: ${Object.keys(map).join(', ')}`, { blame: 'request', stage: 'request' });
}
