// Figures and tables as people read them, in a terminal that a guest must not drive.
import { expect, test } from 'vitest';
import { bytes, duration, printable, table, wrap } from './text.ts';

test.each([
  [0, '0 s'], [499, '0 s'], [500, '1 s'], [59_499, '59 s'], [59_500, '1 min 00 s'], [125_000, '2 min 05 s'], [3_600_000, '60 min 00 s'],
])('%i ms is %j', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test.each([
  [0, '0 kB'], [1, '1 kB'], [1000, '1 kB'], [1001, '2 kB'], [999_999, '1000 kB'], [1_000_000, '1.0 MB'], [45_678_901, '45.7 MB'], [15e9, '15.0 GB'],
])('%i bytes are %j: never more than there is room for by rounding down', (count, text) => {
  expect(bytes(count)).toBe(text);
});

test('words are wrapped at the width, and every further line is indented', () => {
  expect(wrap('one two three four', 9, '  ')).toBe('one two\n  three\n  four');
  expect(wrap('one two', 7, '  ')).toBe('one two');
  expect(wrap('', 7, '  ')).toBe('');
});

test('a line break that was there stays, with the indent of the rest', () => {
  expect(wrap('patch does not apply\nerror: a.c', 80, '    ')).toBe('patch does not apply\n    error: a.c');
});

test('a word that is longer than the line is broken, because a hash or a path has no blanks', () => {
  const lines = wrap(`it is ${'x'.repeat(30)} there`, 10, '').split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(10);
  expect(lines.join('').replaceAll(' ', '')).toBe(`itis${'x'.repeat(30)}there`);
});

test('control characters are shown, not sent: no colour, no cursor, no bell, no title', () => {
  expect(printable('\u001b[31mred\u001b[0m')).toBe('\\x1b[31mred\\x1b[0m');
  expect(printable('a\rb\u0007c\u0000d\u007fe\u009bf\bg')).toBe('a\\x0db\\x07c\\x00d\\x7fe\\x9bf\\x08g');
});

test('what is no control character stays as it is', () => {
  expect(printable('Größe: 3 µs — ✓\n\tindented')).toBe('Größe: 3 µs — ✓\n\tindented');
});

test('columns are as wide as their longest cell, and no line ends in blanks', () => {
  expect(table([['kernel', 'fps'], ['6.12 + a', '9.1'], ['', '']])).toBe('kernel    fps\n6.12 + a  9.1\n');
});

test('a line that is too wide is cut and shows that it was', () => {
  const line = table([['a', 'x'.repeat(200)]], 40);
  expect(line).toHaveLength(40);
  expect(line).toMatch(/x\.\.\.$/);
});

test('rows of different length, and none at all, make a table too', () => {
  expect(table([['a'], ['b', 'c']])).toBe('a\nb  c');
  expect(table([])).toBe('');
});
