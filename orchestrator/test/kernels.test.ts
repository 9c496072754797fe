// Kernels from source: every series of the checkout does what it says, builds are shared, isolated and told in words.
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ErrorDocument, ImageListDocument, KernelBuildDocument, KernelListDocument, RunDocument } from '../src/contract/documents.ts';
import { readCatalogue } from '../src/request/catalogue.ts';
import { readSeries } from '../src/kernel/series.ts';
import { runProgram } from '../src/lib/exec.ts';
import { CHECKOUT, TestLab, vlab } from './lab.ts';

const ALL_BASES = process.env['VLAB_ALL_BASES'] === '1';

let lab: TestLab;
let base: KernelBuildDocument;
beforeAll(async () => {
  lab = await TestLab.open();
  base = KernelBuildDocument.parse(JSON.parse((await lab.vlab(['kernel', 'build', '--json'])).stdout));
});
afterAll(() => lab[Symbol.asyncDispose]());

/** Each line of the plan: a series and its patches. One series' patches are tried as one text, so that the later ones see what the earlier ones do. */
const TRY_ALL = `
while read -r name patches; do
	cat $patches | git apply --check - >/dev/null 2>&1 && echo "applies $name" || echo "refused $name"
done </plan
xargs -r -a /styled -P 2 -n 16 perl scripts/checkpatch.pl --no-tree --strict --no-summary --terse --ignore FILE_PATH_CHANGES >&2
`;

test.each(ALL_BASES ? ['6.12', '7.3'] : ['6.12'])('every patch of the checkout applies to base %s and is in kernel style, but for the faults that are its point', async (name) => {
  const built = name === base.base ? base : KernelBuildDocument.parse(JSON.parse((await lab.vlab(['kernel', 'build', '--base', name, '--json'])).stdout));
  const { series, drivers } = await readCatalogue(CHECKOUT);
  const all = await Promise.all([...series, ...drivers.map((driver) => `drivers/${driver}`)].map((one) => readSeries(CHECKOUT, one, name)));
  const tried = all.filter((one) => one.appliesTo.includes(name) && !one.unpatched);
  const folder = join(CHECKOUT, 'kernel-patches');
  const plan = join(lab.home, `plan-${name}`);
  const inside = ({ path }: { path: string }): string => path.replace(folder, '/kernel-patches');
  await writeFile(plan, tried.map((one) => `${[one.name, ...one.patches.map(inside)].join(' ')}\n`).join(''));
  // What one text for two bases may call is what the older one has, so that one's checkpatch is the judge.
  const styled = tried.flatMap((one) => one.patches.filter(({ path }) => one.appliesTo[0] === name || path.includes(`/${name}/`)));
  await writeFile(`${plan}.styled`, `${styled.map(inside).join('\n')}\n`);
  const lines: string[] = [];
  const exit = await lab.engine.run({
    image: `vlab/kernel:${built.kernel}`, purpose: 'checkpatch', memoryMiB: 1024, pids: 32, workdir: '/work/linux',
    binds: [{ from: folder, to: '/kernel-patches' }, { from: plan, to: '/plan' }, { from: `${plan}.styled`, to: '/styled' }], argv: ['sh', '-c', TRY_ALL],
  }, { onLine: (line) => { lines.push(line); } });
  const isRefused = (one: { detector?: string | undefined }): boolean => one.detector === 'apply';
  expect(lines.filter((line) => /^(applies|refused) /.test(line))).toEqual(tried.map((one) => `${isRefused(one) ? 'refused' : 'applies'} ${one.name}`));
  expect(exit.code, lines.join('\n')).toBe(0);
});

test('an option that Kconfig drops without a word fails the configuration', async () => {
  const fragment = join(lab.home, 'wanted.config');
  await writeFile(fragment, 'CONFIG_NO_SUCH_THING=y\n');
  const lines: string[] = [];
  const exit = await lab.engine.run({
    image: `vlab/kernel:${base.kernel}`, purpose: 'configure', memoryMiB: 2048, pids: 128, workdir: '/work/linux',
    binds: [{ from: join(CHECKOUT, 'orchestrator/src/kernel/in-builder'), to: '/in-builder' }, { from: fragment, to: '/wanted.config' }],
    argv: ['sh', '/in-builder/configure.sh', '/wanted.config'],
  }, { onLine: (line) => { lines.push(line); } });
  expect(exit.code).toBe(1);
  expect(lines).toContain('configure: wanted CONFIG_NO_SUCH_THING=y, got # CONFIG_NO_SUCH_THING is not set');
});

