// Debian's kernel versions as kernels that come one after another, each held against the first as it is: no patch, two bases.
import type { EvaluationRecord } from '../contract/evaluation.ts';
import { line } from '../evaluate/bisect.ts';
import { LabError } from '../lib/lab-error.ts';
import { readCatalogue, type Catalogue } from '../request/catalogue.ts';
import type { BisectOptions } from './bisect.ts';
import type { Context } from './command.ts';
import { evaluate } from './evaluate.ts';
import type { Hunt } from './hunt.ts';

export async function debianHunt(context: Context, given: string, options: BisectOptions): Promise<Hunt> {
  if (options.base !== undefined) throw refusal(`Expected --debian without --base, got ${options.base}: the first of the versions is what the others are held against`);
  if (options.path.length > 0) throw refusal('Expected --path with a git range, got it with --debian: a Debian kernel is built as a whole');
  const { bases } = await readCatalogue(context.lab.config.checkout);
  const { good, versions } = versionsBetween(given, bases);
  return {
    what: 'debian', of: `Debian's kernels ${given}`, base: good, unit: 'version', identity: { versions: [good, ...versions].map((name) => ({ name, base: bases[name] })) }, places: line(versions),
    described: (id) => ({ id, subject: packageOf(bases, id), author: null, date: null }),
    called: (id) => `${id} (${packageOf(bases, id)})`,
    evaluate: async (id, metric, check) => (await evaluate(context, [], { ...options, base: id, against: good, metric, ...(check === undefined ? {} : { check }) })).document as EvaluationRecord,
  };
}

/** Those of kernel-patches/bases.yaml that are Debian's, in the order of their versions; `versions` are those after the good one, up to the bad one. */
export function versionsBetween(given: string, bases: Catalogue['bases']): { good: string; versions: string[] } {
  const known = Object.entries(bases).filter(([name, base]) => 'package' in base && /^\d+(\.\d+)*$/.test(name)).map(([name]) => name).sort(byVersion);
  const [, good = '', bad = ''] = /^(\d+(?:\.\d+)*)\.\.(\d+(?:\.\d+)*)$/.exec(given) ?? [];
  if (good === '' || bad === '') throw refusal(`Expected two versions such as ${known[0] ?? '6.12'}..${known.at(-1) ?? '7.3'}, got "${given}"`);
  for (const name of [good, bad]) {
    if (!known.includes(name)) throw refusal(`Expected versions of ${known.join(', ')}, got ${name}: another one needs a line in kernel-patches/bases.yaml`);
  }
  const versions = known.slice(known.indexOf(good) + 1, known.indexOf(bad) + 1);
  if (versions.length === 0) throw refusal(`Expected the second version to be newer than the first, got ${given}`);
  return { good, versions };
}

function byVersion(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => name.split('.').map(Number));
  for (let at = 0; at < Math.max(left?.length ?? 0, right?.length ?? 0); at++) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function packageOf(bases: Catalogue['bases'], name: string): string {
  const base = bases[name];
  return base !== undefined && 'package' in base ? `${base.package} of ${base.suite}` : '';
}

function refusal(message: string): LabError {
  return new LabError('USAGE', message, { blame: 'request', stage: 'request', hint: 'vlab bisect --debian 6.12..7.3' });
}
