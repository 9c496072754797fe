// A log that comes in pieces, as lines.
import { expect, test } from 'vitest';
import { cutAt, logAt, LogLines, matchesIn, nextOf } from './log-lines.ts';

test('a line that comes in two pieces is one line', () => {
  const log = new LogLines();
  log.push('first\r\nsec');
  expect(log.lines).toEqual(['first', 'sec']);
  expect(log.whole).toBe(1);
  log.push('ond\nthird\n');
  expect(log.lines).toEqual(['first', 'second', 'third']);
  expect(log.whole).toBe(3);
});

test('an end of line cut in two is one end', () => {
  const log = new LogLines();
  log.push('a\r');
  log.push('\nb');
  expect(log.lines).toEqual(['a', 'b']);
});

test('a log that is told anew begins anew', () => {
  const log = new LogLines();
  log.push('old\nhalf');
  log.clear();
  log.push('new\n');
  expect(log.lines).toEqual(['new']);
});

test('words are found whatever their case, and the search goes round', () => {
  const found = matchesIn(['BUG: KASAN', 'nothing', 'kasan again'], 'kasan');
  expect(found).toEqual([0, 2]);
  expect(nextOf(found, 0, 1)).toBe(2);
  expect(nextOf(found, 2, 1)).toBe(0);
  expect(nextOf(found, 0, -1)).toBe(2);
  expect(nextOf([], 0, 1)).toBeUndefined();
  expect(matchesIn(['a'], '')).toEqual([]);
});

test('what was sought is marked in its line', () => {
  expect(cutAt('a BUG and a bug', 'bug')).toEqual([{ text: 'a ', sought: false }, { text: 'BUG', sought: true }, { text: ' and a ', sought: false }, { text: 'bug', sought: true }]);
  expect(cutAt('\u0130 bug', 'bug')).toEqual([{ text: '\u0130 bug', sought: false }]);
});

test('an address names a log and a line of it', () => {
  expect(logAt('console:123', ['console', 'probe'])).toEqual({ name: 'console', line: 123 });
  expect(logAt('probe', ['console', 'probe'])).toEqual({ name: 'probe', line: undefined });
  expect(logAt('stages', ['console'])).toBeUndefined();
  expect(logAt('console:1e9', ['console'])).toBeUndefined();
});
