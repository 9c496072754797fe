// Holds every figure against what is wanted of it, and says which of them is the worst. Pure.
import type { Figures } from './figures.ts';

/** The size at which all of it is wanted. */
export const WANTED_RUNS = 100_000;
/** Five million at that size. */
const SAMPLES_PER_RUN = 50;

const WAYS = {
  'below': (got: number, wanted: number): boolean => got < wanted,
  'above': (got: number, wanted: number): boolean => got > wanted,
  'at least': (got: number, wanted: number): boolean => got >= wanted,
} as const;
type Wanted = { way: keyof typeof WAYS; wanted: number; unit: string };

/** `of`: the names of its figures; what is in brackets tells one from another. Names are matched from the first limit to the last. */
const LIMITS: readonly (Wanted & { what: string; of: RegExp })[] = [
  { what: 'runs that come in', way: 'above', wanted: 500, unit: 'runs/s', of: /^ingest, runs\/s$/ },
  { what: 'change points of a series, p95', way: 'below', wanted: 50, unit: 'ms', of: /^change points of a series, (.+), p95 ms$/ },
  { what: 'data of a page, p95', way: 'below', wanted: 200, unit: 'ms', of: /^(.+), p95 ms$/ },
  { what: 'first paint of a page', way: 'below', wanted: 1000, unit: 'ms', of: /^(.+), first paint, worst ms$/ },
  // Of 1000 bytes each, as it is measured: headers are part of it.
  { what: 'weight of a page, compressed', way: 'below', wanted: 300, unit: 'kB', of: /^(.+), kB over the wire$/ },
];

/** `size`: the runs that were made up; `runs` and `samples`: what the record has of them. */
export type Measured = { size: number; runs: number; samples: number; figures: Figures };
/** `got`: the worst of `figures` figures, NaN where one is missing; `worst`: whose that is, where there are several. */
export type Judged = Wanted & { what: string; got: number; worst: string; figures: number; holds: boolean };
/** `asWanted`: whether it was measured at the size that is wanted; whatever holds at another size says nothing of that. */
export type Verdict = { size: number; asWanted: boolean; holds: boolean; limits: Judged[] };

export function judge({ size, runs, samples, figures }: Measured): Verdict {
  const limits = [
    judgeOne('runs in the record', { way: 'at least', wanted: size, unit: 'runs' }, [['', runs]]),
    judgeOne('samples in the record', { way: 'at least', wanted: size * SAMPLES_PER_RUN, unit: 'samples' }, [['', samples]]),
    ...LIMITS.map(({ what, of, ...wanted }) => judgeOne(what, wanted, Object.entries(figures).filter(([name]) => limitOf(name)?.of === of).map(([name, value]) => [of.exec(name)?.[1] ?? '', value]))),
    // A figure by a new name would be held against nothing.
    ...Object.entries(figures).filter(([name]) => limitOf(name) === undefined).map(([name, got]) => judgeOne(name, { way: 'below', wanted: NaN, unit: '' }, [['', got]])),
  ];
  return { size, asWanted: size >= WANTED_RUNS, holds: limits.every((one) => one.holds), limits };
}

function limitOf(name: string): (typeof LIMITS)[number] | undefined {
  return LIMITS.find(({ of }) => of.test(name));
}

function judgeOne(what: string, wanted: Wanted, figures: readonly (readonly [string, number])[]): Judged {
  const badness = ([, value]: readonly [string, number]): number => (Number.isFinite(value) ? value * (wanted.way === 'below' ? 1 : -1) : Infinity);
  const [worst = '', got = NaN] = [...figures].sort((one, other) => badness(other) - badness(one))[0] ?? [];
  return { what, ...wanted, got, worst, figures: figures.length, holds: Number.isFinite(got) && WAYS[wanted.way](got, wanted.wanted) };
}

export function sayVerdict({ size, asWanted, holds, limits }: Verdict): string[] {
  const at = `${number(size)} runs${asWanted ? '' : `, which is not the size that is wanted, ${number(WANTED_RUNS)}`}`;
  return [
    `judged at ${at}`,
    row('', 'wanted', 'got', 'holds'),
    ...limits.map(({ what, way, wanted, unit, got, worst, figures, holds: one }) =>
      row(what, Number.isNaN(wanted) ? 'no limit is known' : `${way} ${number(wanted)} ${unit}`, `${Number.isFinite(got) ? number(got) : 'nothing'}${figures > 1 ? ` (${worst}; the worst of ${number(figures)})` : ''}`, one ? 'yes' : 'NO')),
    `${holds ? 'all of it holds' : 'not all of it holds'} at ${at}`,
  ];
}

function row(what: string, wanted: string, got: string, holds: string): string {
  return `${what.padEnd(32)} ${wanted.padEnd(28)} ${got.padEnd(72)} ${holds}`;
}

function number(value: number): string {
  return value.toLocaleString('en-GB', { maximumFractionDigits: 1 });
}
