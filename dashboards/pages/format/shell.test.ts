// Command lines that can be pasted.
import { expect, test } from 'vitest';
import { quoted, shellLine } from './shell.ts';

test('what a shell would take for something else is quoted', () => {
  expect(quoted('plain-word')).toBe('plain-word');
  expect(quoted('')).toBe('\'\'');
  expect(quoted('it\'s $(rm -rf)')).toBe('\'it\'\\\'\'s $(rm -rf)\'');
});

test('each option begins a line, its value stays beside it', () => {
  expect(shellLine(['qemu', '-m', '1536', '-append', 'console=ttyS0 ro'], ' \\\n  ')).toBe('qemu \\\n  -m 1536 \\\n  -append \'console=ttyS0 ro\'');
});
