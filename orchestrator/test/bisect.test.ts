// Bisections on real guests: a series, a git range with a merge, and a defect that shows on half of the boots only. Without the flavour debug, whose
// base would take a quarter of an hour to build on a bare machine.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BisectDocument } from '../src/contract/bisection.ts';
import { ErrorDocument, KernelBuildDocument } from '../src/contract/documents.ts';
import { exists } from '../src/lib/files.ts';
import { CHECKOUT, TestLab } from './lab.ts';

const run = promisify(execFile);
const DRIVER = 'drivers/gpu/drm/virtio';
/** Some twenty boots each, on a machine that may have other work. */
const SLOW_MS = 1_800_000;
/** To the end of a git range, and to a defect that shows now and then, it takes some ten looks each; CI has twenty minutes. */
const LONG = process.env['VLAB_LONG'] !== undefined;

let lab: TestLab;
beforeAll(async () => { lab = await TestLab.open(); });
afterAll(() => lab.end());

async function bisected(...argv: string[]): Promise<{ exitCode: number | undefined; document: BisectDocument; talk: string }> {
  const { exitCode, stdout, stderr } = await lab.vlab(['bisect', ...argv, '--no-debug', '--json', '--quiet']);
  const parsed = BisectDocument.safeParse(JSON.parse(stdout));
  if (!parsed.success) throw new Error(stdout);
  return { exitCode, document: parsed.data, talk: stderr };
}

async function refused(...argv: string[]): Promise<string> {
  const { exitCode, stdout } = await lab.vlab(['bisect', ...argv, '--no-debug', '--json', '--quiet']);
  expect(exitCode, stdout).toBe(2);
  const { message, hint } = ErrorDocument.parse(JSON.parse(stdout)).error;
  return `${message} | ${hint ?? ''}`;
}

/** A folder with these series of kernel-patches/, or of this folder, one after the other. */
async function seriesOf(name: string, parts: readonly string[]): Promise<string> {
  const folder = join(lab.home, name);
  await mkdir(folder);
  let n = 0;
  for (const part of parts) {
    for (const file of (await readdir(part)).filter((one) => one.endsWith('.patch')).sort()) await copyFile(join(part, file), join(folder, `${String(++n).padStart(4, '0')}-${part.split('/').at(-1) ?? ''}.patch`));
  }
  await writeFile(join(folder, 'series.yaml'), `title: ${name}\nappliesTo: ['6.12']\n`);
  return folder;
}

const patches = (name: string): string => join(CHECKOUT, 'kernel-patches', name);

test('of three patches the one that is wrong is found by what is known to be wrong alone, and an earlier bisection is not made again', async () => {
  const folder = await seriesOf('three', ['harmless/comment', 'mutants/short-transfer', 'harmless/rename'].map(patches));
  const { exitCode, document } = await bisected(folder, '--check', 'dmabuf-copy');
  expect(document).toMatchObject({ what: 'series', found: [{ id: expect.stringContaining('0002') as string, subject: 'drm/virtio: treat the transfer box as inclusive' }], enough: true, confidence: 1 });
  expect(document.steps.map(({ at, saw, narrow }) => [at.slice(0, 4), saw, narrow])).toEqual([['0003', 'wrong', true], ['0001', 'same', true], ['0002', 'wrong', true]]);
  expect(exitCode).toBe(1);
  const again = await bisected(folder, '--check', 'dmabuf-copy');
  expect(again.document).toEqual(document);
  expect(again.talk).toContain('3 looks of an earlier bisection');
}, SLOW_MS);

test.each(['6.12', '6.1'])('a version of %s that Debian has not is refused with those that it has, the oldest first', async (base) => {
  const said = await refused('--debian', `${base}.1..${base}.2`);
  const versions = (/Expected versions that Debian has \(([^)]+)\), got /.exec(said)?.[1] ?? said).split(', ');
  for (const version of versions) expect(version).toMatch(new RegExp(`^${base.replace('.', '\\.')}\\.\\d+-\\d`));
  const upstream = versions.map((version) => Number(version.split(/[.-]/)[2]));
  expect(upstream).toEqual(upstream.toSorted((a, b) => a - b));
});

