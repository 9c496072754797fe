// The tables of the record, as kysely knows them. What is in them can all be made again from the sealed folders: see ingest.ts.
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { ChangePoint, State } from '../evaluate/change-points.ts';
import type { EvaluationRecord } from '../contract/evaluation.ts';

/** Written as text or a Date, read as a Date. */
type Moment = ColumnType<Date, Date | string, Date | string>;

export type JobsTable = { id: string; title: string; file: string; submitted_at: Moment; runs: number };

export type RunsTable = {
  /** In the order of ingest; what other tables name a run by. */
  n: Generated<number>;
  id: string; job: string; attempt: number; title: string;
  base: string; version: string | null; series: string | null; flavour: string; kernel: string | null;
  image: string; stack: string; device: string; measure: string | null; accelerator: string | null; renderer: string | null; host: string | null;
  outcome: string; stage: string; why: string; expect: string; as_expected: boolean;
  frames: number; wrong: number; findings: number;
  started_at: Moment; sealed_at: Moment; seconds: number;
  /** Title and reason in lower case. */
  words: GeneratedAlways<string>;
};

/** One pipeline of a run. */
export type PassesTable = {
  run: number; position: number; pipeline: string; clip: string; fault: string | null; status: string; why: string; frames: number; wrong: number; defect: string | null;
};

/** What a run found a dma-buf to be. */
export type PropertiesTable = { run: number; position: number; property: string; holds: boolean | null; binding: boolean; value: string; evidence: string };

/** What makes figures comparable: a series of samples is one metric of one subject under one configuration. */
export type SampleSeriesTable = {
  id: Generated<number>;
  /** A hash over all that follows but unit and direction. */
  key: string;
  metric: string; subject: string; unit: string; better: string;
  base: string; series: string; flavour: string; device: string; stack: string; image: string; clip: string; host: string;
};

/** Series whose levels are to be looked at again. */
export type GrownTable = { series: number };

/** Where the level of a series changed, as of its `count` samples until `last`, and what the next look goes on from. */
export type LevelsTable = { series: number; count: number; last: Moment; state: ColumnType<State, string, string>; points: ColumnType<StoredPoint[], string, string> };
export type StoredPoint = ChangePoint & { at: string; from: number; to: number };

export type SamplesTable = { series: number; at: Moment; run: number; value: number };

export type EvaluationsTable = {
  id: string; series: string; title: string; base: string; against: string | null; device: string; stack: string; verdict: string | null; outcome: string; why: string;
  started_at: Moment; ended_at: Moment; seconds: number; method: number;
  /** Where its pairs were booted, and the median noise floor of frame time there; null where no time was measured. */
  hosts: string[]; noise_pct: number | null;
  record: ColumnType<EvaluationRecord, string, string>;
};

/** A run that an evaluation cites: never deleted before the evaluation is. */
export type CitationsTable = { evaluation: string; run: string };

/** How many runs have a value, so that a page need not count them. */
export type FacetsTable = { dimension: string; value: string; runs: number };

/** A folder that should hold a record and does not: told, not passed over. */
export type UnreadableTable = { path: string; why: string; seen_at: Moment };

export type Tables = {
  jobs: JobsTable; runs: RunsTable; passes: PassesTable; properties: PropertiesTable; sample_series: SampleSeriesTable; samples: SamplesTable; levels: LevelsTable; grown: GrownTable; evaluations: EvaluationsTable; citations: CitationsTable;
  facets: FacetsTable; unreadable: UnreadableTable;
};
