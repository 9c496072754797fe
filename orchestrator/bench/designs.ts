// npm run docs:designs: runs jobs/designs-2019.yaml on real guests and writes docs/designs-2019.md from what came of it. With `-- j-...` it is written from
// that job, which has been run before. What the page says of the thread is in designs-prose.ts; every figure and every verdict is from the run.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { $ } from 'zx';
import { RunDocument } from '../src/contract/documents.ts';
import { RunRecord } from '../src/contract/run.ts';
import { pageOf, type Versions } from './designs-page.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const VLAB = join(CHECKOUT, 'orchestrator/bin/vlab.js');
$.quiet = true;

const [given] = process.argv.slice(2);
const said = given === undefined ? await $`node ${VLAB} run ${join(CHECKOUT, 'jobs/designs-2019.yaml')} --quiet --json`.nothrow() : await $`node ${VLAB} show ${given} --json`.nothrow();
const document = RunDocument.parse(JSON.parse(said.stdout));
const early = document.runs.filter((run) => run.outcome.stage !== 'verify');
if (early.length > 0 || document.table === undefined) {
  process.stderr.write(`not written: ${early.map((run) => `${run.id}: ${run.outcome.kind} at ${run.outcome.stage}: ${run.outcome.why}`).join('\n') || 'the job asked for no property'}\n`);
  process.exit(1);
}
await writeFile(join(CHECKOUT, 'docs/designs-2019.md'), pageOf(document, document.table, await versionsOf(document)));
process.stdout.write(`docs/designs-2019.md, from ${document.job}: ${String(document.runs.length)} runs, ${String(document.table.length)} answers\n`);

async function versionsOf({ runs }: RunDocument): Promise<Versions> {
  const records = await Promise.all(runs.map(async ({ folder }) => RunRecord.parse(JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')))));
  const [first] = runs;
  const packages = (JSON.parse(await readFile(join(first?.folder ?? '', 'versions.json'), 'utf8')) as { stack: { packages: Record<string, string> }; guest: { packages: Record<string, string> } });
  return {
    at: records[0]?.startedAt.slice(0, 10) ?? '', kernels: [...new Set(records.map((record) => record.kernel?.version ?? ''))], compiler: records[0]?.kernel?.compiler ?? '',
    accelerator: records[0]?.accelerator ?? '', renderer: records[0]?.renderer ?? '',
    qemu: packages.stack.packages['qemu-system-x86'] ?? '', virglrenderer: packages.stack.packages['libvirglrenderer1'] ?? '', mesa: packages.stack.packages['libgl1-mesa-dri'] ?? '',
  };
}
