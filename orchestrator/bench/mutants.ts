// npm run bench:mutants: runs jobs/mutants.yaml on real guests and prints, per mutant, what caught it, and whether under its right name.
// Writes bench/out/mutants.json; with `-- --docs` the table of a run that came to its end goes to docs/mutants.md too. Ends with 1 when one was missed or
// misnamed, or a right one blamed.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { $ } from 'zx';
import { RunDocument, type MutantRow } from '../src/contract/documents.ts';
import { Series } from '../src/contract/job.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
$.quiet = true;

const document = RunDocument.parse(JSON.parse((await $`node ${join(CHECKOUT, 'orchestrator/bin/vlab.js')} run ${join(CHECKOUT, 'jobs/mutants.yaml')} --quiet --json`.nothrow()).stdout));
const { mutants = [], caught = 0, total = 0, falseAlarms = 0, seconds, runs } = document;
const named = mutants.filter((row) => row.named === true).length;
const result = { at: new Date().toISOString(), seconds, caught, named, total, falseAlarms, right: mutants.length - total, mutants };
await mkdir(join(CHECKOUT, 'bench/out'), { recursive: true });
await writeFile(join(CHECKOUT, 'bench/out/mutants.json'), `${JSON.stringify(result, null, 2)}\n`);

const lines = ['| series | kernel | breaks | outcome | caught by | named right | seconds | seen |', '|---|---|---|---|---|---|---|---|'];
for (const row of mutants) lines.push(`| ${await cellsOf(row)} |`);
const sentence = `Caught: ${String(caught)} of ${String(total)}, ${String(named)} under their right name. False alarms: ${String(falseAlarms)} of ${String(result.right)}. ${String(runs.length)} guests in ${String(Math.round(seconds))} s.`;
process.stdout.write(`${lines.join('\n')}\n\n${sentence}\n`);
const whole = runs.every((run) => run.outcome.kind !== 'cancelled' && run.outcome.kind !== 'broken');
if (process.argv.includes('--docs') && whole) await writeFile(join(CHECKOUT, 'docs/mutants.md'), page());
const bases = runs.filter((run) => run.series === null && !run.asExpected);
for (const run of bases) process.stdout.write(`  the base itself is ${run.outcome.kind}: ${run.outcome.why}\n`);
process.exitCode = named === total && total > 0 && falseAlarms === 0 && bases.length === 0 ? 0 : 1;

async function cellsOf(row: MutantRow): Promise<string> {
  const { breaks, title } = Series.parse(parse(await readFile(join(CHECKOUT, 'kernel-patches', row.series, 'series.yaml'), 'utf8')));
  const name = row.named === null ? '-' : row.named ? 'yes' : 'NO';
  return [row.series, row.flavour, breaks ?? title, row.got, row.caughtBy ?? '-', name, row.seconds.toFixed(1), row.called].join(' | ');
}

function page(): string {
  return `# Kernels that are wrong on purpose, and what the lab called them

Printed by \`npm run bench:mutants -- --docs\`, which runs \`jobs/mutants.yaml\`. Each row is a guest: the outcome goes by what is in "caught by"; "seen" has every
detector that saw something, and its name for it; "named right" is whether the detector that the series names was among them, with the name that
it names (\`detector\` and \`seenAs\` in its series.yaml). Those that are only slow are for an evaluation to find; here they must pass.

${sentence}

${lines.join('\n')}
`;
}
