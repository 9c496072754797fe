// An archive on a machine that has Docker, a shell and a few tools of every Linux, and no Node: the same guest comes to the same outcome, a record that
// says otherwise is found out, and a file that was changed is never run.
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ReplayDocument } from '../src/contract/archive.ts';
import { ErrorDocument, ReproduceDocument, RunDocument } from '../src/contract/documents.ts';
import { RunRecord } from '../src/contract/run.ts';
import { sha256OfFile } from '../src/lib/files.ts';
import { TestLab } from './lab.ts';

const run = promisify(execFile);

/** All that the other machine has. */
const TOOLS = ['docker', 'sh', 'tar', 'sha256sum', 'id', 'mkdir', 'chmod', 'stat'];

type Ended = { exitCode: number; stdout: string; stderr: string };

describe('vlab reproduce', () => {
  let lab: TestLab;
  let elsewhere: string;
  let tools: string;
  let document: RunDocument;
  const archives: ReproduceDocument[] = [];

  beforeAll(async () => {
    lab = await TestLab.open();
    elsewhere = join(lab.home, 'elsewhere');
    tools = join(lab.home, 'tools');
    await mkdir(elsewhere);
    await mkdir(tools);
    for (const tool of TOOLS) await symlink((await run('sh', ['-c', `command -v ${tool}`])).stdout.trim(), join(tools, tool));
    const job = await lab.job({ clip: 'h264-faults', kernels: [{ base: '6.12' }, { base: '6.12', series: 'mutants/short-transfer', expect: 'failed' }] });
    document = RunDocument.parse(JSON.parse((await lab.vlab(['run', job, '--json', '--quiet'])).stdout));
    for (const { id } of document.runs) {
      const ended = await lab.vlab(['reproduce', id, '--json', '--output', join(elsewhere, `${id}.tar`)]);
      archives.push(ReproduceDocument.parse(JSON.parse(ended.stdout)));
      await there('tar', '-xf', `${id}.tar`);
      await rm(join(elsewhere, `${id}.tar`));
    }
    // As on a machine that has never seen the image.
    await forgetImage();
  });
  afterAll(async () => {
    await forgetImage();
    await lab[Symbol.asyncDispose]();
  });

  /** With nothing of this machine but the tools. */
  async function there(program: string, ...args: string[]): Promise<Ended> {
    try {
      const { stdout, stderr } = await run(program, args, { cwd: elsewhere, env: { PATH: tools } });
      return { exitCode: 0, stdout, stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { exitCode: code, stdout, stderr };
    }
  }

  /** Only the name that the archive gave it. */
  async function forgetImage(): Promise<void> {
    for (const name of new Set(archives.map((one) => one.image))) await run('docker', ['rmi', name]).catch(() => undefined);
  }

  function folderOf(index: number): string {
    return archives[index]?.folder ?? '';
  }

  async function comparison(index: number): Promise<ReplayDocument> {
    return ReplayDocument.parse(JSON.parse(await readFile(join(elsewhere, folderOf(index), 'out/comparison.json'), 'utf8')));
  }

  test('the machine there has no Node', async () => {
    expect((await there('sh', '-c', 'command -v node || command -v npx')).exitCode).not.toBe(0);
  });

  test('the archive has what the run was made of, byte for byte, and says so', async () => {
    const names = archives[1]?.entries.map((one) => one.name) ?? [];
    for (const name of ['reproduce', 'README.txt', 'SHA256SUMS', 'vmlinux', 'kernel/config', 'root.erofs', 'stack.tar.gz', 'clip0', 'clips/clip0.json', 'manifest.json', 'recorded/run.json', 'recorded/argv.json', 'recorded/versions.json']) expect(names).toContain(name);
    expect(names.filter((name) => /^kernel\/patches\/0001-.*\.patch$/.test(name))).toHaveLength(1);
    for (const { name, sha256 } of archives[1]?.entries ?? []) expect(await sha256OfFile(join(elsewhere, folderOf(1), name)), name).toBe(sha256);
  });

  test('a file that was changed is named, and nothing is run: not even the image is loaded', async () => {
    const vmlinux = join(elsewhere, folderOf(0), 'vmlinux');
    const right = await readFile(vmlinux);
    const wrong = Buffer.from(right);
    wrong[wrong.length - 1] = (wrong[wrong.length - 1] ?? 0) ^ 1;
    await writeFile(vmlinux, wrong);
    const ended = await there(`${folderOf(0)}/reproduce`);
    await writeFile(vmlinux, right);
    expect(ended).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ended.stderr).toContain('  vmlinux: FAILED');
    expect(ended.stderr).not.toContain('loads');
  });

  test('the base passes there as it did here, on the image of the archive, and every frame has the recorded hash', async () => {
    const ended = await there(`${folderOf(0)}/reproduce`);
    expect(ended.stderr).toContain(`loads ${archives[0]?.image ?? ''}`);
    expect(ended.stdout).toMatch(/16 of 16 have the recorded hashes[^]*\nSAME OUTCOME as recorded\n$/);
    expect(ended.exitCode).toBe(0);
    expect(await comparison(0)).toMatchObject({ same: true, outcome: [], frames: { compared: 16, same: 16, firstOther: null } });
  });

  test('the mutant fails there as it did here: the defect has its name, and its pictures are drawn', async () => {
    const ended = await there(`${folderOf(1)}/reproduce`);
    expect(ended.stdout.match(/plane v: the last 2 rows \(178 to 179\) never arrived/g)).toHaveLength(2);
    expect(ended.stdout).toMatch(/16 of 16 have the recorded hashes[^]*\nSAME OUTCOME as recorded\n$/);
    expect(ended.exitCode).toBe(0);
    const folder = join(elsewhere, folderOf(1), 'out/runs', document.runs[1]?.id ?? '');
    const record = RunRecord.parse(JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')));
    const [kept] = record.pipelines.flatMap((one) => one.kept);
    expect((await readFile(join(folder, kept?.difference ?? ''))).subarray(1, 4).toString()).toBe('PNG');
  });

  test('a record that says that the mutant passed is found out', async () => {
    const folder = join(elsewhere, folderOf(1));
    const path = join(folder, 'recorded/run.json');
    const record = RunRecord.parse(JSON.parse(await readFile(path, 'utf8')));
    await writeFile(path, JSON.stringify({ ...record, outcome: { ...record.outcome, kind: 'passed' } }));
    const sums = join(folder, 'SHA256SUMS');
    const line = `${await sha256OfFile(path)}  recorded/run.json`;
    await writeFile(sums, (await readFile(sums, 'utf8')).replace(/^.* {2}recorded\/run\.json$/m, line));
    const ended = await there(`${folderOf(1)}/reproduce`);
    expect(ended.stdout).toMatch(/\nOTHER OUTCOME than recorded\n$/);
    expect(ended.exitCode).toBe(1);
    expect((await comparison(1)).outcome).toEqual([{ what: 'outcome', recorded: 'passed at verify', here: 'failed at verify' }]);
  });

  test('what is no longer kept is named, with what to type', async () => {
    const [first] = document.runs;
    const kernels = join(lab.home, 'kernels');
    await rm(kernels);
    await mkdir(kernels);
    const ended = await lab.vlab(['reproduce', first?.id ?? '', '--json', '--output', join(elsewhere, 'x.tar')]);
    const { error } = ErrorDocument.parse(JSON.parse(ended.stdout));
    expect(ended.exitCode).toBe(2);
    expect(error).toMatchObject({ code: 'NOT_KEPT', hint: expect.stringContaining('vlab run ') as string });
    expect(error.message).toContain(`kernel ${first?.kernel?.kernel ?? ''}`);
  });

  test('a place that cannot be written is told before anything is done', async () => {
    for (const output of [elsewhere, join(elsewhere, 'none/x.tar')]) {
      const ended = await lab.vlab(['reproduce', document.runs[0]?.id ?? '', '--json', '--output', output]);
      expect(ErrorDocument.parse(JSON.parse(ended.stdout)).error).toMatchObject({ code: 'NO_OUTPUT', kind: 'rejected' });
    }
  });

  test('leaves no container', async () => {
    expect(await lab.left()).toEqual([]);
    for (const one of archives) expect((await run('docker', ['ps', '-aq', '--filter', `label=vlab.reproduce=${one.run}`])).stdout).toBe('');
  });
});
