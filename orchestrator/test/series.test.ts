// From a mail to a kernel, on real git and real bases: every form of a source, hostile mails, and a saved thread that runs to its end.
import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { ErrorDocument, KernelBuildDocument, RunDocument, SeriesAddDocument, SeriesListDocument } from '../src/contract/documents.ts';
import { exists, namesIn } from '../src/lib/files.ts';
import type { Making } from '../src/lib/lab.ts';
import { configFrom } from '../src/lib/config.ts';
import { readBases } from '../src/request/catalogue.ts';
import { tryBases } from '../src/series/bases.ts';
import { checkPatch } from '../src/series/safe-patch.ts';
import { CHECKOUT, ranWhole, TestLab } from './lab.ts';

const THREAD = join(CHECKOUT, 'orchestrator/test/threads/tidy-ids.mbox');
const NAME = 'added/drm-virtio-tidy-up-how-resources-get-their-ids-v2';
const run = promisify(execFile);

let lab: TestLab;
let thread: Buffer;
beforeAll(async () => {
  lab = await TestLab.open();
  thread = await readFile(THREAD);
});
afterAll(() => lab[Symbol.asyncDispose]());

async function add(...words: string[]): Promise<SeriesAddDocument> {
  const ended = await lab.vlab(['series', 'add', ...words, '--json']);
  if (ended.exitCode !== 0) throw new Error(ended.stdout);
  return SeriesAddDocument.parse(JSON.parse(ended.stdout));
}

async function refusal(...words: string[]): Promise<z.infer<typeof ErrorDocument>['error']> {
  const ended = await lab.vlab([...words, '--json']);
  expect(ended.exitCode, ended.stdout).toBe(2);
  return ErrorDocument.parse(JSON.parse(ended.stdout)).error;
}

/** A mail with a patch, in the lab's folder. */
async function mail(name: string, diff: string, subject = '[PATCH] drm/virtio: a test'): Promise<string> {
  const path = join(lab.home, name);
  await writeFile(path, `From: a <a@b.invalid>\nSubject: ${subject}\nDate: Mon, 2 Nov 2026 09:20:00 +0100\n\nWhy.\n---\n${diff}`);
  return path;
}

