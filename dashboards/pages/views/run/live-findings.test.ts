// Findings in a console that grows.
import { expect, test } from 'vitest';
import { liveFindings } from './live-findings.ts';

test('a line is looked at when it is whole, and once', () => {
  const look = liveFindings();
  const lines = ['[    0.100000] quiet', '[    0.200000] BUG: KASAN: slab-use'];
  expect([...look(lines)]).toEqual([]);
  lines.push('[    0.300000] Kernel panic - not syncing: x', '');
  const found = look(lines);
  expect([...found]).toEqual([[2, 'kasan'], [3, 'panic']]);
  expect(look(lines)).toBe(found);
});

test('a log that begins anew is looked at anew', () => {
  const look = liveFindings();
  look(['[    0.100000] Kernel panic - not syncing: x', 'a', 'b']);
  expect([...look(['another', 'b'])]).toEqual([]);
});
