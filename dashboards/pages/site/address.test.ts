// Addresses in a copy: all of a page's address stands behind one #.
import { expect, test } from 'vitest';
import { addressOf, placeIn } from './address.ts';

test('an address behind the # has a path, a query and a place, each of which may be missing', () => {
  expect(placeIn('/runs/r-0123456789?frame=3&plane=y#console:7')).toEqual({ path: '/runs/r-0123456789', query: 'frame=3&plane=y', hash: 'console:7' });
  expect(placeIn('/runs?text=a%23b')).toEqual({ path: '/runs', query: 'text=a%23b', hash: '' });
  expect(addressOf(placeIn('/runs?outcome=failed#list'))).toBe('/runs?outcome=failed');
  expect(addressOf(placeIn('/runs#list'))).toBe('/runs');
});

test('whatever does not begin with a slash is a place on the first page', () => {
  expect(placeIn('')).toEqual({ path: '/', query: '', hash: '' });
  expect(placeIn('matrix')).toEqual({ path: '/', query: '', hash: 'matrix' });
});
