// Which versions lie between two: of bases, and of those that Debian has of one base.
import { expect, test } from 'vitest';
import { basesBetween, rangeOf, versionsBetween } from './bisect-debian.ts';

const BASES = { '6.12': 1, '7.3': 1, '7.2': 1, '6.1': 1 };
const DEBIAN = ['6.12.107-1', '6.12.115-1', '6.12.115-2', '6.12.116-1', '6.12.117-1~deb12u1'];

test('bases are in order of version, not of letters', () => {
  expect(rangeOf('6.1..7.3', BASES)).toEqual({ first: '6.1', last: '7.3', within: undefined });
  expect(basesBetween('6.1', '7.3', BASES)).toEqual(['6.1', '6.12', '7.2', '7.3']);
  expect(basesBetween('6.12', '7.2', BASES)).toEqual(['6.12', '7.2']);
});

test('two versions are of the one base that both begin with', () => {
  expect(rangeOf('6.12.107-1..6.12.117-1~deb12u1', BASES)).toEqual({ first: '6.12.107-1', last: '6.12.117-1~deb12u1', within: '6.12' });
  expect(rangeOf('6.1.100..6.1.120', BASES).within).toBe('6.1');
  expect(rangeOf('7.3-1..7.3.2-1', BASES).within).toBe('7.3');
});

test('versions between are all that Debian has, and may be named without a revision', () => {
  expect(versionsBetween('6.12.107-1', '6.12.116-1', DEBIAN)).toEqual(DEBIAN.slice(0, 4));
  expect(versionsBetween('6.12.107', '6.12.117', DEBIAN)).toEqual(DEBIAN);
});

test.each([
  ['6.12..9.9', 'got 6.12..9.9'], ['6.12..6.12.107-1', 'Expected two bases (6.1, 6.12, 7.2, 7.3)'], ['6.12.107..7.2.1', 'of one of them'], ['6.12', 'Expected two versions'], ['6.12...7.3', 'got 6.12...7.3'],
  ['..7.3', 'Expected two versions'], ['6.12.1;reboot..6.12.2', 'Expected two versions'],
])('%s is refused', (given, said) => {
  expect(() => rangeOf(given, BASES)).toThrow(said);
});

test.each([
  ['6.12.115', '6.12.116-1', 'got 6.12.115, which is 6.12.115-1 or 6.12.115-2'], ['6.12.107-1', '6.12.118-1', 'Expected versions that Debian has (6.12.107-1, 6.12.115-1'], ['6.12.116', '6.12.107', 'newer than the first'], ['6.12.107', '6.12.107-1', 'newer than the first'],
])('%s..%s is refused', (first, last, said) => {
  expect(() => versionsBetween(first, last, DEBIAN)).toThrow(said);
});

test.each([['7.3', '6.12'], ['7.3', '7.3']])('from %s to %s nothing leads', (first, last) => {
  expect(() => basesBetween(first, last, BASES)).toThrow('newer than the first');
});