describe('one thread in every form that it may have', () => {
  test('as an mbox: v2 of two is taken, its trailers listed and not applied, and the base that takes it found', async () => {
    const added = await add(THREAD);
    expect(added).toMatchObject({ series: NAME, fresh: true, appliesTo: ['6.12'] });
    expect(added.source).toMatchObject({
      kind: 'mbox', version: 2, replies: 4, missing: [], duplicates: [], base: '6.12', changeId: '20261101-virtio-ids-4c1f0aa2b7de',
      baseCommit: 'adc218676eef25575469234709c2d87185ca223a', cover: { subject: '[PATCH v2 0/3] drm/virtio: tidy up how resources get their ids' },
    });
    expect(added.source.trailers.map((one) => one.name)).toEqual(['Reported-by', 'Reviewed-by', 'Acked-by']);
    const patches = await Promise.all((await namesIn(added.folder)).filter((name) => name.endsWith('.patch')).map((name) => readFile(join(added.folder, name), 'utf8')));
    expect(patches).toHaveLength(3);
    expect(patches.join('')).not.toContain('Reviewed-by');
    expect(patches[1]).toContain('\n>From the host\'s point of view nothing changes');
    expect(patches[2]).not.toMatch(/=3D|=\n/);
  });

  test('packed, from standard input, as a maildir, as a folder: it is the same series', async () => {
    await writeFile(join(lab.home, 'thread.mbox.gz'), gzipSync(thread));
    expect(await add(join(lab.home, 'thread.mbox.gz'))).toMatchObject({ series: NAME, fresh: false });
    await mkdir(join(lab.home, 'maildir/cur'), { recursive: true });
    const mails = thread.toString('utf8').split(/^From mboxrd@z .*\n/m).slice(1).map((text) => text.replace(/^>(>*From )/gm, '$1'));
    await Promise.all(mails.map((text, n) => writeFile(join(lab.home, 'maildir/cur', `${String(n)}:2,S`), text)));
    expect(await add(join(lab.home, 'maildir'))).toMatchObject({ series: NAME, fresh: false });
    const child = spawn('sh', ['-c', `node ${join(CHECKOUT, 'orchestrator/bin/vlab.js')} series add - --json < ${join(lab.home, 'thread.mbox.gz')}`], { env: { ...process.env, ...lab.env } });
    const out: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    await new Promise((resolve) => { child.once('close', resolve); });
    expect(SeriesAddDocument.parse(JSON.parse(Buffer.concat(out).toString()))).toMatchObject({ series: NAME, fresh: false });
    const { folder } = await add(THREAD);
    expect(await add(folder)).toMatchObject({ series: NAME, fresh: false, source: { kind: 'mbox' } });
  });

  test('as other mailers save it', async () => {
    const plain = thread.toString('utf8');
    const mails = plain.split(/^From mboxrd@z .*\n/m).slice(1);
    const footer = '_______________________________________________\ndri-devel mailing list\n';
    const base64 = (text: string): string => {
      const at = text.indexOf('\n\n');
      const [head, body] = [text.slice(0, at), text.slice(at + 2)];
      return head.includes('Encoding: 8bit') ? `${head.replace('Encoding: 8bit', 'Encoding: base64')}\n\n${Buffer.from(body.replace(/^>(>*From )/gm, '$1').replaceAll('\n', '\r\n')).toString('base64').replace(/.{76}/g, '$&\n')}\n\n` : text;
    };
    const box = (all: readonly string[], line = 'From mboxrd@z Thu Jan  1 00:00:00 1970'): string => all.map((text) => `${line}\n${text}`).join('');
    const forms = {
      crlf: plain.replaceAll('\n', '\r\n'), thunderbird: box(mails, 'From - Tue Nov 24 10:11:12 2026'), takeout: box(mails, 'From 12345@xxx Thu Jan 01 00:00:00 +0000 2026'),
      backwards: box([...mails].reverse()), base64: box(mails.map(base64)), twice: box([...mails, ...mails.map((text) => `${text.trimEnd()}\n${footer}\n`)]),
      tagged: box(mails.map((text) => text.replace(/^Subject: \[/m, 'Subject: [dri-devel] ['))), footed: box(mails.map((text) => (text.includes('base64') ? text : `${text.trimEnd()}\n${footer}\n`))),
    };
    for (const [name, text] of Object.entries(forms)) {
      await writeFile(join(lab.home, `${name}.mbox`), text);
      expect(await add(join(lab.home, `${name}.mbox`)), name).toMatchObject({ series: NAME, fresh: false });
    }
  });

  test('its first version, when asked for, under a name of its own or of one\'s own', async () => {
    expect(await add(THREAD, '--version', '1')).toMatchObject({ series: NAME.replace(/-v2$/, ''), source: { version: 1 } });
    expect(await add(THREAD, '--version', 'v1', '--name', 'first')).toMatchObject({ series: 'added/first', fresh: true });
    expect(await refusal('series', 'add', THREAD, '--name', 'first')).toMatchObject({ code: 'NAME_TAKEN', hint: 'vlab series remove added/first' });
  });

  test('is listed, shown and removed', async () => {
    const listed = SeriesListDocument.parse(JSON.parse((await lab.vlab(['series', 'list', '--json'])).stdout)).series;
    expect(listed.find((one) => one.series === NAME)).toMatchObject({ patches: 3, appliesTo: ['6.12'], version: 2, from: THREAD });
    expect(listed.find((one) => one.series === 'mutants/short-transfer')).toMatchObject({ version: null, from: null });
    expect((await lab.vlab(['series', 'show', NAME])).stdout).toContain('Reviewed-by: Jón Ásgeirsson <jon@lists.invalid>');
    expect((await lab.vlab(['series', 'remove', 'added/first'])).exitCode).toBe(0);
    expect(await refusal('series', 'show', 'added/first')).toMatchObject({ code: 'UNKNOWN_NAME' });
    expect(await refusal('series', 'remove', 'mutants/short-transfer')).toMatchObject({ code: 'NOT_ADDED' });
    expect(await exists(join(lab.home, 'series/added/first'))).toBe(false);
  });
});

test('a patch that no base takes is refused, with patch, file and hunk for each base that was tried', async () => {
  const error = await refusal('kernel', 'build', join(CHECKOUT, 'kernel-patches/mutants/does-not-apply/0001-drm-virtio-wait-for-the-host-before-the-CPU-reads-a-.patch'), '--base', '6.12');
  expect(error).toMatchObject({ code: 'DOES_NOT_APPLY', kind: 'rejected' });
  expect(error.evidence).toMatch(/^6\.12: patch 0001-\S+\.patch does not apply: drivers\/gpu\/drm\/virtio\/virtgpu_prime\.c:\d+, hunk #1 /);
});

test('a job insists on its base: a series that it does not take is a run that failed, and the others run', async () => {
  const broken = join(CHECKOUT, 'kernel-patches/mutants/does-not-apply/0001-drm-virtio-wait-for-the-host-before-the-CPU-reads-a-.patch');
  const ended = await lab.vlab(['run', await lab.job({ kernels: [{ base: '6.12', series: broken, expect: 'failed' }] }), '--json', '--quiet']);
  const { runs } = RunDocument.parse(JSON.parse(ended.stdout));
  expect(runs.map(({ series, outcome }) => [series, outcome.kind, outcome.stage])).toEqual([['added/drm-virtio-wait-for-the-host-before-the-cpu', 'failed', 'kernel']]);
  expect(runs[0]?.outcome.why).toMatch(/^patch 0001-\S+ does not apply: drivers\/gpu\/drm\/virtio\/virtgpu_prime\.c:\d+, hunk #1 /);
  expect(ended.exitCode).toBe(0);
});

describe('a repository', () => {
  const GIT = ['-c', 'user.name=a', '-c', 'user.email=a@b.invalid', '-c', 'commit.gpgsign=false'];

  test('gives its commits, and whatever its configuration would run is run nowhere but in the container', async () => {
    const [dir, marker] = [join(lab.home, 'linux'), join(lab.home, 'ran')];
    const git = (...argv: string[]): Promise<unknown> => run('git', [...GIT, '-C', dir, ...argv]);
    const file = 'drivers/gpu/drm/virtio/virtgpu_fence.c';
    await mkdir(join(dir, 'drivers/gpu/drm/virtio'), { recursive: true });
    await run('git', ['init', '-q', '-b', 'main', dir]);
    await lab.engine.run({ image: await builtBase(), purpose: 'cat', memoryMiB: 256, pids: 16, argv: ['cat', `/work/linux/${file}`] }, { onStdout: (chunk) => { source.push(chunk); } });
    await writeFile(join(dir, file), Buffer.concat(source));
    await git('add', '-A');
    await git('commit', '-qm', 'base');
    await writeFile(join(dir, file), Buffer.concat(source).toString().replace('"controlq"', '"control queue"'));
    await git('commit', '-qam', 'drm/virtio: name the queue in full');
    const hostile = `sh -c 'touch ${marker} /from/ran; echo ran'`;
    for (const key of ['core.fsmonitor', 'diff.external', 'core.pager', 'diff.evil.textconv', 'diff.evil.command', 'core.sshCommand', 'core.editor', 'filter.evil.clean', 'filter.evil.smudge']) await git('config', key, hostile);
    for (const [key, value] of [['format.headers', 'X-Evil: 1'], ['format.attach', 'true'], ['format.signature', 'evil'], ['diff.noprefix', 'true'], ['format.subjectPrefix', 'RESEND'], ['core.hooksPath', join(dir, 'hooks')]] as const) await git('config', key, value);
    await writeFile(join(dir, '.git/info/attributes'), '*.c diff=evil filter=evil\n');
    const added = await add(`git:${dir} HEAD~1..HEAD`);
    expect(added).toMatchObject({ series: 'added/drm-virtio-name-the-queue-in-full', appliesTo: ['6.12'], source: { kind: 'git', version: 1, patches: [{ author: 'a <a@b.invalid>' }] } });
    expect([await exists(marker), await exists(join(dir, '.git/ran')), await exists(join(dir, 'ran'))]).toEqual([false, false, false]);
    expect(await add(`git:${dir}`, 'main~1..main')).toMatchObject({ fresh: false });
    expect(await refusal('series', 'add', `git:${dir}`, 'main..nowhere')).toMatchObject({ code: 'NO_RANGE' });
    expect(await refusal('series', 'add', `git:${dir}`, 'main..main')).toMatchObject({ code: 'EMPTY_RANGE' });
  });
  const source: Buffer[] = [];
});

/** The unpatched kernel that all these tests share, as an image. */
async function builtBase(): Promise<string> {
  const built = KernelBuildDocument.parse(JSON.parse((await lab.vlab(['kernel', 'build', '--json'])).stdout));
  return `vlab/kernel:${built.kernel}`;
}

const HUNK = '@@ -0,0 +1 @@\n+x\n';

describe('a hostile mail is refused before git sees its patch', () => {
  test.each([
    ['a path above the tree', `diff --git a/../../etc/passwd b/../../etc/passwd\nnew file mode 100644\n--- /dev/null\n+++ b/../../etc/passwd\n${HUNK}`, 'PATCH_OUTSIDE'],
    ['a symbolic link', `diff --git a/x b/x\nnew file mode 120000\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc/passwd\n\\ No newline at end of file\n`, 'PATCH_MODE'],
    ['bytes', 'diff --git a/x b/x\nnew file mode 100644\nindex 0000000..1111111\nGIT binary patch\nliteral 1\nIcmZPo000310RR91\n\n', 'PATCH_BINARY'],
    ['a NUL byte', 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+\0\n', 'PATCH_NUL'],
    ['no diff at all', 'hello\n', 'NO_PATCH'],
  ])('%s', async (_, diff, code) => {
    const error = await refusal('series', 'add', await mail('hostile.eml', diff));
    expect(error).toMatchObject({ code, kind: 'rejected' });
    expect(error.message).toMatch(/^(patch 1\/1 \("drm\/virtio: a test"\) |Expected a mail with a patch)/);
  });

  test('a subject of a megabyte', async () => {
    expect(await refusal('series', 'add', await mail('long.eml', `diff --git a/x b/x\n--- a/x\n+++ b/x\n${HUNK}`, `[PATCH] ${'x'.repeat(1_000_000)}`))).toMatchObject({ code: 'BAD_MAIL' });
  });

  test('a mail within the message of another is text there: it is no second patch, neither now nor when git reads it again', async () => {
    const diff = `diff --git a/drivers/gpu/drm/virtio/new.h b/drivers/gpu/drm/virtio/new.h\nnew file mode 100644\n--- /dev/null\n+++ b/drivers/gpu/drm/virtio/new.h\n${HUNK}`;
    const path = join(lab.home, 'inner.eml');
    await writeFile(path, `From: a <a@b.invalid>\nSubject: [PATCH] drm/virtio: outer\n\n>From evil Thu Jan  1 00:00:00 1970\nFrom evil Thu Jan  1 00:00:00 1970\nFrom: e <e@e.invalid>\nSubject: [PATCH] evil\n\n---\n${diff}`);
    const added = await add(path);
    expect(added.source.patches).toHaveLength(1);
    const text = await readFile(join(added.folder, added.source.patches[0]?.file ?? ''), 'utf8');
    expect(text.match(/^From /gm)).toHaveLength(1);
  });
});

describe('git in the container has the second word, with a patch that was never checked', () => {
  const attempt = async (diff: string): Promise<string> => {
    const making: Making = { lab: { config: configFrom({ ...process.env, ...lab.env }), engine: lab.engine }, signal: new AbortController().signal, progress: () => undefined };
    const bases = await readBases(CHECKOUT);
    const bytes = Buffer.from(`From 0 Mon Sep 17 00:00:00 2001\nFrom: a <a@b.invalid>\nSubject: [PATCH] a\n\n---\n\n${diff}`);
    const checked = checkPatch(diff);
    const trial = await tryBases({ patches: [{ file: '0001-a.patch', bytes, files: checked.ok ? checked.files : [] }], bases, order: ['6.12'], wanted: undefined, all: false }, making);
    return trial.tried[0]?.why ?? 'it applies';
  };

  test.each([
    ['a path above the tree', `diff --git a/../../tmp/x b/../../tmp/x\nnew file mode 100644\n--- /dev/null\n+++ b/../../tmp/x\n${HUNK}`],
    ['git\'s own folder', `diff --git a/.git/config b/.git/config\nnew file mode 100644\n--- /dev/null\n+++ b/.git/config\n${HUNK}`],
    ['a link, and a file behind it', `diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/tmp\n\\ No newline at end of file\ndiff --git a/l/x b/l/x\nnew file mode 100644\n--- /dev/null\n+++ b/l/x\n${HUNK}`],
  ])('%s', async (_, diff) => { expect(await attempt(diff)).not.toBe('it applies'); });

  test('a file behind a link that the tree has', async () => {
    const diff = `diff --git a/scripts/dtc/include-prefixes/arm/x b/scripts/dtc/include-prefixes/arm/x\nnew file mode 100644\n--- /dev/null\n+++ b/scripts/dtc/include-prefixes/arm/x\n${HUNK}`;
    expect(await attempt(diff)).toBe('scripts/dtc/include-prefixes/arm/x is behind a symbolic link of the tree');
  });
});

test('what a patch has make run, runs in the builder alone: nobody\'s user, no network, nothing of the host but what it is given', async () => {
  const marker = join(lab.home, 'ran-here');
  const seen = '$(info vlab-hostile: uid=$(shell id -u) net=$(shell ls /sys/class/net | tr "\\n" ,) scripts=$(shell touch /in-builder/x 2>&1 | tail -c 22) caps=$(shell grep CapEff /proc/self/status | cut -f2))';
  const makefile = `$(shell touch ${marker} ${join(CHECKOUT, 'ran-here')} /out/vmlinux.sh 2>/dev/null)`;
  const diff = `diff --git a/drivers/gpu/drm/virtio/Makefile b/drivers/gpu/drm/virtio/Makefile\n--- a/drivers/gpu/drm/virtio/Makefile\n+++ b/drivers/gpu/drm/virtio/Makefile\n@@ -2,4 +2,6 @@\n #\n # Makefile for the drm device driver.  This driver provides support for the\n # Direct Rendering Infrastructure (DRI) in XFree86 4.1.0 and higher.\n+${seen}\n+${makefile}\n \n`;
  const ended = await lab.vlab(['kernel', 'build', await mail('make.patch', diff), '--json']);
  const built = KernelBuildDocument.parse(JSON.parse(ended.stdout));
  const log = await readFile(join(built.vmlinux, '../build.log'), 'utf8');
  expect(log).toContain('vlab-hostile: uid=64100 net=lo, scripts=Read-only file system caps=0000000000000000');
  expect([await exists(marker), await exists(join(CHECKOUT, 'ran-here')), await exists(join(CHECKOUT, 'orchestrator/src/kernel/in-builder/x'))]).toEqual([false, false, false]);
  expect((await namesIn(join(built.vmlinux, '..'))).filter((name) => name.endsWith('.sh'))).toEqual([]);
});

test('a saved thread with replies and two versions runs end to end, by its path in a job file', async () => {
  await copyFile(THREAD, join(lab.home, 'thread.mbox'));
  await symlink(join(lab.home, 'thread.mbox'), join(lab.home, 'link.mbox'));
  const ended = await lab.vlab(['run', await lab.job({ kernels: [{ base: '6.12', series: './link.mbox' }], pipelines: ['dmabuf-copy'] }), '--json', '--quiet']);
  expect(ranWhole(ended).runs.map((one) => [one.series, one.outcome.kind, one.pipelines[0]?.frames])).toEqual([[NAME, 'passed', 60]]);
  expect(ended.exitCode).toBe(0);
});

test('a job whose series is no name and no file is refused by its line, and nothing is left of all this', async () => {
  expect((await refusal('run', await lab.job({ kernels: [{ base: '6.12', series: 'added/drm-virtio-tidy-up-how-resources-get-their-ids-v3' }] }))).message).toMatch(/^\d+\.yaml:1: unknown series .*; did you mean "added\/drm-virtio-tidy-up-how-resources-get-their-ids-v2"\?$/);
  expect((await namesIn(join(lab.home, 'series'))).filter((name) => name !== 'added')).toEqual([]);
  expect(await lab.left()).toEqual([]);
});
