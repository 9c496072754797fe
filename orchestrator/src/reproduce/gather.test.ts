// What an archive is gathered from: the very files that the run was made of, or an error that says which are not here any more.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, goldenFrames, JOB_ID, rejection, RUN_ID, runRecord, runRequest } from '../../test/parts.ts';
import { KernelRecord } from '../contract/job.ts';
import type { Lab } from '../lib/lab.ts';
import { gather } from './gather.ts';

const KEY = { kernel: '1111111111111111', stack: '2222222222222222', guest: '3333333333333333', clip: '4444444444444444' };
const BUILT = '2025-06-01T11:00:00.000Z';
const KERNEL = KernelRecord.parse({
  kernel: KEY.kernel, base: '6.12', version: '6.12.1', series: null, flavour: 'perf', compiler: 'gcc', builder: 'b', patches: [], seconds: 1, cleanSeconds: null, vmlinuxBytes: 1, builtAt: BUILT,
});
const image = (kind: 'stack' | 'guest', packages: Record<string, string>): unknown => ({ name: 'trixie', kind, key: KEY[kind], tag: `vlab/${kind}-trixie:${KEY[kind]}`, seconds: 1, builtAt: BUILT, packages });
const CLIP = {
  clip: 'h264-640x360', key: KEY.clip, spec: { codec: 'h264', format: 'I420', width: 640, height: 360, frames: 3, matrix: 'bt601', range: 'limited' }, codec: 'h264', format: 'I420', container: 'mkv', goldenBy: 'OpenH264', frameUs: [100_000, 3],
  bytes: 4, sha256: 'abcd', seconds: 1, madeAt: BUILT, golden: goldenFrames(3),
};
const INPUTS = {
  version: 1, request: runRequest(), kernel: KEY.kernel, stack: { name: 'trixie', key: KEY.stack, tag: `vlab/stack-trixie:${KEY.stack}` }, guest: { name: 'trixie', key: KEY.guest },
  clips: [{ disk: 'clip0', name: 'h264-640x360', key: KEY.clip, sha256: 'abcd', seek: null, damaged: false }],
};

/** A lab folder with one run and all that it was made of; `change` is by path, and null takes the file away. */
async function labWith(change: Readonly<Record<string, unknown>> = {}, images: readonly string[] = [INPUTS.stack.tag]): Promise<Lab> {
  const home = await emptyFolder();
  const run = `runs/${RUN_ID}`;
  const files: Record<string, unknown> = {
    [`${run}/run.json`]: runRecord({ kernel: KERNEL }), [`${run}/inputs.json`]: INPUTS, [`${run}/argv.json`]: {}, [`${run}/attempt.json`]: {}, [`${run}/frames/a.png`]: '',
    [`${run}/versions.json`]: { stack: { packages: { qemu: '10' } }, guest: { packages: { mesa: '25' } } },
    [`kernels/${KEY.kernel}/kernel.json`]: KERNEL, [`kernels/${KEY.kernel}/vmlinux`]: '', [`kernels/${KEY.kernel}/config`]: '', [`kernels/${KEY.kernel}/patches/0001-a.patch`]: '',
    [`images/stack-trixie-${KEY.stack}/image.json`]: image('stack', { qemu: '10' }), [`images/guest-trixie-${KEY.guest}/image.json`]: image('guest', { mesa: '25' }),
    [`images/guest-trixie-${KEY.guest}/root.erofs`]: '', [`images/guest-trixie-${KEY.guest}/pipeline`]: '',
    [`clips/${KEY.clip}/clip.json`]: CLIP, [`clips/${KEY.clip}/clip.disk`]: '',
    [`jobs/${JOB_ID}.json`]: { job: JOB_ID, title: 'a test', file: 'jobs/first-look.yaml', submittedAt: BUILT, runs: [runRequest()] },
    ...change,
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(home, dirname(name)), { recursive: true });
    await writeFile(join(home, name), JSON.stringify(content));
    if (content === null) await rm(join(home, name));
  }
  return { config: { home }, engine: { hasImage: (tag: string) => Promise.resolve(images.includes(tag)) } } as unknown as Lab;
}

test('takes kernel, configuration, patches, root, clips and the run\'s folder, under the names that the guest\'s command line has', async () => {
  const { entries } = await gather(RUN_ID, await labWith());
  expect(entries.map((entry) => entry.name).sort()).toEqual([
    'clip0', 'clips/clip0.json', 'kernel/config', 'kernel/kernel.json', 'kernel/patches/0001-a.patch', 'pipeline',
    'recorded/argv.json', 'recorded/frames/a.png', 'recorded/run.json', 'recorded/versions.json', 'root.erofs', 'vmlinux',
  ]);
});

test.each<[string, Record<string, unknown>, string]>([
  ['a kernel that is gone', { [`kernels/${KEY.kernel}/vmlinux`]: null }, `kernel ${KEY.kernel}`],
  ['a kernel that was built anew', { [`kernels/${KEY.kernel}/kernel.json`]: { ...KERNEL, builtAt: '2025-07-01T11:00:00.000Z' } }, 'the one here was built at 2025-07-01'],
  ['a guest image without its root', { [`images/guest-trixie-${KEY.guest}/root.erofs`]: null }, 'guest image trixie'],
  ['a stack with other packages', { [`images/stack-trixie-${KEY.stack}/image.json`]: image('stack', { qemu: '11' }) }, 'stack image trixie with qemu 10; the one here, built anew since, has 11'],
  ['a guest with one package more', { [`images/guest-trixie-${KEY.guest}/image.json`]: image('guest', { mesa: '25', more: '1' }) }, 'with more absent; the one here, built anew since, has 1'],
  ['a clip of other bytes', { [`clips/${KEY.clip}/clip.json`]: { ...CLIP, sha256: 'dcba' } }, `clip h264-640x360 (${KEY.clip})`],
])('%s is named, with what to type', async (_, change, said) => {
  expect(await rejection(gather(RUN_ID, await labWith(change)))).toMatchObject({
    code: 'NOT_KEPT', blame: 'request', message: expect.stringContaining(said) as string, hint: expect.stringContaining('vlab run jobs/first-look.yaml') as string,
  });
});

test('everything that is missing is told at once, the engine\'s image too', async () => {
  const lab = await labWith({ [`kernels/${KEY.kernel}/vmlinux`]: null, [`clips/${KEY.clip}/clip.disk`]: null }, []);
  expect(await rejection(gather(RUN_ID, lab))).toMatchObject({ message: expect.stringMatching(/kernel .*; the engine's image vlab\/stack-trixie.*; clip /) as string });
});

test.each<[string, string, Record<string, unknown>, string]>([
  ['no id at all', '../../etc', {}, 'BAD_ID'],
  ['a job', JOB_ID, {}, 'BAD_ID'],
  ['a run that is not sealed', RUN_ID, { [`runs/${RUN_ID}/run.json`]: null }, 'NO_SUCH_RUN'],
  ['a run that booted no guest', RUN_ID, { [`runs/${RUN_ID}/argv.json`]: null }, 'NO_GUEST'],
  ['a run that did not say what it was made of', RUN_ID, { [`runs/${RUN_ID}/inputs.json`]: null }, 'NO_INPUTS'],
])('%s is refused', async (_, id, change, code) => {
  expect(await rejection(gather(id, await labWith(change)))).toMatchObject({ code, blame: 'request', hint: expect.stringMatching(/./) as string });
});
