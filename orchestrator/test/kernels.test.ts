// Kernels from source: every series of the checkout does what it says, builds are shared, isolated and told in words.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ErrorDocument, ImageListDocument, KernelBuildDocument } from '../src/contract/documents.ts';
import { readCatalogue } from '../src/request/catalogue.ts';
import { readSeries } from '../src/kernel/series.ts';
import { CHECKOUT, TestLab, vlab } from './lab.ts';

let lab: TestLab;
let base: KernelBuildDocument;
beforeAll(async () => {
  lab = await TestLab.open();
  base = KernelBuildDocument.parse(JSON.parse((await lab.vlab(['kernel', 'build', '--json'])).stdout));
});
afterAll(() => lab[Symbol.asyncDispose]());

test('every patch of the checkout is in kernel style, but for the faults that are its point', async () => {
  const { series } = await readCatalogue(CHECKOUT);
  const lines: string[] = [];
  for (const name of series) {
    for (const patch of (await readSeries(CHECKOUT, name)).patches) {
      const exit = await lab.engine.run({
        image: `vlab/kernel:${base.kernel}`, purpose: 'checkpatch', memoryMiB: 1024, pids: 32, workdir: '/work/linux',
        binds: [{ from: patch.path, to: `/patch/${patch.file}` }],
        argv: ['perl', 'scripts/checkpatch.pl', '--no-tree', '--strict', '--no-summary', '--terse', '--ignore', 'FILE_PATH_CHANGES', `/patch/${patch.file}`],
      }, { onLine: (line) => { lines.push(`${name}: ${line}`); } });
      expect(exit.code, lines.join('\n')).toBe(0);
    }
  }
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

/** A checkout with the real bases and one series of the test's own. */
async function checkoutWith(name: string, patch: string): Promise<string> {
  const checkout = join(lab.home, `checkout-${name}`);
  for (const part of ['guest-images', 'jobs', 'kernel-patches', 'orchestrator/src']) await cp(join(CHECKOUT, part), join(checkout, part), { recursive: true });
  const folder = join(checkout, 'kernel-patches/tests', name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'series.yaml'), 'title: a test\nappliesTo: [\'6.12\']\n');
  await writeFile(join(folder, '0001-test.patch'), patch);
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

test('a comment changes no byte of the kernel: builds are reproducible', async () => {
  const checkout = await checkoutWith('same', COMMENT_PATCH.replace('MARK', 'nothing that matters'));
  const built = KernelBuildDocument.parse(JSON.parse((await lab.vlab(['kernel', 'build', 'tests/same', '--json'], { VLAB_CHECKOUT: checkout })).stdout));
  expect((await readFile(built.vmlinux)).equals(await readFile(base.vmlinux))).toBe(true);
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
