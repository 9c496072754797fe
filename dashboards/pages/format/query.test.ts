// Filters in an address: readable, and one way to write each.
import { expect, test } from 'vitest';
import { filled, fixedList, only, toggled, valueOf, valuesOf, withValue, withValues } from './query.ts';

test('several values of one name are set apart by commas, and stay readable', () => {
  expect(withValues('', 'series', ['mutants/slow-fence', 'harmless/refactor'])).toBe('series=mutants/slow-fence,harmless/refactor');
  expect(valuesOf('outcome=passed,failed', 'outcome')).toEqual(['passed', 'failed']);
  expect(valuesOf('', 'outcome')).toEqual([]);
});

test('a comma within a value is no end of it', () => {
  const query = toggled('renderer=none', 'renderer', 'virgl (LLVM 19, 256 \\bits)');
  expect(query).toBe('renderer=none,virgl+%28LLVM+19%5C,+256+%5C%5Cbits%29');
  expect(valuesOf(query, 'renderer')).toEqual(['none', 'virgl (LLVM 19, 256 \\bits)']);
  expect(toggled(query, 'renderer', 'virgl (LLVM 19, 256 \\bits)')).toBe('renderer=none');
});

test('a value is ticked and unticked', () => {
  expect(toggled('outcome=passed', 'outcome', 'failed')).toBe('outcome=passed,failed');
  expect(toggled('outcome=passed,failed', 'outcome', 'passed')).toBe('outcome=failed');
  expect(toggled('outcome=failed&base=6.12', 'outcome', 'failed')).toBe('base=6.12');
});

test('what is hostile is escaped', () => {
  expect(withValue('', 'text', '&outcome=<script>#')).toBe('text=%26outcome%3D%3Cscript%3E%23');
  expect(valueOf('text=%26outcome%3D%3Cscript%3E%23', 'text')).toBe('&outcome=<script>#');
});

test('an empty value is none', () => {
  expect(withValue('text=a&base=b', 'text', '')).toBe('base=b');
  expect(valueOf('text=', 'text')).toBeUndefined();
});

test('what is given stays as it is where an address is filled up', () => {
  expect(filled('base=6.12&from=2026-01-01', { from: '2025-01-01', to: '2027-01-01' })).toBe('base=6.12&from=2026-01-01&to=2027-01-01');
});

test('a list is fixed by its oldest and its newest row', () => {
  expect(fixedList('base=6.12', ['2026-03-01', '2026-02-01', '2026-01-01'])).toBe('base=6.12&from=2026-01-01&to=2026-03-01');
  expect([fixedList('', ['2026-01-01']), fixedList('', [])]).toEqual(['from=2026-01-01&to=2026-01-01', undefined]);
});

test('names that the server does not know stay with the page', () => {
  expect(only('mode=blink&base=6.12&outcome=failed', ['outcome', 'base'])).toBe('outcome=failed&base=6.12');
});