test.each([
  { what: 'a git ref', from: ['file:///from', 'main'], version: /^[0-9a-f]{40}$/, files: 'Makefile a.c' },
  { what: 'a folder', from: ['/from'], version: /^folder-[0-9a-f]{16}$/, files: 'Makefile a.c b.c' },
])('$what becomes a kernel tree without what git or a build has left there', async ({ from, version, files }) => {
  const tree = await mkdtemp(join(lab.home, 'tree-'));
  await writeFile(join(tree, 'Makefile'), 'mrproper:\n\trm -f *.o\n');
  await writeFile(join(tree, 'a.c'), 'int a;\n');
  for (const argv of [['init', '-q', '-b', 'main'], ['add', '-A'], ['-c', 'user.name=Test', '-c', 'user.email=test@virgil-lab.example', 'commit', '-q', '-m', 'a']]) await runProgram('git', ['-C', tree, ...argv]);
  await writeFile(join(tree, 'b.c'), 'int b;\n');
  await writeFile(join(tree, 'a.o'), '');
  const lines: string[] = [];
  await lab.engine.run({
    image: base.builder, purpose: 'source', user: 0, memoryMiB: 512, pids: 64,
    binds: [{ from: join(CHECKOUT, 'orchestrator/src/kernel/in-builder'), to: '/in-builder' }, { from: tree, to: '/from' }],
    argv: ['sh', '-c', 'sh /in-builder/fetch-tree.sh 64100 "$@" >/dev/null && cat /work/linux.version && echo $(ls -A /work/linux) && stat -c %u /work/linux/a.c', 'sh', ...from],
  }, { onLine: (line) => { lines.push(line); } });
  expect(lines).toEqual([expect.stringMatching(version), files, '64100']);
});

/** A checkout with the real bases and one series of the test's own. */
async function checkoutWith(name: string, ...patches: string[]): Promise<string> {
  const checkout = join(lab.home, `checkout-${name}`);
  for (const part of ['guest-images', 'jobs', 'kernel-patches', 'orchestrator/src']) await cp(join(CHECKOUT, part), join(checkout, part), { recursive: true });
  const folder = join(checkout, 'kernel-patches/tests', name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'series.yaml'), 'title: a test\nappliesTo: [\'6.12\']\n');
  for (const [index, patch] of patches.entries()) await writeFile(join(folder, `000${String(index + 1)}-test.patch`), patch);
  return checkout;
}

/** Changes a comment and no line number: line numbers are in the kernel's tables of warnings. */
const COMMENT_PATCH = `--- a/drivers/gpu/drm/virtio/virtgpu_fence.c
+++ b/drivers/gpu/drm/virtio/virtgpu_fence.c
@@ -1,4 +1,4 @@
 /*
- * Copyright (C) 2015 Red Hat, Inc.
+ * Copyright (C) 2015 Red Hat, Inc. MARK
  * All Rights Reserved.
  *
`;

test('two processes that ask for one kernel at once get one build between them', async () => {
  const checkout = await checkoutWith('twice', COMMENT_PATCH.replace('MARK', `built at ${String(Date.now())}`));
  const ask = (): ReturnType<TestLab['vlab']> => lab.vlab(['kernel', 'build', 'tests/twice', '--json'], { VLAB_CHECKOUT: checkout });
  const answers = (await Promise.all([ask(), ask()])).map((ended) => KernelBuildDocument.parse(JSON.parse(ended.stdout)));
  expect(answers[0]?.kernel).toBe(answers[1]?.kernel);
  expect(answers.filter((one) => !one.cached)).toHaveLength(1);
});

test('a comment changes no byte of the kernel: builds are reproducible, and there is nothing to run', async () => {
  const checkout = await checkoutWith('same', COMMENT_PATCH.replace('MARK', 'nothing that matters'));
  const built = KernelBuildDocument.parse(JSON.parse((await lab.vlab(['kernel', 'build', 'tests/same', '--json'], { VLAB_CHECKOUT: checkout })).stdout));
  expect((await readFile(built.vmlinux)).equals(await readFile(base.vmlinux))).toBe(true);
  expect(built.identicalToBase).toBe(true);
  const job = await lab.job({ kernels: [{ base: '6.12', series: 'tests/same' }], pipelines: ['upload'] });
  const { runs: [run] } = RunDocument.parse(JSON.parse((await lab.vlab(['run', job, '--quiet', '--json'], { VLAB_CHECKOUT: checkout })).stdout));
  expect(run).toMatchObject({ asExpected: true, readyMs: null, outcome: { kind: 'passed', stage: 'kernel' }, pipelines: [{ pipeline: 'upload', status: 'not-run', frames: 0 }] });
});

