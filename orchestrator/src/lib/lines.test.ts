// What the line splitter promises of bytes that arrive as they like, from someone who may be hostile.
import { expect, test } from 'vitest';
import { lineSplitter } from './lines.ts';

test('puts a line together however it is cut into chunks, even inside a character', () => {
  const text = Buffer.from('erste Zeile: Größe\r\n\nlast\n');
  for (let size = 1; size <= text.length; size++) {
    const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.subarray(index * size, (index + 1) * size));
    expect(split(chunks)).toEqual([['erste Zeile: Größe', false], ['', false], ['last', false]]);
  }
});

test('takes only the end of a CRLF away, not a carriage return inside the line', () => {
  expect(split([Buffer.from('a\rb\r'), Buffer.from('\nc\n')])).toEqual([['a\rb', false], ['c', false]]);
});

test('keeps the beginning of a line that is too long, marks it, and is whole again with the next one', () => {
  const long = Buffer.from(`${'x'.repeat(25)}\n1234567890\nshort\n`);
  const wanted = [['xxxxxxxxxx', true], ['1234567890', false], ['short', false]];
  expect(split([long], 10)).toEqual(wanted);
  expect(split([...long].map((byte) => Buffer.from([byte])), 10)).toEqual(wanted);
});

test('says nothing of a line that has not ended', () => {
  expect(split([Buffer.from('ready\nhalf a l')])).toEqual([['ready', false]]);
});

test('turns bytes that are no UTF-8 into replacement characters instead of throwing', () => {
  expect(split([Buffer.from([0x61, 0xff, 0xfe, 0x0a])])).toEqual([['a\ufffd\ufffd', false]]);
});

function split(chunks: readonly Buffer[], maxBytes?: number): [string, boolean][] {
  const lines: [string, boolean][] = [];
  const take = lineSplitter((line, cut) => { lines.push([line, cut]); }, maxBytes);
  for (const chunk of chunks) take(chunk);
  return lines;
}
