// What the store gives to readers: sealed records and nothing that merely looks like one.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, JOB_ID, rejection, RUN_ID, runRecord, runRequest } from '../../test/parts.ts';
import { layout } from './layout.ts';
import { checkedId, JobRecord, listJobs, readJobRecord, readRun, runFolderExists, writeJob } from './read.ts';

test.each([RUN_ID, JOB_ID, 'r-zzzzzzzzzz'])('%s is an id', (id) => {
  expect(checkedId(id)).toBe(id);
});

test.each([
  '../../etc/passwd', `${RUN_ID}/../..`, `../${RUN_ID}`, `${RUN_ID}\n`, `${RUN_ID}.lost-1`, 'r-0123', `${RUN_ID}0`, 'R-0123456789', 'x-0123456789', '', '.', `${RUN_ID}\0`,
])('%j is refused, before any path is made of it', async (id) => {
  expect(await rejection(Promise.resolve(id).then(checkedId))).toMatchObject({ code: 'BAD_ID', blame: 'request', hint: 'vlab status', message: `Expected a run (r-...) or a job (j-...), got "${id}"` });
});

test('a run without run.json is not a result, whatever else lies in its folder', async () => {
  const home = await emptyFolder();
  expect(await readRun(home, RUN_ID)).toBeUndefined();
  expect(await runFolderExists(home, RUN_ID)).toBe(false);
  await mkdir(layout.run(home, RUN_ID), { recursive: true });
  await writeFile(join(layout.run(home, RUN_ID), 'events.ndjson'), '{}\n');
  expect(await readRun(home, RUN_ID)).toBeUndefined();
  expect(await runFolderExists(home, RUN_ID)).toBe(true);
});

test('a run.json that is cut, empty or of another version is not a result', async () => {
  const home = await emptyFolder();
  await mkdir(layout.run(home, RUN_ID), { recursive: true });
  const whole = JSON.stringify(runRecord());
  const read = async (text: string): Promise<unknown> => {
    await writeFile(join(layout.run(home, RUN_ID), 'run.json'), text);
    return readRun(home, RUN_ID);
  };
  expect(await read(whole)).toEqual(runRecord());
  for (const cut of [0, 1, 100, whole.length - 1]) expect(await read(whole.slice(0, cut))).toBeUndefined();
  expect(await read(whole.replace('"version":1', '"version":2'))).toBeUndefined();
});

test('jobs come back as they were submitted, the newest first, and broken files are passed over', async () => {
  const home = await emptyFolder();
  expect(await listJobs(home, 10)).toEqual([]);
  const jobs = ['2025-06-01T12:00:00.000Z', '2025-06-03T12:00:00.000Z', '2025-06-02T12:00:00.000Z'].map((submittedAt, index) => JobRecord.parse({
    job: `j-000000000${String(index)}`, title: 'a test', file: 'a.yaml', submittedAt, runs: [runRequest()],
  }));
  for (const job of jobs) await writeJob(home, job);
  await writeFile(join(layout.jobs(home), 'j-9999999999.json'), '{"job"');
  expect((await listJobs(home, 10)).map(({ job }) => job)).toEqual(['j-0000000001', 'j-0000000002', 'j-0000000000']);
  expect(await listJobs(home, 1)).toEqual([jobs[1]]);
  expect(await readJobRecord(home, 'j-0000000002')).toEqual(jobs[2]);
  expect(await readJobRecord(home, 'j-9999999999')).toBeUndefined();
});
