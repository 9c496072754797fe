// What a job's runs came to: the document for machines and the table for people, both from sealed records.
import type { RunDocument, RunSummary } from '../contract/documents.ts';
import { EXIT_CODE, type OutcomeKind } from '../contract/outcome.ts';
import type { RunRecord } from '../contract/run.ts';
import { layout } from '../store/layout.ts';
import type { JobRecord } from '../store/read.ts';
import { duration, printable, table, wrap } from './text.ts';

export function summaryOf(record: RunRecord, home: string): RunSummary {
  const { id, base, series, device, expect, asExpected, outcome, renderer, readyMs, guestCpuSeconds, attempt } = record;
  return {
    id, base, series, device, expect, asExpected, outcome, renderer, readyMs, guestCpuSeconds, attempt, folder: layout.run(home, id),
    pipelines: record.pipelines.map(({ pipeline, clip, status, why, frames, wrong, fps }) => ({ pipeline, clip, status, why, frames, wrong, fps })),
  };
}

export function documentOf(job: JobRecord, records: readonly RunRecord[], seconds: number, home: string): RunDocument {
  return {
    job: job.job, title: job.title, asExpected: records.length === job.runs.length && records.every((record) => record.asExpected),
    seconds: Math.round(seconds * 10) / 10, cost: null, runs: records.map((record) => summaryOf(record, home)),
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
  const rows = [['kernel', 'pipeline', 'outcome', 'right/wrong', 'frames/s', 'renderer']];
  for (const run of document.runs) {
    const kernel = run.series === null ? run.base : `${run.base} + ${run.series}`;
    run.pipelines.forEach((one, index) => {
      rows.push([index === 0 ? kernel : '', one.pipeline, one.status, `${String(one.frames - one.wrong)}/${String(one.wrong)}`, one.fps === null ? '-' : one.fps.toFixed(1), shortRenderer(run.renderer)]);
    });
  }
  const lines = [table(rows), ''];
  for (const run of document.runs) lines.push(...outcomeLines(run));
  lines.push('', ...renderersOf(document), sentenceOf(document));
  return lines.join('\n');
}

/** "virgl (LLVMPIPE)" of "virgl (LLVMPIPE (LLVM 19.1.7, 256 bits))"; the whole stands below the table. */
function shortRenderer(renderer: string | null): string {
  const match = /^([\w.-]+)(?: \(([\w.-]+))?/.exec(renderer ?? '');
  if (match === null) return '-';
  return match[2] === undefined ? (match[1] ?? '-') : `${match[1] ?? ''} (${match[2]})`;
}

function outcomeLines(run: RunSummary): string[] {
  const mark = run.asExpected ? 'as expected' : `EXPECTED ${run.expect}`;
  const name = `${run.id}  ${run.base}${run.series === null ? '' : ` + ${run.series}`}`;
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
