// npm run bench:faults: runs jobs/faults.yaml on real guests and prints, per fault and pipeline, whether the lab saw it and named it rightly.
// Writes bench/out/faults.json; with `-- --docs` the table goes to docs/faults-table.md too. Ends with 1 when a fault was missed or misnamed.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { $ } from 'zx';
import { RunDocument, type PipelineRow } from '../src/contract/documents.ts';
import { Fault } from '../src/contract/fault.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
$.quiet = true;

const document = RunDocument.parse(JSON.parse((await $`node ${join(CHECKOUT, 'orchestrator/bin/vlab.js')} run ${join(CHECKOUT, 'jobs/faults.yaml')} --quiet --json`.nothrow()).stdout));
const rows = document.runs.flatMap((run) => run.pipelines);
const tried = rows.filter((row) => row.fault !== null && row.status !== 'unavailable' && row.status !== 'not-run');
const clean = rows.filter((row) => row.fault === null);
const result = {
  at: new Date().toISOString(),
  // A lab that calls everything wrong would catch every fault: the same passes without one must be right.
  clean: clean.map(({ pipeline, clip, status }) => ({ pipeline, clip, status })),
  faults: tried.map(({ fault, pipeline, clip, caught, named, defect, party, why }) => ({ fault, pipeline, clip, caught, named, defect, party, why })),
  caught: tried.filter((row) => row.caught === true).length,
  named: tried.filter((row) => row.named === true).length,
  total: tried.length,
};
await mkdir(join(CHECKOUT, 'bench/out'), { recursive: true });
await writeFile(join(CHECKOUT, 'bench/out/faults.json'), `${JSON.stringify(result, null, 2)}\n`);
const text = tableOf(rows);
process.stdout.write(`${text}\n${String(result.caught)} of ${String(result.total)} caught, ${String(result.named)} called by their right name\n`);
for (const row of tried.filter((one) => one.named !== true)) process.stdout.write(`  ${row.fault ?? ''} in ${row.pipeline} on ${row.clip}: ${row.caught === true ? `called ${row.defect ?? '?'} (${row.party ?? '?'})` : 'not seen'}: ${row.why}\n`);
if (process.argv.includes('--docs')) await writeFile(join(CHECKOUT, 'docs/faults-table.md'), page(text));
const wrongly = clean.filter((row) => row.status !== 'passed' && row.status !== 'unavailable');
for (const row of wrongly) process.stdout.write(`  without a fault, ${row.pipeline} on ${row.clip} is ${row.status}: ${row.why}\n`);
process.exitCode = result.named === result.total && result.total > 0 && wrongly.length === 0 ? 0 : 1;

/** One row per fault, one column per pipeline: what the lab called it, on every clip to which it applies. */
function tableOf(all: readonly PipelineRow[]): string {
  const pipelines = [...new Set(all.map((row) => row.pipeline))];
  const lines = [`| fault | ${pipelines.join(' | ')} |`, `|---|${pipelines.map(() => '---').join('|')}|`];
  for (const fault of Fault.options) {
    const cells = pipelines.map((pipeline) => cellOf(all.filter((row) => row.fault === fault && row.pipeline === pipeline)));
    lines.push(`| ${fault} | ${cells.join(' | ')} |`);
  }
  return lines.join('\n');
}

function cellOf(rows_: readonly PipelineRow[]): string {
  const said = rows_.filter((row) => row.status !== 'unavailable').map((row) => (row.caught !== true ? 'MISSED' : `${row.named === true ? '' : 'MISNAMED '}${row.defect ?? '?'} (${row.party ?? '?'})`));
  return said.length === 0 ? 'does not apply' : [...new Set(said)].join(', ');
}

function page(table: string): string {
  return `# Faults made on purpose, and what the lab called them\n\nPrinted by \`npm run bench:faults -- --docs\`; [faults.md](faults.md) tells what each fault does and how a name is found.\n\n${table}\n`;
}