describe('a git range', () => {
  let dir: string;
  // The same commits every time, so that their kernels are built once.
  const dates = { GIT_AUTHOR_DATE: '2026-11-29T00:00:00Z', GIT_COMMITTER_DATE: '2026-11-29T00:00:00Z' };
  const git = async (...argv: string[]): Promise<string> =>
    (await run('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.invalid', '-c', 'commit.gpgsign=false', '-C', dir, ...argv], { env: { ...process.env, ...(argv[0] === 'am' ? { GIT_COMMITTER_DATE: dates.GIT_COMMITTER_DATE } : dates) } })).stdout.trim();
  const edit = async (file: string, from: string, to: string): Promise<void> => {
    const path = join(dir, DRIVER, file);
    const text = await readFile(path, 'utf8');
    expect(text).toContain(from);
    await writeFile(path, text.replace(from, to));
  };

  beforeAll(async () => {
    dir = join(lab.home, 'linux');
    await mkdir(dir);
    const built = KernelBuildDocument.parse(JSON.parse((await lab.vlab(['kernel', 'build', '--json'])).stdout));
    const tar: Buffer[] = [];
    await lab.engine.run({ image: `vlab/kernel:${built.kernel}`, purpose: 'cat', memoryMiB: 256, pids: 16, argv: ['tar', '-C', '/work/linux', '--exclude=*.o', '--exclude=*.a', '--exclude=.*', '-c', DRIVER] }, { onStdout: (chunk) => { tar.push(chunk); } });
    await writeFile(join(lab.home, 'driver.tar'), Buffer.concat(tar));
    await run('tar', ['-C', dir, '-xf', join(lab.home, 'driver.tar')]);
    await git('init', '-q', '-b', 'main');
    await git('add', '-A');
    await git('commit', '-qm', 'as the base is');
    await git('tag', 'good');
    await git('switch', '-qc', 'side');
    for (const [from, to, subject] of [
      ['"cursor"', '"cursor queue"', 'drm/virtio: name the cursor queue in full'], ['"control"', '"control-queue"', 'drm/virtio: name the control queue in full'],
      ['"control-queue"', 'CONTROL_NAME', 'drm/virtio: name a queue by a macro that there is not'], ['CONTROL_NAME', '"control queue"', 'drm/virtio: name it as the other one'],
    ] as const) {
      await edit('virtgpu_kms.c', from, to);
      await git('commit', '-qam', subject);
    }
    const [patch = ''] = (await readdir(patches('mutants/short-transfer'))).filter((name) => name.endsWith('.patch'));
    await git('am', '-q', join(patches('mutants/short-transfer'), patch));
    await git('switch', '-q', 'main');
    await edit('virtgpu_ioctl.c', 'similiar', 'similar');
    await git('commit', '-qam', 'drm/virtio: fix a typo in a comment');
    await git('tag', 'comment');
    await git('merge', '-q', '--no-ff', '-m', 'Merge branch side', 'side');
    await writeFile(join(dir, 'README'), 'not below the path\n');
    await git('add', '-A');
    await git('commit', '-qm', 'README: new');
  });

  test('whatever the repository would run is not run; a range that changes no byte has nothing to look at', async () => {
    const marker = join(lab.home, 'ran');
    for (const key of ['core.fsmonitor', 'diff.external', 'core.pager', 'diff.evil.textconv', 'diff.evil.command', 'core.sshCommand', 'gpg.program']) await git('config', key, `sh -c 'touch ${marker} /from/ran; echo ran'`);
    for (const [key, value] of [['diff.noprefix', 'true'], ['log.showSignature', 'true'], ['core.hooksPath', join(dir, 'hooks')], ['diff.renames', 'copies']] as const) await git('config', key, value);
    await writeFile(join(dir, '.git/info/attributes'), '*.c diff=evil\n');
    const { document } = await bisected(`git:${dir}`, 'good..comment', '--path', DRIVER, '--base', '6.12');
    expect([await exists(marker), await exists(join(dir, '.git/ran'))]).toEqual([false, false]);
    expect(document).toMatchObject({ what: 'git', base: '6.12', found: [], why: expect.stringContaining('byte for byte') as string, steps: [{ saw: 'same' }] });
  });

  test.skipIf(!LONG)('with a merge: the commit on the side branch is found, and one that does not compile is gone around', async () => {
    const { exitCode, document, talk } = await bisected(`git:${dir}`, 'good..main', '--path', DRIVER, '--base', '6.12');
    const subject = 'drm/virtio: treat the transfer box as inclusive';
    const { stdout: culprit } = await run('git', ['-C', dir, 'rev-list', '-1', 'side']);
    expect(document).toMatchObject({ what: 'git', base: '6.12', enough: true, found: [{ id: culprit.trim(), subject, author: 'Virgil Lab <lab@virgil-lab.example>', date: '2026-11-23' }] });
    expect(document.confidence).toBeGreaterThan(0.95);
    const seen = document.kernels.map((one) => [one.subject, one.is]);
    expect(seen).toContainEqual(['drm/virtio: name a queue by a macro that there is not', 'skip']);
    expect(seen).toContainEqual(['drm/virtio: name it as the other one', 'good']);
    expect(seen).toContainEqual([subject, 'bad']);
    expect(seen.map(([name]) => name)).not.toContain('README: new');
    expect(talk).toMatch(/look 3, about \d to go/);
    expect(exitCode).toBe(1);
    const again = await bisected(`git:${dir}`, 'good..main', '--path', DRIVER);
    expect(again.document).toEqual(document);
  }, SLOW_MS);

  test('is refused in words where it is none, or is not of the base', async () => {
    const range = (text: string, ...more: string[]): Promise<string> => refused(`git:${dir} ${text}`, ...more);
    expect(await range('good..nowhere')).toMatch(/^Expected commits good and nowhere in \S+, found no nowhere/);
    expect(await range('main..side')).toMatch(/^Expected main to be in the history of side, and it is not/);
    expect(await range('good..main', '--path', 'mm')).toMatch(/^Expected commits in good\.\.main of \S+ below mm, found none/);
    expect(await range('good..main', '--path', '../etc')).toContain('Expected a path within the kernel tree, got "../etc"');
    expect(await range('good...main')).toContain('Expected git:DIR GOOD..BAD');
    await git('switch', '-qC', 'other', 'good');
    await edit('virtgpu_ioctl.c', 'struct virtio_gpu_fence *fence;\n\tint ret;\n\tu32 offset = args->offset;', 'struct virtio_gpu_fence *its_fence;\n\tint their_ret;\n\tu32 some_offset = args->offset;');
    await git('commit', '-qam', 'not as the base is');
    await edit('virtgpu_ioctl.c', '\tint their_ret;\n\tu32 some_offset', '\tint other_ret;\n\tu32 other_offset');
    await git('commit', '-qam', 'more of it');
    expect(await range('other~1..other', '--base', '6.12')).toMatch(/^Expected the changes from \w+ \(other~1\) to \w+ to apply to 6\.12, and they do not/);
  });
});

