// npm run bench:verdicts: how often an evaluation calls one and the same kernel better or worse, and how often it finds a change that is there, from
// recorded boots. Writes bench/out/verdicts.json; ends with 1 when there are more false alarms than the 1 % that is promised. `-- --record 50` boots so many
// blocks of either kind and adds them to what is recorded; a block of either kind takes about two minutes.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PAIRS_PER_BLOCK } from '../src/evaluate/pairs.ts';
import { recordNoise } from './record-noise.ts';
import { drawRecorded, drawSimulated, evaluateDrawn, KINDS, missedDrawn, rateOf, RECORDED, Recording, type Draw, type Effect, type Rate } from './verdict-rates.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const PROMISED = 0.01;
const EVALUATIONS = { recorded: 2000, simulated: 10_000, power: 200, missed: 400 } as const;
const CHANGES_PCT = [1, 2, 5, 10] as const;

const at = process.argv.indexOf('--record');
if (at > 0) {
  await recordNoise(Number(process.argv[at + 1]));
  process.exit();
}
const recording = Recording.parse(JSON.parse(await readFile(RECORDED, 'utf8')));
const names = [...new Set(recording.blocks.flatMap(({ values }) => Object.keys(values)))];
const draws: Record<'recorded' | 'simulated', Draw> = { recorded: drawRecorded(recording), simulated: drawSimulated(recording) };

const falseAlarms = { recorded: alarms('recorded', EVALUATIONS.recorded), simulated: alarms('simulated', EVALUATIONS.simulated) };
const found = names.map((metric) => ({ metric, changes: CHANGES_PCT.map((pct) => ({ pct, ...power(draws.recorded, metric, pct) })) }));
const missed = { recorded: misses('recorded'), simulated: misses('simulated') };
const pairs = recording.blocks.length * PAIRS_PER_BLOCK;
const result = { at: new Date().toISOString(), conditions: recording.conditions, pairs, falseAlarms, missed, found };
await mkdir(join(CHECKOUT, 'bench/out'), { recursive: true });
await writeFile(join(CHECKOUT, 'bench/out/verdicts.json'), `${JSON.stringify(result, null, 2)}\n`);

process.stdout.write(`${String(pairs)} pairs of boots of one kernel (${recording.conditions})\n`);
for (const [from, rate] of Object.entries(falseAlarms)) process.stdout.write(`false alarms, ${from}: ${say(rate)}\n`);
for (const [from, rate] of Object.entries(missed)) process.stdout.write(`called equivalent though exactly as much more as matters, instructions, ${from}: ${say(rate)}\n`);
process.stdout.write('\nhow often a change is found: by the first look, and by the last\n');
for (const { metric, changes } of found) process.stdout.write(`${metric.padEnd(30)} ${changes.map(({ pct, first, ever }) => `${String(pct)} %: ${percent(first.rate)}, ${percent(ever.rate)}`).join('   ')}\n`);
process.exitCode = Object.values(falseAlarms).every(({ rate }) => rate <= PROMISED) ? 0 : 1;

/** Of evaluations in which any primary metric was called better or worse at any look. */
function alarms(from: keyof typeof draws, evaluations: number): Rate {
  let count = 0;
  for (let n = 0; n < evaluations; n++) if (evaluateDrawn(draws[from], { limits: recording.limits, effect: {}, kinds: KINDS }, n).size > 0) count++;
  process.stderr.write(`false alarms, ${from}: ${String(count)} of ${String(evaluations)}\n`);
  return rateOf(count, evaluations);
}

/** A change that is larger is missed less often. */
function misses(from: keyof typeof draws): Rate {
  const counting = names.filter((name) => name.includes('instructions'));
  const seen = Array.from({ length: EVALUATIONS.missed }, (_, n) => missedDrawn(draws[from], recording.limits, counting, n));
  const sum = (of: 'missed' | 'of'): number => seen.reduce((total, one) => total + one[of], 0);
  process.stderr.write(`missed, ${from}: ${String(sum('missed'))} of ${String(sum('of'))}\n`);
  return rateOf(sum('missed'), sum('of'));
}

function power(draw: Draw, metric: string, pct: number): { first: Rate; ever: Rate } {
  const effect: Effect = { [metric]: 1 + pct / 100 };
  let [first, ever] = [0, 0];
  for (let n = 0; n < EVALUATIONS.power; n++) {
    const called = evaluateDrawn(draw, { limits: recording.limits, effect, kinds: KINDS.filter((kind) => (kind === 'instructions') === metric.includes('instructions')) }, n).get(metric);
    if (called === 'first') first++;
    if (called !== undefined) ever++;
  }
  return { first: rateOf(first, EVALUATIONS.power), ever: rateOf(ever, EVALUATIONS.power) };
}

function say({ count, of, rate, low, high }: Rate): string {
  return `${String(count)} of ${String(of)}: ${percent(rate)} (95 %: ${percent(low)} to ${percent(high)})`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
