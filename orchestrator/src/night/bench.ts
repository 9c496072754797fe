// What a night asks of the lab around it, and what it carries from step to step. Types, and the one way to boot more.
import type { Codec } from '../contract/pipeline.ts';
import type { EvaluationRecord } from '../contract/evaluation.ts';
import type { RunInputs } from '../contract/inputs.ts';
import type { JobId, NightId, RunId } from '../contract/ids.ts';
import type { Job, RunRequest } from '../contract/job.ts';
import { WHOLE, type CellKey, type NightBase, type NightImage, type NightPlan, type NightProfile, type NightRecord, type Noticed, type Pairing } from '../contract/night.ts';
import type { RunRecord } from '../contract/run.ts';

/** What a job of a night is for: those of one part are held against each other from night to night. */
export type NightPart = 'matrix' | 'self-test' | 'further boots';

/** Where runs are really made, and what is known of those that were. */
export type NightBench = {
  requests: (jobs: readonly Job[], job: JobId, images: readonly NightImage[]) => Promise<RunRequest[]>;
  /** One job of the record: all its runs, in any order, on any worker. A run that was lost is missing. */
  runs: (job: JobId, title: string, requests: readonly RunRequest[]) => Promise<RunRecord[]>;
  newJob: (part: NightPart) => JobId;
  newRun: () => RunId;
  inputs: (run: RunId) => Promise<RunInputs | undefined>;
  record: (run: RunId) => Promise<RunRecord | undefined>;
  /** Of the lab in that night; empty where it is not kept. */
  commit: (night: NightId) => Promise<string>;
  world: (run: RunId) => Promise<Record<string, string>>;
  /** What is to be had now of the profile's bases, against what the night before had. */
  watch: (before: NightRecord | undefined) => Promise<Watched>;
  /** Tonight's base against last night's, or why it could not be done. */
  evaluate: (before: NightBase, after: NightBase, pairing: Pairing) => Promise<EvaluationRecord | string>;
};

/** `wanted`: the version of each base; `images`: the word of each image. What is new of either is tested tonight. */
export type Watched = { wanted: Map<string, string | null>; images: NightImage[]; noticed: Noticed[]; notes: string[] };

export type NightAsked = {
  id: NightId; planName: string; profileName: string; plan: NightPlan; profile: NightProfile; codecs: Readonly<Record<string, Codec>>; selfTest: Job;
  before: NightRecord | undefined; commit: string; scheduled: boolean; startedAt: string;
};

export type NightState = { asked: NightAsked; bench: NightBench; signal: AbortSignal; images: readonly NightImage[]; further: JobId[]; notes: string[] };

/** Boots that the first ones have made necessary. None once the night is to end: what is known until then is told. */
export async function further(state: NightState, job: JobId, title: string, requests: readonly RunRequest[]): Promise<RunRecord[]> {
  if (requests.length === 0 || state.signal.aborted) return [];
  state.further.push(job);
  return state.bench.runs(job, `${state.asked.plan.title}: ${title}`, requests);
}

/** With the pipelines of these cells alone; all of them where it is the whole that went wrong. */
export function narrowed(request: RunRequest, cells: readonly CellKey[]): RunRequest {
  const wrong = request.pipelines.filter((pipeline) => cells.some((cell) => cell.pipeline === pipeline));
  return cells.some((cell) => cell.pipeline === WHOLE) || wrong.length === 0 ? request : { ...request, pipelines: wrong };
}
