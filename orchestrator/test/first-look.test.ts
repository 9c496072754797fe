// The main job on real parts: the base and the design pass, the mutant is caught by its frames and named, and nothing is left.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunDocument } from '../src/contract/documents.ts';
import { RunRecord } from '../src/contract/run.ts';
import { namesIn } from '../src/lib/files.ts';
import { CHECKOUT, TestLab } from './lab.ts';

describe('npm start\'s job', () => {
  let lab: TestLab;
  let document: RunDocument;
  let exitCode: number | undefined;

  beforeAll(async () => {
    lab = await TestLab.open();
    const ended = await lab.vlab(['run', 'jobs/first-look.yaml', '--json', '--quiet']);
    exitCode = ended.exitCode;
    document = RunDocument.parse(JSON.parse(ended.stdout));
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  test('ends as expected, with exit code 0', () => {
    expect(document.runs.map((run) => [run.series, run.outcome.kind, run.asExpected])).toEqual([
      [null, 'passed', true], ['designs/upcast-resource-id', 'passed', true], ['mutants/short-transfer', 'failed', true],
    ]);
    expect(document.asExpected).toBe(true);
    expect(exitCode).toBe(0);
  });

  test('ends by saying how its pages are opened', async () => {
    // A comment changes no byte, so that nothing is booted.
    const { stdout } = await lab.vlab(['run', await lab.job({ kernels: [{ base: '6.12', series: 'harmless/comment' }] }), '--quiet']);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^pages: npx vlab serve, then http:\/\/127\.0\.0\.1:\d+\/jobs\/j-[0-9a-z]{10}$/);
  });

  test('runs on Virgil3D, not on a renderer of the guest\'s own', () => {
    for (const run of document.runs) expect(run.renderer).toMatch(/^virgl \(/);
  });

  test('checks every frame of both pipelines on the kernels that pass', () => {
    for (const run of document.runs.slice(0, 2)) {
      expect(run.pipelines.map(({ pipeline, status, frames, wrong }) => ({ pipeline, status, frames, wrong }))).toEqual([
        { pipeline: 'upload', status: 'passed', frames: 60, wrong: 0 }, { pipeline: 'dmabuf-copy', status: 'passed', frames: 60, wrong: 0 },
      ]);
      for (const one of run.pipelines) expect(one.fps).toBeGreaterThan(0);
    }
  });

  test('catches the short transfer by the frames themselves: memory is right, the last rows of plane v never arrived', () => {
    const copy = document.runs[2]?.pipelines.find((one) => one.pipeline === 'dmabuf-copy');
    expect(copy).toMatchObject({ status: 'failed', frames: 60, wrong: 60 });
    expect(copy?.why).toContain('as texels, while guest memory is right');
    expect(copy?.why).toMatch(/plane v: the last 2 rows \(178 to 179\) never arrived/);
  });

  test('keeps expected, got and difference of a wrong frame as PNG', async () => {
    const folder = document.runs[2]?.folder ?? '';
    const record = RunRecord.parse(JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')));
    const kept = record.pipelines.flatMap((one) => one.kept);
    expect(kept.length).toBeGreaterThan(0);
    for (const one of kept) {
      for (const path of [one.expected, one.got, one.difference]) {
        expect((await readFile(join(folder, path))).subarray(1, 4).toString()).toBe('PNG');
      }
    }
  });

  test('leaves all the evidence in each run folder', async () => {
    for (const run of document.runs) {
      const names = await namesIn(run.folder);
      for (const name of ['events.ndjson', 'console.log', 'probe.ndjson', 'qemu.log', 'argv.json', 'versions.json', 'frames', 'run.json']) expect(names).toContain(name);
      expect((await stat(join(run.folder, 'probe.ndjson'))).size).toBeGreaterThan(1000);
    }
  });

  test('records what a figure depends on, and what the guest\'s GPU and its video nodes can', async () => {
    const record = RunRecord.parse(JSON.parse(await readFile(join(document.runs[0]?.folder ?? '', 'run.json'), 'utf8')));
    expect(record.conditions).toMatchObject({ cpus: expect.stringMatching(/^\d+(-\d+)?/) as string, lpNumThreads: 'unset' });
    expect(record.capabilities).toMatchObject({ features3d: true, v4l2: expect.arrayContaining([expect.objectContaining({ driver: 'vicodec', takes: ['FWHT'] })]) as unknown });
  });

  test('show and logs tell the same again, and status lists the job', async () => {
    const shown = await lab.vlab(['show', document.job, '--json']);
    expect(RunDocument.parse(JSON.parse(shown.stdout))).toMatchObject({ job: document.job, asExpected: true, runs: document.runs });
    const [first] = document.runs;
    const text = await lab.vlab(['show', first?.id ?? '']);
    expect(text.stdout).toContain('60 of 60 frames right in memory, as texels and as RGB');
    const logs = await lab.vlab(['logs', first?.id ?? '', '--follow']);
    expect(logs.stdout).toContain('run.sealed');
    const status = await lab.vlab(['status', '--json']);
    expect(status.stdout).toContain(document.job);
  });

  test('leaves no container, socket or process', async () => {
    expect(await lab.left()).toEqual([]);
  });

  test('the job file is the one of the README', async () => {
    expect(await readFile(join(CHECKOUT, 'README.md'), 'utf8')).toContain('jobs/first-look.yaml');
  });
});
