// What a job's runs came to: the document for machines and the table for people, both from sealed records.
import type { BuiltKernel, PipelineRow, RunDocument, RunSummary } from '../contract/documents.ts';
import type { KernelRecord } from '../contract/job.ts';
import { EXIT_CODE, type OutcomeKind } from '../contract/outcome.ts';
import type { PipelineResult, RunRecord } from '../contract/run.ts';
import { layout } from '../store/layout.ts';
import type { JobRecord } from '../store/read.ts';
import { remarksOn } from './kernel-report.ts';
import { mutantsOf, mutantTable } from './mutants.ts';
import { cellsOf, propertyTable } from './property-table.ts';
import { duration, printable, sayFlavour, table, wrap } from './text.ts';

/** `siblings` are the runs of the same job. */
export function summaryOf(record: RunRecord, siblings: readonly RunRecord[], home: string): RunSummary {
  const { id, base, series, flavour, device, measure, expect, asExpected, outcome, renderer, readyMs, guestCpuSeconds, attempt } = record;
  const kernel = record.kernel === null ? null : builtOf(record.kernel);
  const same = siblings.filter((one) => one.base === base && one.series === series && one.flavour === flavour && one.device === device);
  return {
    id, base, series, flavour, device, measure, expect, asExpected, outcome, kernel, renderer, readyMs, guestCpuSeconds, attempt, folder: layout.run(home, id), properties: record.properties,
    pipelines: record.pipelines.map((row) => rowOf(row, [record, ...same])),
  };
}

function builtOf({ kernel, version, seconds, cleanSeconds, prefixes, warnings, checkpatch, bloat, identicalToBase }: KernelRecord): BuiltKernel {
  return { kernel, version, seconds, cleanSeconds, prefixes, warnings, checkpatch, bloat, identicalToBase };
}

/** A row with what the boots of its kernel measured: each figure from the first boot that has it, its own before others'. */
function rowOf({ kept: _kept, meanMs: _meanMs, frameNumbers: _numbers, ...row }: PipelineResult, records: readonly RunRecord[]): PipelineRow {
  const seen = records.flatMap((record) => record.pipelines
    .filter((one) => one.pipeline === row.pipeline && one.clip === row.clip && one.fault === row.fault).map((one) => ({ id: record.id, one })));
  const counters = seen.find(({ one }) => one.counters !== null);
  const time = seen.find(({ one }) => one.time !== null);
  const instructions = seen.find(({ one }) => one.instructionsPerFrame !== null);
  return {
    ...row, counters: counters?.one.counters ?? null, time: time?.one.time ?? null, instructionsPerFrame: instructions?.one.instructionsPerFrame ?? null,
    measuredIn: { counters: counters?.id ?? null, time: time?.id ?? null, instructions: instructions?.id ?? null },
  };
}

export function documentOf(job: JobRecord, records: readonly RunRecord[], seconds: number, home: string): RunDocument {
  const cells = cellsOf(records);
  return {
    job: job.job, title: job.title, asExpected: records.length === job.runs.length && records.every((record) => record.asExpected),
    seconds: Math.round(seconds * 10) / 10, cost: null, ...mutantsOf(records), ...(cells === undefined ? {} : { table: cells }), runs: records.map((record) => summaryOf(record, records, home)),
  };
}

/** 0 when every expectation holds; else the code of the gravest surprise: the lab's own first, then the request's, then the kernel's. */
export function exitCodeOf(document: RunDocument): number {
  const surprises = new Set(document.runs.filter((run) => !run.asExpected).map((run) => run.outcome.kind));
  const gravest: readonly OutcomeKind[] = ['broken', 'rejected', 'cancelled', 'failed'];
  const worst = gravest.find((kind) => surprises.has(kind));
  if (worst !== undefined) return EXIT_CODE[worst];
  return document.asExpected ? 0 : EXIT_CODE.failed;
}

export function runTable(document: RunDocument): string {
  const wide = document.runs.some((run) => run.measure !== null || run.pipelines.some((one) => one.fault !== null));
  const lines = [...(wide ? wideTables(document) : [table(plainRows(document))]), '', ...reasons(document), ...propertyTable(document)];
  const told = new Set<string>();
  for (const run of document.runs) {
    lines.push(...outcomeLines(run, document));
    // Once for each kernel, however many boots it had.
    if (run.kernel !== null && !told.has(run.kernel.kernel)) lines.push(...remarksOn(run.kernel).map((remark) => `    ${wrap(remark, 94, '    ')}`));
    told.add(run.kernel?.kernel ?? '');
  }
  lines.push('', ...mutantTable(document), ...renderersOf(document), sentenceOf(document));
  return lines.join('\n');
}

function plainRows(document: RunDocument): string[][] {
  const clips = new Set(document.runs.flatMap((run) => run.pipelines.map((one) => one.clip)));
  // With several devices the kernel's column is wide enough as it is; the renderers stand below the table in any case.
  const plain = !hasSeveralDevices(document);
  const withClip = plain && clips.size > 1;
  const rows = [['kernel', 'pipeline', ...(withClip ? ['clip'] : []), 'outcome', 'right/wrong', 'frames/s', ...(plain ? ['renderer'] : [])]];
  for (const run of document.runs) {
    run.pipelines.forEach((one, index) => {
      rows.push([index === 0 ? placeOf(run, document) : '', one.pipeline, ...(withClip ? [one.clip] : []), one.status, right(one), one.fps === null ? '-' : one.fps.toFixed(1), ...(plain ? [shortRenderer(run.renderer)] : [])]);
    });
  }
  return rows;
}

type Column = { name: string; of: (row: PipelineRow) => string | undefined };

