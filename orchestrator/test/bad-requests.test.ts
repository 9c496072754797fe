// Requests that cannot be met are `rejected`, with exit code 2 and the word that was meant; none of them costs a guest but the last.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ErrorDocument, RunDocument } from '../src/contract/documents.ts';
import { TestLab } from './lab.ts';

let lab: TestLab;
beforeAll(async () => { lab = await TestLab.open(); });
afterAll(() => lab[Symbol.asyncDispose]());

const JOB = `title: a bad one
kernels:
  - base: '6.12'
    series: designs/upcast-resource-id
device: virgl
pipelines: [upload]
clip: h264-640x360
`;

test.each([
  ['an unknown key', 'device: virgl', 'devise: virgl', /bad\.yaml:5: unknown key "devise"; did you mean "device"\?/],
  ['an unknown base', '6.12', '6.13', /bad\.yaml:3: unknown base "6\.13"; did you mean "6\.12"\?/],
  ['an unknown series', 'upcast-resource-id', 'upcast-ressource-id', /bad\.yaml:4: unknown series .*; did you mean "designs\/upcast-resource-id"\?/],
  ['an unknown pipeline', '[upload]', '[uplaod]', /bad\.yaml:6: unknown pipeline "uplaod"; did you mean "upload"\?/],
  ['an unknown clip', 'h264-640x360', 'h264-640x361', /bad\.yaml:7: unknown clip "h264-640x361"; did you mean "h264-640x360"\?/],
])('%s is rejected with file, line and the nearest known word', async (_what, from, to, message) => {
  const path = join(lab.home, 'bad.yaml');
  await writeFile(path, JOB.replace(from, to));
  const ended = await lab.vlab(['run', path, '--json']);
  expect(ended.exitCode).toBe(2);
  const { error } = ErrorDocument.parse(JSON.parse(ended.stdout));
  expect(error.kind).toBe('rejected');
  expect(error.message).toMatch(message);
});

test('a missing job file and an unknown command are usage errors, as JSON too', async () => {
  const missing = await lab.vlab(['run', 'no-such.yaml', '--json']);
  expect(missing.exitCode).toBe(2);
  expect(ErrorDocument.parse(JSON.parse(missing.stdout)).error.code).toBe('NO_JOB');
  const unknown = await lab.vlab(['rnu', '--json']);
  expect(unknown.exitCode).toBe(2);
  expect(ErrorDocument.parse(JSON.parse(unknown.stdout)).error.message).toContain('unknown command');
});

test('an id that is a path is refused before it becomes one', async () => {
  const ended = await lab.vlab(['show', '../../etc/passwd', '--json']);
  expect(ended.exitCode).toBe(2);
  expect(ErrorDocument.parse(JSON.parse(ended.stdout)).error.code).toBe('BAD_ID');
});

test('a pipeline that wants Virgil3D on the 2d device is rejected by the probe, which saw another renderer', async () => {
  const ended = await lab.vlab(['run', await lab.job({ device: '2d', pipelines: ['upload'] }), '--json', '--quiet']);
  expect(ended.exitCode).toBe(2);
  const [run] = RunDocument.parse(JSON.parse(ended.stdout)).runs;
  expect(run?.outcome).toMatchObject({ kind: 'rejected', stage: 'pipeline' });
  expect(run?.outcome.why).toMatch(/wanted renderer virgl, got .*; device 2d offers no Virgil3D/);
  expect(run?.pipelines[0]).toMatchObject({ status: 'unavailable', frames: 0 });
});
