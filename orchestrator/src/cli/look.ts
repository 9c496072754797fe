// vlab show, logs, status: look, change nothing.
import { createReadStream } from 'node:fs';
import { watch } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { StampedEvent } from '../contract/event.ts';
import { RunId } from '../contract/ids.ts';
import type { RunRecord } from '../contract/run.ts';
import { exists } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { nightAlarm } from '../night/alarm.ts';
import { remarksOn } from '../report/kernel-report.ts';
import { documentOf, exitCodeOf, runTable } from '../report/run-report.ts';
import { duration, printable, table, wrap } from '../report/text.ts';
import { workerLines } from '../report/worker-report.ts';
import { layout, RUN_FILES } from '../store/layout.ts';
import { checkedId, listJobs, readJobRecord, readRun } from '../store/read.ts';
import { answer, type Answer, type Context } from './command.ts';
import { VERSION, withQueueView } from './working.ts';

export async function show(context: Context, given: string): Promise<Answer<'show'>> {
  const { home } = context.lab.config;
  const id = checkedId(given);
  if (id.startsWith('j-')) return showJob(context, id);
  const folder = layout.run(home, id);
  const record = await readRun(home, id);
  if (record !== undefined) return answer('show', { run: record, folder }, describe(record, folder));
  const state = await withQueueView(makingOf(context), (queue) => queue.stateOf(id));
  if (state === 'unknown' && !(await exists(folder))) throw unknown(id);
  return answer('show', { id: RunId.parse(id), state, folder }, `${id}: not sealed; the queue says ${state}. Follow it: vlab logs ${id} --follow`);
}

async function showJob({ lab }: Context, id: string): Promise<Answer<'show'>> {
  const { home } = lab.config;
  const job = await readJobRecord(home, id);
  if (job === undefined) throw unknown(id);
  const records = (await Promise.all(job.runs.map((run) => readRun(home, run.id)))).filter((record) => record !== undefined);
  const ends = records.map((record) => Date.parse(record.sealedAt));
  const seconds = ends.length === 0 ? 0 : (Math.max(...ends) - Date.parse(job.submittedAt)) / 1000;
  const document = documentOf(job, records, seconds, home);
  const missing = job.runs.length - records.length;
  const note = missing === 0 ? '' : `\n${String(missing)} of ${String(job.runs.length)} runs are not sealed yet`;
  return answer('show', document, `${job.title}\n\n${runTable(document)}${note}`, missing === 0 ? exitCodeOf(document) : 0);
}