/** Figures are per frame. A column that no row of the table has anything for is left out. */
const WIDE: readonly Column[] = [
  { name: 'pipeline', of: (row) => row.pipeline },
  { name: 'clip', of: (row) => row.clip },
  { name: 'fault', of: (row) => row.fault ?? undefined },
  { name: 'called', of: (row) => (row.fault === null ? undefined : calledOf(row)) },
  { name: 'outcome', of: (row) => row.status },
  { name: 'right', of: (row) => `${String(row.frames - row.wrong)}/${String(row.frames)}` },
  { name: 'fps', of: (row) => row.time?.fps.toFixed(1) },
  { name: 'cmd/f', of: (row) => row.counters?.commandsPerFrame.toFixed(1) },
  { name: 'xfer/f', of: (row) => row.counters?.transfersPerFrame.toFixed(1) },
  { name: 'kB/f', of: (row) => (row.counters === null ? undefined : (row.counters.bytesPerFrame / 1000).toFixed(0)) },
  { name: 'fence/f', of: (row) => row.counters?.fencesPerFrame.toFixed(1) },
  { name: 'Minstr/f', of: (row) => (row.instructionsPerFrame === null ? undefined : (row.instructionsPerFrame / 1e6).toFixed(2)) },
];

/** A table per kernel, with one row per pipeline, clip and fault, whichever boots that was measured in; a boot in which it went wrong is the one that is shown. */
function wideTables(document: RunDocument): string[] {
  const kernels = new Map<string, Map<string, PipelineRow>>();
  for (const run of document.runs) {
    const name = placeOf(run, document);
    const rows = kernels.get(name) ?? new Map<string, PipelineRow>();
    kernels.set(name, rows);
    for (const one of run.pipelines) {
      const key = [one.pipeline, one.clip, one.fault].join(' ');
      if (rows.get(key)?.status === 'passed' ? one.status !== 'passed' : !rows.has(key)) rows.set(key, one);
    }
  }
  return [...kernels].flatMap(([kernel, rows], index) => {
    const columns = WIDE.filter(({ of }) => [...rows.values()].some((row) => of(row) !== undefined));
    const cells = [...rows.values()].map((row) => columns.map(({ of }) => of(row) ?? '-'));
    return [...(index === 0 ? [] : ['']), `kernel ${kernel}`, table([columns.map(({ name }) => name), ...cells])];
  });
}

/** Whether a fault was seen, and by which name. */
function calledOf({ caught, named, defect }: PipelineRow): string | undefined {
  if (caught === null) return undefined;
  if (!caught) return 'NOT CAUGHT';
  return named === true ? (defect ?? 'yes') : `NOT SO: ${defect ?? '-'}`;
}

/** Why a pipeline is not available, once for each reason. */
function reasons(document: RunDocument): string[] {
  const said = new Map<string, Set<string>>();
  for (const { pipelines } of document.runs) {
    for (const one of pipelines) if (one.status === 'unavailable') said.set(one.why, (said.get(one.why) ?? new Set()).add(one.pipeline));
  }
  const lines = [...said].map(([why, pipelines]) => wrap(`${[...pipelines].join(', ')}: ${printable(why)}`, 92, '        '));
  return lines.length === 0 ? [] : ['unavailable:', ...lines.map((line) => `    ${line}`), ''];
}

function kernelOf({ base, series, flavour }: RunSummary): string {
  return `${series === null ? base : `${base} + ${series}`}${sayFlavour(flavour)}`;
}

function hasSeveralDevices({ runs }: RunDocument): boolean {
  return runs.some((one) => one.device !== runs[0]?.device);
}

/** The device too, where a job has several, and then without a base that all kernels share. */
function placeOf(run: RunSummary, document: RunDocument): string {
  if (!hasSeveralDevices(document)) return kernelOf(run);
  const shared = document.runs.every((one) => one.base === run.base);
  return `${shared ? `${run.series ?? run.base}${sayFlavour(run.flavour)}` : kernelOf(run)}, ${run.device}`;
}

function right({ frames, wrong }: PipelineRow): string {
  return `${String(frames - wrong)}/${String(wrong)}`;
}

/** "virgl (LLVMPIPE)" of "virgl (LLVMPIPE (LLVM 19.1.7, 256 bits))"; the whole stands below the table. */
function shortRenderer(renderer: string | null): string {
  const match = /^([\w.-]+)(?: \(([\w.-]+))?/.exec(renderer ?? '');
  if (match === null) return '-';
  return match[2] === undefined ? (match[1] ?? '-') : `${match[1] ?? ''} (${match[2]})`;
}

function outcomeLines(run: RunSummary, document: RunDocument): string[] {
  const mark = run.asExpected ? 'as expected' : `EXPECTED ${run.expect}`;
  const name = `${run.id}  ${placeOf(run, document)}${run.measure === null ? '' : `, ${run.measure}`}`;
  return [wrap(`${name}: ${run.outcome.kind} (${mark})`, 94, '    '), `    ${wrap(printable(run.outcome.why), 94, '    ')}`];
}

function renderersOf(document: RunDocument): string[] {
  const renderers = new Set(document.runs.map((run) => run.renderer).filter((one) => one !== null));
  return [...renderers].map((renderer) => `renderer: ${wrap(printable(renderer).replaceAll('\n', ' '), 88, '    ')}`);
}

function sentenceOf(document: RunDocument): string {
  const right = document.runs.filter((run) => run.asExpected).length;
  const verdict = document.asExpected ? 'every expectation holds' : 'NOT as expected';
  return `${document.job}: ${String(right)} of ${String(document.runs.length)} runs as expected, ${verdict}, in ${duration(document.seconds * 1000)}.\nLook closer: vlab show ${document.runs[0]?.id ?? document.job}`;
}
