import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runRecord, runRequest } from '../../test/parts.ts';
import { ContentKey, RunId } from '../contract/ids.ts';
import { bootedAlike, findCounted, noteCounted } from './counted.ts';

const KERNEL = ContentKey.parse('0123456789abcdef');
const RUN = RunId.parse('r-0000000001');
const OTHER = RunId.parse('r-0000000002');
const KEY = 'fedcba9876543210';
const INPUTS = { version: 1, request: runRequest(), kernel: KERNEL, stack: { name: 'trixie', key: KEY, tag: `vlab/stack-trixie:${KEY}` }, guest: { name: 'trixie', key: KEY }, clips: [] };
const VERSIONS = { hostKernel: '6.12.1', host: { accelerator: 'tcg', display: 'xvfb' }, stack: { tag: 'vlab/stack', packages: {} }, guest: { tag: 'trixie', packages: {} } };

let home: string;

beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'vlab-u-')); });
afterEach(async () => { await rm(home, { recursive: true }); });

async function seal(id: RunId, over: { sealedAt?: string; argv?: unknown; inputs?: object; versions?: object } = {}): Promise<void> {
  const folder = join(home, 'runs', id);
  await mkdir(folder, { recursive: true });
  const files = {
    'run.json': runRecord({ id, sealedAt: over.sealedAt ?? new Date().toISOString() }), 'argv.json': over.argv ?? { argv: ['qemu', '-smp', '2'] },
    'inputs.json': { ...INPUTS, ...over.inputs }, 'versions.json': { ...VERSIONS, ...over.versions },
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(content));
}

test('what was noted is found by the kernel and by what was asked, whatever the request is called', async () => {
  await seal(RUN);
  await noteCounted(home, KERNEL, runRequest(), RUN);
  const again = runRequest({ id: OTHER, title: 'another', submittedAt: new Date().toISOString() });
  expect((await findCounted(home, KERNEL, again))?.id).toBe(RUN);
  expect(await findCounted(home, ContentKey.parse(KEY), again)).toBeUndefined();
  expect(await findCounted(home, KERNEL, { ...again, pipelines: ['dmabuf-direct'] })).toBeUndefined();
  expect(await findCounted(home, KERNEL, { ...again, checked: !again.checked })).toBeUndefined();
});

test('one that is gone, or of yesterday, is not found', async () => {
  await noteCounted(home, KERNEL, runRequest(), RUN);
  expect(await findCounted(home, KERNEL, runRequest())).toBeUndefined();
  await seal(RUN, { sealedAt: new Date(Date.now() - 90_000_000).toISOString() });
  expect(await findCounted(home, KERNEL, runRequest())).toBeUndefined();
});

test.each([
  { what: 'but for the kernel', over: { inputs: { kernel: KEY } }, alike: true },
  { what: 'with another command line of QEMU', over: { argv: { argv: ['qemu', '-smp', '4'] } }, alike: false },
  { what: 'with another guest image', over: { inputs: { guest: { name: 'trixie', key: '0000000000000000' } } }, alike: false },
  { what: 'with another clip', over: { inputs: { clips: [{ disk: 'clip0', name: 'a', key: KEY, sha256: '0', seek: null, damaged: false }] } }, alike: false },
  { what: 'under another kernel of the host', over: { versions: { hostKernel: '6.12.2' } }, alike: false },
])('booted alike $what: $alike', async ({ over, alike }) => {
  await seal(RUN);
  await seal(OTHER, over);
  expect(await bootedAlike(home, RUN, OTHER)).toBe(alike);
});

test('two of which nothing is known are not alike', async () => {
  expect(await bootedAlike(home, RUN, OTHER)).toBe(false);
});
