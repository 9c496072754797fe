// Debian's kernel versions as kernels that come one after another, each held against the first as it is: no patch, two bases. They are bases of
// kernel-patches/bases.yaml, or the versions that Debian has of one of them.
import type { EvaluationRecord } from '../contract/evaluation.ts';
import { sayBase, type Base } from '../contract/job.ts';
import { line } from '../evaluate/bisect.ts';
import { packageVersions } from '../kernel/package-versions.ts';
import { LabError } from '../lib/lab-error.ts';
import { readCatalogue, type Catalogue } from '../request/catalogue.ts';
import { atVersion, splitBase } from '../request/resolve.ts';
import type { BisectOptions } from './bisect.ts';
import type { Context } from './command.ts';
import { counting } from './counting.ts';
import { evaluate } from './evaluate.ts';
import type { Hunt } from './hunt.ts';

type Package = Extract<Base, { package: string }>;
type Bases = Readonly<Record<string, Package>>;

export async function debianHunt(context: Context, given: string, options: BisectOptions): Promise<Hunt> {
  if (options.base !== undefined) throw refusal(`Expected --debian without --base, got ${options.base}: the first of the versions is what the others are held against`);
  if (options.path.length > 0) throw refusal('Expected --path with a git range, got it with --debian: a Debian kernel is built as a whole');
  const bases = debianOf((await readCatalogue(context.lab.config.checkout)).bases);
  const { first, last, within } = rangeOf(given, bases);
  const names = within === undefined ? basesBetween(first, last, bases) : await versionsOf(within, bases, first, last, context);
  const [good = '', ...versions] = names;
  const baseOf = (id: string): { name: string; base: Base } => {
    const spec = splitBase(id);
    return { name: id, base: atVersion(spec, bases[spec.base] as Package) };
  };
  const described = (id: string): string => {
    const { base, version } = splitBase(id);
    const { package: name = '', suite = '' } = bases[base] ?? {};
    return version === undefined ? `${name} of ${suite}` : `${name} ${version}`;
  };
  return {
    what: 'debian', of: `Debian's kernels ${given}`, base: good, unit: 'version', places: line(versions),
    identity: within === undefined ? { versions: names.map(baseOf) } : { good: baseOf(good), newest: baseOf(versions.at(-1) ?? good) },
    described: (id) => ({ id, subject: described(id), author: null, date: null }),
    called: (id) => `${id} (${described(id)})`,
    evaluate: async (id, metric, narrow) => (await evaluate(context, [], { ...options, base: id, against: good, metric, ...(narrow === undefined ? {} : { narrow }) })).document as EvaluationRecord,
  };
}

function debianOf(bases: Catalogue['bases']): Bases {
  return Object.fromEntries(Object.entries(bases).flatMap(([name, base]) => ('package' in base && /^\d+(\.\d+)*$/.test(name) ? [[name, base] as const] : [])));
}

/** `within`: the base that both are versions of; undefined where both are bases. */
export function rangeOf(given: string, bases: Readonly<Record<string, unknown>>): { first: string; last: string; within: string | undefined } {
  const known = Object.keys(bases).sort(byVersion);
  const [, first = '', last = ''] = /^(\d[A-Za-z0-9.+~-]*?)\.\.(\d[A-Za-z0-9.+~-]*)$/.exec(given) ?? [];
  if (first === '' || last === '') throw refusal(`Expected two versions such as ${known[0] ?? '6.12'}..${known.at(-1) ?? '7.3'}, got "${given}"`);
  if (known.includes(first) && known.includes(last)) return { first, last, within: undefined };
  const [one, other] = [first, last].map((version) => known.find((name) => version.startsWith(`${name}.`) || version.startsWith(`${name}-`)));
  if (one !== undefined && one === other) return { first, last, within: one };
  throw refusal(`Expected two bases (${known.join(', ')}) or two Debian versions of one of them, such as 6.12.107-1..6.12.117-1, got ${given}: another base needs a line in kernel-patches/bases.yaml`);
}

/** In the order of their versions, from the first to the last. */
export function basesBetween(first: string, last: string, bases: Readonly<Record<string, unknown>>): string[] {
  return between(Object.keys(bases).sort(byVersion), first, last);
}

/** `known`: oldest first. Without its Debian revision a version is known too, where there is one such. */
export function versionsBetween(first: string, last: string, known: readonly string[]): string[] {
  const [from, to] = [first, last].map((given) => {
    const meant = known.includes(given) ? [given] : known.filter((one) => one.startsWith(`${given}-`));
    const [only] = meant;
    if (only !== undefined && meant.length === 1) return only;
    throw refusal(meant.length === 0 ? `Expected versions that Debian has (${known.join(', ')}), got ${given}` : `Expected one version, got ${given}, which is ${meant.join(' or ')}`);
  });
  return between(known, from ?? '', to ?? '');
}

function between(ordered: readonly string[], first: string, last: string): string[] {
  const names = ordered.slice(ordered.indexOf(first), ordered.indexOf(last) + 1);
  if (names.length < 2) throw refusal(`Expected the second version to be newer than the first, got ${first}..${last}`);
  return names;
}

async function versionsOf(name: string, bases: Bases, first: string, last: string, context: Context): Promise<string[]> {
  const base = bases[name] as Package;
  const found = await packageVersions([base], 'all', counting(context));
  return versionsBetween(first, last, found.map((one) => one.version).reverse()).map((version) => sayBase({ name, base: { ...base, version } }));
}

function byVersion(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => name.split('.').map(Number));
  for (let at = 0; at < Math.max(left?.length ?? 0, right?.length ?? 0); at++) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function refusal(message: string): LabError {
  return new LabError('USAGE', message, { blame: 'request', stage: 'request', hint: 'vlab bisect --debian 6.12..7.3' });
}
