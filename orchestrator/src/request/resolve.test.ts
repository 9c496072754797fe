// A base may be asked for at one of its Debian versions; what is asked for is what is built, and what it is called.
import { expect, test } from 'vitest';
import { sayBase } from '../contract/job.ts';
import { atVersion, splitBase } from './resolve.ts';

const DEBIAN = { package: 'linux-source-6.12', suite: 'trixie' } as const;

test('a name alone is the base as it is first fetched, with a version it is that one', () => {
  for (const given of ['6.12', '6.12@6.12.115-2', '7.3@7.3~rc1-1~exp1']) {
    const { base: name, version } = splitBase(given);
    const base = atVersion({ base: name, version }, DEBIAN);
    expect(base).toEqual(version === undefined ? DEBIAN : { ...DEBIAN, version });
    expect(sayBase({ name, base })).toBe(given);
  }
});

test.each(['6.12@', '6.12@;reboot', '6.12@6.12.1@2', '6.12@--help'])('%s is refused with what was wanted', (given) => {
  expect(() => splitBase(given)).toThrow(`such as 6.12@6.12.115-2, got "${given}"`);
});

test('only a Debian package has versions', () => {
  expect(() => atVersion({ base: 'next', version: '6.12.115-2' }, { git: 'https://git.example.org/linux.git', ref: 'master' })).toThrow('Expected a version of a base that is a Debian package, got 6.12.115-2 of next');
});
