// The names in a run request, looked up in this checkout: a worker elsewhere may know other names than the submitter did.
import type { Base, ClipSpec, RunRequest } from '../contract/job.ts';
import { LabError } from '../lib/lab-error.ts';
import { readCatalogue } from './catalogue.ts';

export type Resolved = { base: Base; clip: ClipSpec };

export async function resolveNames(request: RunRequest, checkout: string): Promise<Resolved> {
  const catalogue = await readCatalogue(checkout);
  return { base: found('base', request.kernel.base, catalogue.bases), clip: found('clip', request.clip, catalogue.clips) };
}

function found<T>(what: string, name: string, map: Readonly<Record<string, T>>): T {
  const value = Object.hasOwn(map, name) ? map[name] : undefined;
  if (value !== undefined) return value;
  throw new LabError('UNKNOWN_NAME', `unknown ${what} "${name}"; known: ${Object.keys(map).join(', ')}`, { blame: 'request', stage: 'request' });
}
