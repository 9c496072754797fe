// A bisection in words: what is asked next, what a look came to, and at the end who did it, how sure that is and why. Pure.
import type { BisectDocument, Suspect } from '../contract/bisection.ts';
import { counted, printable, table, wrap } from '../report/text.ts';
import type { Ancestry } from './ancestry.ts';
import { tallied, type Asked, type Look, type Next, type Tally } from './bisect.ts';
import type { On } from './look-of.ts';
import type { Check } from './narrow.ts';

export type Told = Pick<BisectDocument, 'what' | 'of' | 'base' | 'on' | 'steps'> & {
  asked: Asked; /** The looks that the answer rests on, and what they looked at, where that was not everything. */ used: readonly Look[]; check: Check | undefined; next: Exclude<Next, { ask: string }>; history: Ancestry; described: (id: string) => Suspect; called: (id: string) => string;
};

type Question = { number: number; next: Extract<Next, { ask: string }>; name: string; places: number; unit: string; check: Check | undefined; /** Whether looks before this one found what to check. */ found: boolean };

export function sayQuestion({ number, next, name, places, unit, check, found }: Question): string {
  if (next.why === 'newest') return `look ${String(number)}: the newest of ${manyOf(places, unit)}${check === undefined ? '' : `${found ? ' again, from now on' : ','} with ${check.pipelines.join(', ')} only`}: ${name}`;
  const sure = next.confidence === null ? '' : `; ${percent(next.confidence)} for the likeliest so far`;
  return `look ${String(number)}, about ${String(next.left ?? 1)} to go${sure}: ${name}`;
}

export function manyOf(count: number, unit: string): string {
  return unit === 'patch' ? `${String(count)} patch${count === 1 ? '' : 'es'}` : counted(count, unit);
}

export function sayLook({ saw, why }: Pick<BisectDocument['steps'][number], 'saw' | 'why'>, on: On): string {
  return printable(`${sayShort(saw, on)}: ${why}`);
}

function sayShort(saw: Look['saw'], on: On): string {
  switch (saw) {
    case 'wrong': return on === 'correctness' ? 'bad, on two boots' : 'bad';
    case 'once': return 'seen on one boot and not on the next';
    case 'nothing': return on === 'correctness' ? 'not seen' : 'good';
    case 'same': return 'good: nothing to look at';
    case 'skip': return 'cannot be tried';
    default: return saw satisfies never;
  }
}

export function answerOf(told: Told): { document: BisectDocument; text: string } {
  const { what, of, base, on, next, steps, described } = told;
  const found = 'found' in next ? next.found.map(described) : [];
  const kernels = kernelsOf(told);
  const reasons = 'found' in next ? reasonsOf(told, next) : [];
  const why = 'found' in next ? `${sayFound(told, found)}; ${percent(next.confidence)} sure` : next.nothing;
  const document: BisectDocument = {
    what, of, base, on, found, why, confidence: 'found' in next ? next.confidence : null, enough: 'found' in next ? next.enough : null, reasons, kernels, steps,
  };
  return { document, text: textOf(document) };
}

function sayFound({ what, on, called, check }: Told, found: readonly Suspect[]): string {
  const by = check === undefined || check.pipelines.length > 1 ? '' : ` by ${check.pipelines.join(', ')}`;
  const wrong = on === 'correctness' ? `wrong${by}` : `worse in ${on}`;
  const [one] = found;
  if (found.length === 1 && one !== undefined) return `${what === 'git' ? called(one.id) : one.id} is the first that is ${wrong}`;
  const names = found.slice(0, 20).map((suspect) => (what === 'git' ? suspect.id.slice(0, 12) : suspect.id)).join(', ');
  return `it is one of ${names}${found.length > 20 ? ` and ${String(found.length - 20)} more` : ''}: those between could not be tried`;
}

