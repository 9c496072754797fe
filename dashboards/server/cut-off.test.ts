// A log that is told in pieces: no piece ends within a character.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ANY_CHARACTER } from '../test/any-text.ts';
import { cutOff } from './routes/logs.ts';

test('what is told up to any byte is whole characters, and no more than one is held back', () => {
  fc.assert(fc.property(fc.string({ unit: ANY_CHARACTER, minLength: 1 }), fc.nat(), (text, n) => {
    const bytes = Buffer.from(text);
    const cut = bytes.subarray(0, 1 + (n % bytes.length));
    const held = cutOff(cut);
    expect(held).toBeLessThan(4);
    expect(text.startsWith(cut.toString('utf8', 0, cut.length - held))).toBe(true);
  }));
});

test('bytes that are no UTF-8 are not held back for ever', () => {
  expect(cutOff(Buffer.from([0x41, 0x80, 0x80, 0x80, 0x80]))).toBe(0);
  expect(cutOff(Buffer.from('plain'))).toBe(0);
  expect(cutOff(Buffer.from([0xe2, 0x9c]))).toBe(2);
});
