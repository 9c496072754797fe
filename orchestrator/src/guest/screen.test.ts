// A screendump as it comes: in pieces of any size, before or after QEMU's answer, or never. QEMU is a stub here; test/scanout.test.ts has a real one.
import { expect, test, vi } from 'vitest';
import { rejection } from '../../test/parts.ts';
import { LabError } from '../lib/lab-error.ts';
import { PICTURE, Screen } from './screen.ts';

const PPM = Buffer.concat([Buffer.from('P6\n3 2\n255\n'), Buffer.from(Array.from({ length: 18 }, (_, n) => n))]);
const PICTURE_OF_PPM = { width: 3, height: 2, rgb: PPM.subarray(-18) };
const never = new AbortController().signal;

test('asks for a PPM where the stack leads it to standard output', async () => {
  const { screen, asked } = screenOf((one) => { one.hear(PPM); });
  expect(await screen.shoot(asked.qmp, 1000, never)).toEqual(PICTURE_OF_PPM);
  expect(asked.of).toEqual([['screendump', { filename: PICTURE, format: 'ppm' }]]);
});

test.each([1, 2, 7, 12, 29])('takes pieces of %i bytes, and waits for the last one after QEMU has answered', async (size) => {
  const { screen, asked } = screenOf((one) => { setTimeout(() => { for (let at = 0; at < PPM.length; at += size) one.hear(PPM.subarray(at, at + size)); }, 5); });
  expect(await screen.shoot(asked.qmp, 1000, never)).toEqual(PICTURE_OF_PPM);
});

test('one picture after another, and nothing of the first in the second', async () => {
  const { screen, asked } = screenOf((one) => { one.hear(Buffer.concat([PPM, Buffer.from('rest')])); });
  await screen.shoot(asked.qmp, 1000, never);
  expect(await screen.shoot(asked.qmp, 1000, never)).toEqual(PICTURE_OF_PPM);
});

test('what nobody has asked for is no picture', () => {
  expect(new Screen().hear(PPM)).toBe(false);
});

test.each([
  { name: 'another format', bytes: 'P5\n3 2\n255\n' + '.'.repeat(32) },
  { name: 'a picture larger than any display', bytes: 'P6\n9000 9000\n255\n' + '.'.repeat(32) },
])('$name is refused, and the lab is to blame', async ({ bytes }) => {
  const { screen, asked } = screenOf((one) => { one.hear(Buffer.from(bytes)); });
  expect(await rejection(screen.shoot(asked.qmp, 1000, never))).toMatchObject({ code: 'SCREENDUMP', blame: 'lab' });
});

test('a picture that never comes is told as such, as is a QEMU that refuses', async () => {
  vi.useFakeTimers();
  const { screen, asked } = screenOf(() => undefined);
  const over = rejection(screen.shoot(asked.qmp, 20_000, never));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await over).toMatchObject({ code: 'TOO_SLOW', blame: 'lab', message: 'a screendump took longer than 20000 ms' });
  vi.useRealTimers();
  const refused = new LabError('QMP_REFUSED', 'QEMU refused: no surface', { blame: 'lab' });
  expect(await rejection(screen.shoot({ execute: () => Promise.reject(refused) }, 1000, never))).toBe(refused);
});

function screenOf(onAsk: (screen: Screen) => void): { screen: Screen; asked: { qmp: { execute: (command: string, args?: Record<string, unknown>) => Promise<unknown> }; of: unknown[] } } {
  const screen = new Screen();
  const of: unknown[] = [];
  return {
    screen,
    asked: {
      of,
      qmp: {
        execute: (command, args) => {
          of.push([command, args]);
          onAsk(screen);
          return Promise.resolve({});
        },
      },
    },
  };
}
