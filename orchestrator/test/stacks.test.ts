// The same job on every host side: QEMU 7.2, 10 and 11. What one of them cannot do is unavailable, with the reason, and nothing else is.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunDocument } from '../src/contract/documents.ts';
import { ranWhole, TestLab } from './lab.ts';

const ANYWHERE = ['upload', 'dmabuf-copy', 'dmabuf-direct', 'v4l2-dmabuf'];
const CONTROLS = ['native-upload', 'vtest-upload'];

describe.each([
  { stack: 'bookworm', qemu: '1:7.2', runs: ANYWHERE, missing: [...CONTROLS, 'blob-guest'] },
  { stack: 'trixie-backports', qemu: '1:11.', runs: [...ANYWHERE, ...CONTROLS], missing: ['blob-guest'] },
])('stack $stack', ({ stack, qemu, runs, missing }) => {
  let lab: TestLab;
  let run: RunDocument['runs'][number] | undefined;

  beforeAll(async () => {
    lab = await TestLab.open();
    const job = await lab.job({ stack, pipelines: [...runs, ...missing], clip: undefined, clips: ['h264-faults', 'fwht-faults'], measure: ['counters'] });
    const ended = await lab.vlab(['run', job, '--json', '--quiet']);
    run = ranWhole(ended).runs[0];
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  test('is what it says it is', async () => {
    expect(await readFile(join(lab.home, 'runs', run?.id ?? '', 'versions.json'), 'utf8')).toContain(`"qemu-system-x86": "${qemu}`);
  });

  test.each(runs)('%s passes and is counted', (pipeline) => {
    const row = run?.pipelines.find((one) => one.pipeline === pipeline);
    expect([row?.status, row?.why]).toEqual(['passed', expect.any(String)]);
    expect(row?.counters?.frames).toBeGreaterThan(0);
  });

  test.each(missing)('%s is unavailable, with the reason', (pipeline) => {
    const row = run?.pipelines.find((one) => one.pipeline === pipeline);
    expect([row?.status, row?.why]).toEqual(['unavailable', expect.stringMatching(/not found|VIRTGPU_PARAM_RESOURCE_BLOB is 0/)]);
  });
});
