// What a stack of undo steps promises: every step runs, last one first, and no error is lost.
import { expect, test } from 'vitest';
import { rejection } from '../../test/parts.ts';
import { Cleanup } from './cleanup.ts';
import { rootOf } from './lab-error.ts';

test('undoes the last step first, and each one only once', async () => {
  const done: string[] = [];
  const undo = new Cleanup();
  for (const name of ['folder', 'socket', 'process']) undo.add(`remove the ${name}`, () => done.push(name));
  await undo[Symbol.asyncDispose]();
  await undo[Symbol.asyncDispose]();
  expect(done).toEqual(['process', 'socket', 'folder']);
});

test('waits for a step before it begins the one beneath it', async () => {
  const done: string[] = [];
  const undo = new Cleanup();
  undo.add('close the outer', () => done.push('outer'));
  undo.add('close the inner', async () => {
    await Promise.resolve();
    done.push('inner');
  });
  await undo[Symbol.asyncDispose]();
  expect(done).toEqual(['inner', 'outer']);
});

test('runs the other steps although one throws, and names the one that did', async () => {
  const done: string[] = [];
  const undo = new Cleanup();
  undo.add('remove the folder', () => done.push('folder'));
  undo.add('stop qemu', () => { throw new Error('no such process'); });
  const error = await rejection(undo[Symbol.asyncDispose]());
  expect(error).toMatchObject({ message: 'could not stop qemu', cause: { message: 'no such process' } });
  expect(done).toEqual(['folder']);
});

test('throws the errors of two steps together, in the order in which they came', async () => {
  const undo = new Cleanup();
  undo.add('remove the folder', () => Promise.reject(new Error('busy')));
  undo.add('stop qemu', () => { throw new Error('no such process'); });
  const error = await rejection(undo[Symbol.asyncDispose]());
  expect(error).toBeInstanceOf(AggregateError);
  expect(error).toMatchObject({ message: 'could not stop qemu; could not remove the folder' });
});

test('leaves nothing to undo with an owner that has handed its steps over', async () => {
  const done: string[] = [];
  const first = new Cleanup();
  first.add('stop qemu', () => done.push('qemu'));
  const second = first.move();
  await first[Symbol.asyncDispose]();
  expect(done).toEqual([]);
  await second[Symbol.asyncDispose]();
  expect(done).toEqual(['qemu']);
});

test('lets the error of the body be found when a clean-up throws too', async () => {
  async function work(): Promise<void> {
    await using undo = new Cleanup();
    undo.add('stop qemu', () => { throw new Error('no such process'); });
    throw new Error('the kernel panicked');
  }
  const error = await rejection(work());
  expect(error).toMatchObject({ name: 'SuppressedError' });
  expect(rootOf(error)).toMatchObject({ message: 'the kernel panicked' });
});
