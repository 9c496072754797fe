// A process id alone proves nothing: it dies, and its number comes back as somebody else.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ownerLives, ownName } from './owner.ts';

test('this process lives, under a name with its start time', () => {
  expect(ownName()).toMatch(new RegExp(`^${String(process.pid)}:[1-9]\\d*$`));
  expect(ownerLives(ownName())).toBe(true);
});

test('another process that has our number by now is not taken for us', () => {
  expect(ownerLives(`${String(process.pid)}:1`)).toBe(false);
});

test('a process is dead once it has ended, under the very name that it had', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  await once(child, 'spawn');
  const pid = String(child.pid);
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const name = `${pid}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  expect(ownerLives(name)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(ownerLives(name)).toBe(false);
});

// 4194305 is above the largest number that Linux gives (proc(5), pid_max).
test.each(['', ':', 'test', '4194305:1', '4194305', '../1:1', '-1:0'])('"%s" is nobody', (owner) => {
  expect(ownerLives(owner)).toBe(false);
});
