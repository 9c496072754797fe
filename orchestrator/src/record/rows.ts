// A sealed record as rows. Pure.
import type { Insertable } from 'kysely';
import { median } from 'simple-statistics';
import type { EvaluationRecord } from '../contract/evaluation.ts';
import { FACETS, NONE, PASS_FACETS, type Facet, type PassFacet } from '../contract/facet.ts';
import type { RunRecord } from '../contract/run.ts';
import type { EvaluationsTable, PassesTable, PropertiesTable, RunsTable } from './tables.ts';

/** PostgreSQL keeps no NUL in text, and a guest may print one. */
export function text(value: string): string {
  return value.replaceAll('\0', '\u2400');
}

/** `host`: the machine that it ran on; null where its events do not say. */
export function runRow(record: RunRecord, host: string | null): Insertable<RunsTable> {
  const { id, job, attempt, title, base, series, flavour, kernel, image, stack, device, measure, accelerator, renderer, outcome, expect, asExpected, pipelines, startedAt, sealedAt } = record;
  const total = (of: 'frames' | 'wrong'): number => pipelines.reduce((sum, one) => sum + one[of], 0);
  return {
    id, job, attempt, title: text(title), base, version: kernel?.version ?? null, series, flavour, kernel: kernel?.kernel ?? null, image, stack, device, measure, accelerator,
    renderer: renderer === null ? null : text(renderer), host, outcome: outcome.kind, stage: outcome.stage, why: text(outcome.why), expect, as_expected: asExpected,
    frames: total('frames'), wrong: total('wrong'), findings: record.console.length,
    started_at: startedAt, sealed_at: sealedAt, seconds: (Date.parse(sealedAt) - Date.parse(startedAt)) / 1000,
  };
}

export function passRows(record: RunRecord, run: number): Insertable<PassesTable>[] {
  return record.pipelines.map(({ pipeline, clip, fault, status, why, frames, wrong, defect }, position) => ({
    run, position, pipeline, clip: text(clip), fault, status, why: text(why), frames, wrong, defect: defect === null ? null : text(defect),
  }));
}

export function propertyRows(record: RunRecord, run: number): Insertable<PropertiesTable>[] {
  return record.properties.map(({ property, holds, binding, value, evidence }, position) => ({ run, position, property, holds, binding, value: text(value), evidence: text(evidence) }));
}

/** In characters. What a guest calls its renderer may be of any length, and an index takes some 2700 bytes. */
export const LONGEST_FACET = 200;

export function facetsOf(row: Insertable<RunsTable>): [Facet, string][] {
  return FACETS.map((name) => [name, (row[name] ?? NONE).slice(0, LONGEST_FACET)]);
}

/** Each value once for each run. */
export function facetsOfPasses(passes: readonly Pick<Insertable<PassesTable>, 'run' | PassFacet>[]): [PassFacet, string][] {
  return PASS_FACETS.flatMap((name) => {
    const seen = new Map(passes.map((pass) => [JSON.stringify([pass.run, pass[name]]), pass[name]]));
    return [...seen.values()].flatMap((value): [PassFacet, string][] => (value === null || value === undefined ? [] : [[name, value.slice(0, LONGEST_FACET)]]));
  });
}

export function evaluationRow(record: EvaluationRecord): Insertable<EvaluationsTable> {
  const { id, series, title, base, against, device, stack, verdict, outcome, why, startedAt, endedAt, seconds, method } = record;
  return {
    id, series, title: text(title), base, against: against ?? null, device, stack, verdict, outcome: outcome.kind, why: text(why), started_at: startedAt, ended_at: endedAt, seconds, method,
    hosts: [...new Set(record.samples.flatMap((one) => one.pairs.map((pair) => pair.host)))], noise_pct: noiseOf(record),
    record: text(JSON.stringify(record)).replaceAll('\\u0000', '\\u2400'),
  };
}

function noiseOf({ metrics }: EvaluationRecord): number | null {
  const noise = metrics.filter((one) => one.metric === 'frame time' && one.pairs > 0).map((one) => one.noisePct);
  return noise.length === 0 ? null : median(noise);
}
