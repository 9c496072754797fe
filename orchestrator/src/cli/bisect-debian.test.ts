// Which versions lie between two.
import { expect, test } from 'vitest';
import { versionsBetween } from './bisect-debian.ts';

const debian = (name: string): { package: string; suite: string } => ({ package: `linux-source-${name}`, suite: 'trixie' });
const BASES = { '6.12': debian('6.12'), '7.3': debian('7.3'), mine: debian('7.0'), '7.0': { folder: '/linux' }, '7.2': debian('7.2'), '6.1': debian('6.1') };

test('they are in order of version, not of letters, and Debian\'s only', () => {
  expect(versionsBetween('6.1..7.3', BASES)).toEqual({ good: '6.1', versions: ['6.12', '7.2', '7.3'] });
  expect(versionsBetween('6.12..7.2', BASES)).toEqual({ good: '6.12', versions: ['7.2'] });
});

test.each([
  ['7.3..6.12', 'newer than the first'], ['7.3..7.3', 'newer than the first'], ['6.12..9.9', 'Expected versions of 6.1, 6.12, 7.2, 7.3, got 9.9'], ['6.12..7.0', 'got 7.0'], ['6.12', 'Expected two versions'],
  ['6.12...7.3', 'Expected two versions'], ['..7.3', 'Expected two versions'],
])('%s is refused', (given, said) => {
  expect(() => versionsBetween(given, BASES)).toThrow(said);
});