function describe(record: RunRecord, folder: string): string {
  const kernel = record.kernel;
  const rows: [string, string][] = [
    ['run', `${record.id} of ${record.job} (attempt ${String(record.attempt)})`],
    ['outcome', `${record.outcome.kind} at ${record.outcome.stage}, ${record.asExpected ? 'as expected' : `expected ${record.expect}`}`],
    ['why', wrap(printable(record.outcome.why), 84, ' '.repeat(13))],
    ['kernel', kernel === null ? `${record.base}${record.series === null ? '' : ` + ${record.series}`} (not built)` : `${kernel.version}, ${record.series ?? 'unpatched'}, ${record.flavour}, ${kernel.kernel}`],
    ...(kernel === null ? [] : remarksOn(kernel).map((remark, index) => [index === 0 ? 'remarks' : '', wrap(remark, 84, ' '.repeat(13))] satisfies [string, string])),
    ['host side', `${record.stack}, ${record.accelerator ?? 'no accelerator'}, display ${record.display ?? 'none'}, device ${record.device}`],
    ['renderer', printable(record.renderer ?? 'none')],
    ['ready', record.readyMs === null ? 'never' : `${String(record.readyMs)} ms after QEMU's start`],
    ...(record.conditions === null ? [] : [['conditions', `CPUs ${record.conditions.cpus}, ${String(record.conditions.cores)} cores, LP_NUM_THREADS ${record.conditions.lpNumThreads}`] satisfies [string, string]]),
    ['CPU', record.guestCpuSeconds === null ? 'not counted' : `${String(record.guestCpuSeconds)} s in the guest's container`],
    ...(record.kmemleakScans === null ? [] : [['kmemleak', `${String(record.kmemleakScans)} scans after the pipelines; what they found stands below`] satisfies [string, string]]),
    ['stages', record.stages.map((one) => `${one.stage} ${duration(one.ms)}`).join(', ')],
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(11)}  ${value}`);
  for (const one of record.pipelines) {
    const steps = Object.entries(one.meanMs).map(([step, ms]) => `${step} ${ms.toFixed(1)}`).join(', ');
    lines.push('', `${one.pipeline} on ${one.clip}: ${one.status}, ${String(one.frames)} frames, ${String(one.wrong)} wrong${one.fps === null ? '' : `, ${one.fps.toFixed(1)} frames/s`}`, `    ${wrap(printable(one.why), 92, '    ')}`);
    if (steps !== '') lines.push(`    mean ms per frame: ${steps}`);
    for (const kept of one.kept) lines.push(`    frame ${String(kept.frame)}, ${kept.oracle}: ${wrap(printable(kept.defect), 88, '        ')}`, `        ${join(folder, kept.difference)}`);
  }
  for (const one of record.properties) lines.push('', `${one.property}: ${one.holds === null ? 'no answer' : one.holds ? 'holds' : one.binding ? 'DOES NOT HOLD' : 'does not hold'}: ${printable(one.value)}`, `    ${wrap(printable(one.evidence), 92, '    ')}`);
  for (const finding of record.console) lines.push('', `console.log:${String(finding.line)}: ${finding.kind}: ${printable(finding.text)}`);
  return [...lines, '', `evidence: ${folder}`].join('\n');
}

export async function logs(context: Context, given: string, follow: boolean): Promise<Answer<'logs'>> {
  const { home } = context.lab.config;
  const id = checkedId(given);
  if (!id.startsWith('r-')) throw new LabError('BAD_ID', `Expected a run (r-...), got the job "${id}"`, { blame: 'request', stage: 'request', hint: `vlab show ${id}` });
  const folder = layout.run(home, id);
  if (!(await exists(folder))) throw unknown(id);
  if (follow) await followRun(folder, context);
  const [events, console, qemu] = await Promise.all([RUN_FILES.events, RUN_FILES.console, RUN_FILES.qemu].map((name) => linesOf(join(folder, name))));
  const stamped = (events ?? []).flatMap((line) => {
    const parsed = StampedEvent.safeParse(safeJson(line));
    return parsed.success ? [parsed.data] : [];
  });
  const document = { run: RunId.parse(id), sealed: await exists(join(folder, RUN_FILES.record)), folder, events: stamped, console: console ?? [], qemu: qemu ?? [] };
  const text = follow ? '' : [...stamped.map((event) => `${event.at}  ${describeEvent(event)}`), '', '--- console.log', ...(console ?? []).map(printable), '', '--- qemu.log', ...(qemu ?? []).map(printable)].join('\n');
  return answer('logs', document, text);
}

/** Prints events and console lines as they are written, until the run is sealed. */
async function followRun(folder: string, { talk, json, signal }: Context): Promise<void> {
  const print = json ? talk : (line: string): void => { process.stdout.write(`${line}\n`); };
  const read = new Map<string, number>();
  const drain = async (): Promise<void> => {
    for (const name of [RUN_FILES.events, RUN_FILES.console]) {
      const seen = read.get(name) ?? 0;
      const lines = await linesOf(join(folder, name));
      for (const line of lines.slice(seen)) print(name === RUN_FILES.events ? describeLine(line) : printable(line));
      read.set(name, lines.length);
    }
  };
  await drain();
  if (await exists(join(folder, RUN_FILES.record))) return;
  for await (const _change of watch(folder, { signal })) {
    await drain();
    if (await exists(join(folder, RUN_FILES.record))) return;
  }
}

export async function status(context: Context): Promise<Answer<'status'>> {
  const { home } = context.lab.config;
  const document = await withQueueView(makingOf(context), async (queue) => {
    const jobs = await Promise.all((await listJobs(home, 10)).map(async (job) => ({
      job: job.job, title: job.title, submittedAt: job.submittedAt,
      runs: await Promise.all(job.runs.map(async ({ id }) => {
        const record = await readRun(home, id);
        return { id, state: record === undefined ? await queue.stateOf(id) : 'sealed', outcome: record?.outcome ?? null };
      })),
    })));
    return { version: VERSION, nightAlarm: await nightAlarm(home) ?? null, queue: await queue.counts(), workers: await queue.workers(), otherVersions: await queue.otherVersions(), jobs };
  });
  const counts = Object.entries(document.queue).filter(([, count]) => count > 0).map(([state, count]) => `${String(count)} ${state}`).join(', ');
  const rows = document.jobs.map((job) => [job.job, job.submittedAt.slice(0, 16).replace('T', ' '), job.runs.map((run) => run.outcome?.kind ?? run.state).join(' '), printable(job.title)]);
  const text = [
    ...(document.nightAlarm === null ? [] : [`ALARM: ${document.nightAlarm.why}`]),
    `queue: ${counts === '' ? 'empty' : counts}`,
    ...document.otherVersions.filter(({ waiting }) => waiting > 0).map(({ version, waiting }) => `${String(waiting)} wait for workers of lab ${version}; this is lab ${VERSION}`),
    ...(document.workers.length === 0 ? ['workers: none'] : document.workers.flatMap((one) => workerLines(one, VERSION))),
    '', rows.length === 0 ? 'no job yet; start with: vlab run jobs/first-look.yaml' : table([['job', 'submitted', 'runs', 'title'], ...rows]),
  ].join('\n');
  return answer('status', document, text);
}

export function makingOf(context: Context): Making {
  return { lab: context.lab, signal: context.signal, progress: (what) => { context.talk(`setting up: ${what}`); } };
}

function describeLine(line: string): string {
  const parsed = StampedEvent.safeParse(safeJson(line));
  return parsed.success ? `+${(parsed.data.ms / 1000).toFixed(1)}s  ${describeEvent(parsed.data)}` : printable(line);
}

function describeEvent(event: StampedEvent): string {
  const { at: _at, ms: _ms, run: _run, event: name, ...facts } = event;
  return `${name}  ${printable(Object.entries(facts).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`).join(' '))}`;
}

async function linesOf(path: string): Promise<string[]> {
  if (!(await exists(path))) return [];
  const lines: string[] = [];
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) lines.push(line);
  return lines;
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unknown(id: string): LabError {
  return new LabError('NO_SUCH_RUN', `there is no ${id.startsWith('j-') ? 'job' : 'run'} ${id} in this lab folder`, { blame: 'request', stage: 'request', hint: 'vlab status' });
}

