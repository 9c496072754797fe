// Programs of the host: what they say and how they end is an answer, and no word of ours is ever read by a shell.
import { expect, test } from 'vitest';
import { rejection } from '../../test/parts.ts';
import { runProgram } from './exec.ts';
import { LabError } from './lab-error.ts';

test('gives what the program said on each of its outputs', async () => {
  const ran = await runProgram(process.execPath, ['-e', 'console.log("out"); console.error("err")']);
  expect(ran).toEqual({ ok: true, stdout: 'out', stderr: 'err' });
});

test('a program that fails is an answer, not an error', async () => {
  expect(await runProgram(process.execPath, ['-e', 'console.error("no"); process.exit(7)'])).toEqual({ ok: false, stdout: '', stderr: 'no' });
});

test('a program that is not there is an answer too, and says so', async () => {
  const ran = await runProgram('vlab-no-such-program', []);
  expect(ran.ok).toBe(false);
  expect(ran.stderr).toContain('vlab-no-such-program');
});

test('arguments reach the program as they are: no shell looks at them', async () => {
  const argv = ['$(id)', '; true', '*', '"', 'two words'];
  const { stdout } = await runProgram(process.execPath, ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', ...argv]);
  expect(JSON.parse(stdout)).toEqual(argv);
});

test('waits for nothing that could be typed', async () => {
  expect(await runProgram(process.execPath, ['-e', 'process.stdin.on("end", () => console.log("nobody")).resume()'])).toMatchObject({ ok: true, stdout: 'nobody' });
});

test('an abort ends the program and is thrown with its own reason', async () => {
  const abort = new AbortController();
  const reason = new LabError('CANCELLED', 'somebody cancelled it', { blame: 'user' });
  const running = rejection(runProgram(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], abort.signal));
  abort.abort(reason);
  expect(await running).toBe(reason);
});
