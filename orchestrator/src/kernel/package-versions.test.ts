// Which of two versions of a kernel package is the newer one.
import { expect, test } from 'vitest';
import { isNewer } from './package-versions.ts';

test.each([
  ['6.12.118-1', '6.12.117-1'], ['6.12.115-2', '6.12.115-1'], ['6.1.192-3', '6.1.99-1'], ['7.2.12-1~bpo13+1', '7.2.9-1~bpo13+1'], ['6.12.117-1~deb12u2', '6.12.117-1~deb12u1'],
])('%s is newer than %s, and not the other way round', (newer, older) => {
  expect([isNewer(newer, older), isNewer(older, newer), isNewer(newer, newer)]).toEqual([true, false, false]);
});
