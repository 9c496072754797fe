// The test importer in real guests: the unpatched kernel's table is one, and a device's bytes land in the buffer; under the RFC of 2019 neither is so.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunDocument } from '../src/contract/documents.ts';
import { ranWhole, TestLab } from './lab.ts';

let lab: TestLab;
let document: RunDocument;

beforeAll(async () => {
  lab = await TestLab.open();
  const kernels = [{ base: '6.12' }, { base: '6.12', series: 'designs/rfc-handle-as-dma-address', expect: 'failed' }];
  const job = await lab.job({ kernels, drivers: ['vlab-importer'], pipelines: ['edu-dma'], clip: 'h264-128x64', properties: ['id', 'scatterlist', 'dma'] });
  document = ranWhole(await lab.vlab(['run', job, '--json', '--quiet']));
});
afterAll(() => lab[Symbol.asyncDispose]());

test('the importer tells the two kernels apart, each by what it sees', () => {
  expect(document.table?.map(({ design, property, holds, value }) => [design, property, holds, value])).toEqual([
    ['6.12', 'id', null, 'none; UUID: ENODEV'],
    ['6.12', 'scatterlist', true, expect.stringMatching(/^right \(1, \d+, \d+ entries\)$/)],
    ['6.12', 'dma', true, 'lands in the buffer'],
    ['rfc-handle-as-dma-address', 'id', true, '72 of 72 right'],
    ['rfc-handle-as-dma-address', 'scatterlist', false, '1 of 1 without a page'],
    ['rfc-handle-as-dma-address', 'dma', false, expect.stringMatching(/^lands at 0x[0-9a-f]+$/)],
  ]);
});

test('frames that a device brings by DMA are right where the table is one, and blamed on the DMA where it is not', () => {
  expect(document.runs.map(({ asExpected }) => asExpected)).toEqual([true, true]);
  const [right, astray] = document.runs.map((run) => run.pipelines[0]);
  expect(right).toMatchObject({ status: 'passed', frames: 6, wrong: 0, leaks: { fds: 0, dmabufs: 0, hostResources: 0 } });
  expect(astray).toMatchObject({ status: 'failed', frames: 6, wrong: 6, party: 'dma' });
  expect(document.runs[1]?.outcome.why).toMatch(/dma: lands at 0x/);
});

test('a property that is asked without the importer is no pass: the job is told what it lacks', async () => {
  const ended = await lab.vlab(['run', await lab.job({ pipelines: ['upload'], clip: 'h264-128x64', properties: ['dma'] }), '--json', '--quiet']);
  const [run] = ranWhole(ended).runs;
  expect(run?.outcome).toMatchObject({ kind: 'rejected', why: expect.stringContaining('drivers: [vlab-importer]') as string });
  expect(ended.exitCode).toBe(2);
});

test('nothing is left behind', async () => {
  expect(await lab.left()).toEqual([]);
});