/** In the order in which they came to be. */
function kernelsOf({ history, used, described, asked }: Told): BisectDocument['kernels'] {
  const tallies = tallied(used, history.heads[0] ?? '');
  return history.ids.flatMap((id) => {
    const tally = tallies.get(id);
    if (tally === undefined) return [];
    const { subject } = described(id);
    const unit = asked.model.kind === 'boots' ? 1 : 2;
    return [{ id, subject, is: tally.is, looks: used.filter((look) => look.at === id).length, shown: tally.shown / unit, missed: tally.missed }];
  });
}

function reasonsOf({ history, used, steps, asked, on }: Told, next: Extract<Next, { found: readonly string[] }>): string[] {
  const culprit = history.indexOf(next.found.at(-1) ?? '');
  const tallies = [...tallied(used, history.heads[0] ?? '')].filter(([, tally]) => tally.is !== 'skip').map(([id, tally]) => ({ at: history.indexOf(id), ...tally }));
  const [withIt, without] = [tallies.filter((one) => history.has(one.at, culprit)), tallies.filter((one) => !history.has(one.at, culprit))];
  const sum = (list: readonly Tally[], what: 'shown' | 'missed'): number => list.reduce((total, one) => total + one[what], 0);
  const [shown, missed, clean] = [sum(withIt, 'shown'), sum(withIt, 'missed'), sum(without, 'missed')];
  const figures = on === 'correctness'
    ? [`with it, ${String(shown)} of ${counted(shown + missed, 'boot')} showed it; another would with ${percent(next.rate)}`, ...(clean > 0 ? [`without it, none of ${counted(clean, 'look')} did`] : []), ...(without.some((one) => one.same) ? ['a kernel without it is its base, byte for byte'] : [])]
    : [`with it, ${String(shown / 2)} of ${counted(shown / 2 + missed, 'verdict')} were worse; without it, ${String(sum(without, 'shown') / 2)} of ${String(sum(without, 'shown') / 2 + clean)}`, `at most 5 of 1000 verdicts of worse are a false alarm, and at most 25 of 1000 others miss a change that matters`];
  const short = next.enough ? [] : [`that is less than the ${percent(asked.sure)} asked for: no kernel is left that would tell more, with at most ${counted(asked.most, 'look')} at each`];
  const before = used.length === steps.length ? [] : [`${counted(steps.length - used.length, 'look')} at everything came first, and only told what to look for`];
  return [...figures, ...before, ...short, 'if one change did it, and a kernel without it never shows it: docs/method.md'];
}

function textOf({ of, base, on, found, why, reasons, kernels, steps }: BisectDocument): string {
  const rows = kernels.map(({ id, subject, is, looks, shown, missed }) => [
    shortOf(id), is, counted(looks, 'look'), shown + missed === 0 ? '-' : `${String(shown)} of ${String(shown + missed)}`, steps.findLast((step) => step.at === id)?.evaluation ?? '-', subject === id ? '' : printable(subject),
  ]);
  const [one] = found;
  const who = found.length === 1 && one?.author ? [`    commit ${one.id}`, `    ${one.author}, ${one.date ?? ''}`] : [];
  return [
    wrap(printable(`${of} on ${base}: ${why}`), 96, '    '), ...who.map(printable),
    ...(rows.length === 0 ? [] : ['', table([['kernel', 'is', 'looked at', on === 'correctness' ? 'boots that showed it' : 'verdicts of worse', 'last evaluation', ''], ...rows])]),
    ...(reasons.length === 0 ? [] : ['', ...reasons.map((reason) => wrap(reason, 96, '    '))]),
  ].join('\n');
}

/** A commit's hash as people write it, a patch's number. */
function shortOf(id: string): string {
  return /^[0-9a-f]{40,64}$/.test(id) ? id.slice(0, 12) : id.replace(/^(\d{4})-.*\.patch$/, '$1');
}

function percent(share: number): string {
  const value = 100 * share;
  return `${value >= 99.95 ? '> 99.9' : value.toFixed(1)} %`;
}