/** Replaces the empty line among the includes of virtgpu_fence.c, as it is after the patches before. */
function fencePatch(from: string, to: string): string {
  return `--- a/drivers/gpu/drm/virtio/virtgpu_fence.c\n+++ b/drivers/gpu/drm/virtio/virtgpu_fence.c\n@@ -26,4 +26,4 @@\n #include <trace/events/dma_fence.h>\n-${from}\n+${to}\n #include "virtgpu_drv.h"\n \n`;
}

test('every prefix of a series is a kernel, one that does not build stops no other, and what is new about each is told', async () => {
  const unused = 'static int vlab_unused;';
  const broken = 'static int vlab_unused';
  const used = `int vlab_used(int a); int vlab_used(int a) { return a ^ ${String(Date.now() % 2 ** 31)}; }`;
  const checkout = await checkoutWith('prefixes', fencePatch('', unused), fencePatch(unused, broken), fencePatch(broken, used));
  const built = KernelBuildDocument.parse(JSON.parse((await lab.vlab(['kernel', 'build', 'tests/prefixes', '--json'], { VLAB_CHECKOUT: checkout })).stdout));
  expect(built.prefixes.map(({ patch, kernel }) => [patch, kernel !== null])).toEqual([['0001-test.patch', true], ['0002-test.patch', false], ['0003-test.patch', true]]);
  expect(built.prefixes[2]?.kernel).toBe(built.kernel);
  expect(built.prefixes[1]?.why).toContain('virtgpu_fence.c');
  const { kernels } = KernelListDocument.parse(JSON.parse((await lab.vlab(['kernel', 'list', '--json'])).stdout));
  expect(kernels.find((one) => one.kernel === built.prefixes[0]?.kernel)).toMatchObject({
    patches: [{ file: '0001-test.patch' }], warnings: [{ file: 'drivers/gpu/drm/virtio/virtgpu_fence.c', line: 27, text: expect.stringContaining('vlab_unused') as string }],
  });
  const [bloat] = built.bloat;
  expect(bloat?.object).toBe('drivers/gpu/drm/virtio/virtgpu_fence.o');
  expect(bloat?.before).toBeGreaterThan(0);
  expect(bloat?.after).not.toBe(bloat?.before);
  expect(built).toMatchObject({ warnings: [], identicalToBase: false, cached: false });
  expect(built.checkpatch[2]?.errors).toBeGreaterThan(0);
});

test('a patch cannot write outside the tree', async () => {
  const checkout = await checkoutWith('outside', '--- /dev/null\n+++ b/../../../out/vmlinux\n@@ -0,0 +1 @@\n+escaped\n');
  const ended = await lab.vlab(['kernel', 'build', 'tests/outside', '--json'], { VLAB_CHECKOUT: checkout });
  expect(ended.exitCode).toBe(1);
  expect(ErrorDocument.parse(JSON.parse(ended.stdout)).error.message).toContain('does not apply');
});

test('the guest image is under 400 MB, without a package manager, and its exact versions are known', async () => {
  const { images } = ImageListDocument.parse(JSON.parse((await vlab(['image', 'list', '--json'])).stdout));
  const guest = images.filter((one) => one.kind === 'guest').sort((a, b) => b.builtAt.localeCompare(a.builtAt))[0];
  expect(guest?.erofsBytes).toBeLessThan(400e6);
  expect(guest?.packages['libgl1-mesa-dri']).toMatch(/^25\./);
  const workshop = images.find((one) => one.kind === 'workshop')?.tag ?? '';
  const lines: string[] = [];
  const erofs = join(process.env['VLAB_HOME'] ?? join(process.env['HOME'] ?? '', '.cache/vlab'), 'images', `guest-${guest?.name ?? ''}-${guest?.key ?? ''}`, 'root.erofs');
  await lab.engine.run({ image: workshop, purpose: 'list', memoryMiB: 512, pids: 32, binds: [{ from: erofs, to: '/root.erofs' }], argv: ['dump.erofs', '--ls', '--path=/usr', '/root.erofs'] }, { onLine: (line) => { lines.push(line); } });
  expect(lines.join('\n')).toContain('lib');
  expect(lines.join('\n')).not.toMatch(/\b(dpkg|apt)\b/);
});