// A quarter of an hour, and by its nature wrong now and then: two answers in ten may be. The odds are tested without boots in evaluate/bisect.test.ts.
test.skipIf(!LONG)('a defect that shows on some boots only is looked for as often as it takes', async () => {
  const folder = await seriesOf('sometimes', [patches('harmless/comment'), join(CHECKOUT, 'orchestrator/test/flaky/queue-name'), join(CHECKOUT, 'orchestrator/test/flaky/half-transfer')]);
  const { document } = await bisected(folder, '--sure', '80');
  expect(document.found.map((one) => one.subject)).toEqual(['drm/virtio: transfer one row less on some boots']);
  expect(document.confidence).toBeGreaterThanOrEqual(0.8);
  const [before] = document.kernels.filter((one) => one.id.startsWith('0002'));
  expect(before).toMatchObject({ is: 'good', shown: 0 });
}, SLOW_MS);

test('what is no bisection is refused before anything is built', async () => {
  expect(await refused('harmless/comment', '--on', 'speed')).toContain('unknown thing to bisect on "speed"');
  expect(await refused('harmless/comment', '--sure', '100')).toContain('Expected --sure to be a percentage');
  expect(await refused('harmless/comment', '--most', '0')).toContain('Expected --most to be a number');
  expect(await refused('harmless/comment', '--path', 'mm')).toContain('Expected --path with a git range');
  expect(await refused('--debian', '7.3..6.12')).toContain('Expected the second version to be newer');
  expect(await refused('--debian', '6.12..9.9')).toContain('Expected two bases (6.1, 6.12, 7.2, 7.3) or two Debian versions');
  expect(await refused('harmless/comment', '--check', 'nothing')).toContain('unknown pipeline to check "nothing"; known: upload, dmabuf-copy');
  expect(await refused()).toContain('Expected a series');
});
