// The past that the pages are timed on: made up anew it is the same, and nothing in it is what a worker would not write.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { citedBy, EvaluationRecord } from '../../orchestrator/src/contract/evaluation.ts';
import { StampedEvent } from '../../orchestrator/src/contract/event.ts';
import { NightRecord, NightSchedule } from '../../orchestrator/src/contract/night.ts';
import { ProbeLine } from '../../orchestrator/src/contract/probe.ts';
import { RunRecord } from '../../orchestrator/src/contract/run.ts';
import { filesBelow, sha256OfFile } from '../../orchestrator/src/lib/files.ts';
import { samplesOf } from '../../orchestrator/src/record/samples.ts';
import { JobRecord, readWorld } from '../../orchestrator/src/store/read.ts';
import { evaluationId, RUNS_PER_EVALUATION } from './evaluations.ts';
import { generate, jobId, PICTURED, runId, RUNS_PER_JOB } from './generator.ts';

const RUNS = 200;
const PNG = '89504e470d0a1a0a';
const made: string[] = [];
let home = '';
let files: string[] = [];

beforeAll(async () => {
  home = await past(1);
  files = await filesBelow(home);
});
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true }))));

async function past(seed: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vlab-u-'));
  made.push(folder);
  await generate(folder, { runs: RUNS, endsAt: Date.parse('2026-03-01T00:00:00.000Z'), seed });
  return folder;
}

async function digests(folder: string): Promise<Map<string, string>> {
  return new Map(await Promise.all((await filesBelow(folder)).map(async (name) => [name, await sha256OfFile(join(folder, name))] as const)));
}

/** All of that name, as their schema has them. */
async function read<T extends z.ZodType>(name: RegExp, schema: T): Promise<z.infer<T>[]> {
  return Promise.all(files.filter((file) => name.test(file)).map(async (file) => schema.parse(JSON.parse(await readFile(join(home, file), 'utf8')))));
}

async function readLines<T extends z.ZodType>(name: RegExp, schema: T): Promise<z.infer<T>[]> {
  const texts = await Promise.all(files.filter((file) => name.test(file)).map((file) => readFile(join(home, file), 'utf8')));
  return texts.flatMap((text) => text.trimEnd().split('\n').map((line) => schema.parse(JSON.parse(line))));
}

test('the same seed makes the same past, byte for byte', async () => {
  expect(await digests(await past(1))).toEqual(await digests(home));
});

test('another seed makes another past: files of the same names, and no record that is the same', async () => {
  const [one, other] = [await digests(home), await digests(await past(2))];
  expect([...other.keys()]).toEqual([...one.keys()]);
  const records = [...one.keys()].filter((name) => /(^jobs\/.*|\/(run|evaluation|night))\.json$/.test(name));
  expect(records).toHaveLength(RUNS + RUNS / RUNS_PER_EVALUATION + 2 * (RUNS / RUNS_PER_JOB));
  expect(records.filter((name) => one.get(name) === other.get(name))).toEqual([]);
});

describe('by the schemas of the contract', () => {
  test('every run is a sealed run, which its worker opened, on a host with versions', async () => {
    const runs = await read(/^runs\/.*\/run\.json$/, RunRecord);
    expect(runs.map(({ id }) => id)).toEqual(Array.from({ length: RUNS }, (_, n) => runId(n)));
    expect((await readLines(/events\.ndjson$/, StampedEvent)).map(({ run, event }) => `${event} ${run}`)).toEqual(runs.map(({ id }) => `run.opened ${id}`));
    for (const { id } of runs) expect(Object.values(await readWorld(home, id)), id).toContain('25.0.7');
  });

  test('every job asked for the runs that are of it, as they ran', async () => {
    const [jobs, runs] = [await read(/^jobs\//, JobRecord), await read(/\/run\.json$/, RunRecord)];
    expect(jobs.map(({ job }) => job)).toEqual(Array.from({ length: RUNS / RUNS_PER_JOB }, (_, n) => jobId(n)));
    const asked = jobs.flatMap((one) => one.runs.map(({ id, job, kernel, device, stack }) => ({ id, job, base: kernel.base, series: kernel.series ?? null, device, stack })));
    expect(asked).toEqual(runs.map(({ id, job, base, series, device, stack }) => ({ id, job, base, series, device, stack })));
  });

  test('every evaluation is one, and rests on runs that are there', async () => {
    const evaluations = await read(/\/evaluation\.json$/, EvaluationRecord);
    expect(evaluations.map(({ id }) => id)).toEqual(Array.from({ length: RUNS / RUNS_PER_EVALUATION }, (_, n) => evaluationId(n)));
    const there = new Set(files.map((file) => basename(dirname(file))));
    for (const one of evaluations) {
      const cited = citedBy(one);
      expect(cited.length, one.id).toBeGreaterThan(10);
      expect(cited.filter((run) => !there.has(run)), one.id).toEqual([]);
    }
  });

  test('every night has the passes of its runs, and the night before it; there is a schedule', async () => {
    const [nights, runs] = [await read(/\/night\.json$/, NightRecord), await read(/\/run\.json$/, RunRecord)];
    expect(nights.map(({ before }) => before)).toEqual([null, ...nights.slice(0, -1).map(({ id }) => id)]);
    const ran = runs.flatMap(({ id, pipelines }) => pipelines.map(({ pipeline, status }) => `${id} ${pipeline} ${status === 'passed' ? 'right' : 'wrong'}`));
    expect(nights.flatMap(({ cells }) => cells.map(({ run, pipeline, state }) => `${run} ${pipeline} ${state}`))).toEqual(ran);
    expect(await read(/^schedule\.json$/, NightSchedule)).toHaveLength(1);
  });

  test('the wrong frames of one run are lines of the probe, and pictures in its folder', async () => {
    const pictured = runId(PICTURED);
    const [run] = await read(new RegExp(`${pictured}/run\\.json$`), RunRecord);
    const lines = await readLines(/probe\.ndjson$/, ProbeLine);
    expect(new Set(lines.map(({ t }) => t))).toEqual(new Set(['start', 'frame', 'pixels']));
    const shown = files.filter((file) => file.startsWith(`runs/${pictured}/frames/`));
    expect(shown.length).toBeGreaterThan(9);
    expect(JSON.stringify(run?.pipelines[0]?.kept).match(/frames\/[^"]+/g)?.map((name) => `runs/${pictured}/${name}`).sort()).toEqual(shown);
    for (const file of shown) expect((await readFile(join(home, file))).subarray(0, 8).toString('hex'), file).toBe(PNG);
  });
});

test('a run has as many samples as make five million of a hundred thousand runs', async () => {
  const samples = (await read(/\/run\.json$/, RunRecord)).map((run) => samplesOf(run).length);
  expect(samples.reduce((sum, one) => sum + one, 0) / RUNS).toBeGreaterThan(50);
});
