// Figures as people read them.
import { expect, test } from 'vitest';
import { bytes, counted, figure, grouped, percent, sayP, signed } from './number.ts';

test('a change has its sign, and more digits where there is little of it', () => {
  expect(percent(2.434)).toBe('+2.43 %');
  expect(percent(-0.0123)).toBe('−0.012 %');
  expect(percent(12345.6)).toBe('+12346 %');
  expect(percent(null)).toBe('-');
});

test('what rounds to nothing has no sign', () => {
  expect(signed(-0.0001)).toBe('0.000');
  expect(signed(0)).toBe('0.000');
});

test('large figures keep four digits that count', () => {
  expect(figure(596_562.5)).toBe('596.6 k');
  expect(figure(12_345_678)).toBe('12.35 M');
  expect(figure(3)).toBe('3');
  expect(figure(0.12345)).toBe('0.123');
  expect(figure(4096)).toBe('4096');
  expect(figure(null)).toBe('-');
});

test('sizes, counts and thousands', () => {
  expect(bytes(512)).toBe('512 B');
  expect(bytes(2_340_000)).toBe('2.3 MB');
  expect(counted(1, 'boot')).toBe('1 boot');
  expect(counted(1464, 'boot')).toBe('1\u202f464 boots');
  expect(grouped(999)).toBe('999');
});

test('an exact p may be very small', () => {
  expect(sayP(0.0123)).toBe('0.012');
  expect(sayP(0.0000117)).toBe('1.2 × 10⁻⁵');
  expect(sayP(0)).toBe('0');
  expect(sayP(null)).toBe('-');
});
