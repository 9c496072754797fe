// Spans and moments, with a clock that is told.
import { expect, test } from 'vitest';
import { ago, duration, fromField, moment, toField } from './time.ts';

test('a year that is being typed is no moment yet', () => {
  expect([fromField('0002-03-04T05:06'), fromField('0202-03-04T05:06'), toField('0002-03-04T05:06')]).toEqual([undefined, undefined, '0002-03-04T05:06']);
});

test('a span has the two units that matter', () => {
  expect(duration(0)).toBe('0 ms');
  expect(duration(850)).toBe('850 ms');
  expect(duration(1500)).toBe('1.5 s');
  expect(duration(9_960)).toBe('10 s');
  expect(duration(59_700)).toBe('1 min 00 s');
  expect(duration(3_661_000)).toBe('1 h 01 min');
  expect(duration(90_000_000)).toBe('1 d 01 h');
});

test('how long ago, from a clock that may be behind', () => {
  expect(ago(1000, 500)).toBe('just now');
  expect(ago(0, 60_000)).toBe('1 min ago');
  expect(ago(0, 7_200_000)).toBe('2 h ago');
  expect(ago(0, 3 * 86_400_000)).toBe('3 d ago');
});

test('a moment goes into a field and back', () => {
  const iso = '2026-11-29T16:47:00.000Z';
  expect(fromField(toField(iso))).toBe(iso);
  expect(toField(undefined)).toBe('');
  expect(fromField('')).toBeUndefined();
  expect(fromField('nonsense')).toBeUndefined();
  expect(moment('nonsense')).toBe('nonsense');
});
