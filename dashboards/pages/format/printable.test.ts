// Text of a guest or a stranger, which must not move, hide or turn anything.
import { expect, test } from 'vitest';
import { printable } from './printable.ts';

test('a console that drives a terminal is only read', () => {
  expect(printable('\u001bc\u001b[?7l\u001b[2J\u001b[0mSeaBIOS')).toBe('SeaBIOS');
  expect(printable('\u001b]0;BUG: KASAN\u0007after')).toBe('\\x1b]0;BUG: KASAN\\x07after');
});

test('what cannot be seen is shown', () => {
  expect(printable('a\u0000b\u007f')).toBe('a\\x00b\\x7f');
  expect(printable('evil\u202egnp.exe')).toBe('evil\\u202egnp.exe');
  expect(printable('zero\u200bwidth')).toBe('zero\\u200bwidth');
});

test('tabs and letters of any language stay', () => {
  expect(printable('\tnaïve ✓ 日本')).toBe('\tnaïve ✓ 日本');
});
