// What bounds a person's YAML: however it nests, it is refused with its line, and what people write is not.
import { expect, test } from 'vitest';
import { readYaml } from './yaml.ts';

function read(text: string): unknown {
  return readYaml(text, (line, message) => { throw new Error(`${String(line)}: ${message}`); }).data;
}

test.each([
  ['lists in brackets', '['], ['maps in braces', '{a: '], ['lists in lines', '- '], ['keys that are lists', '? '],
])('%s that nest without end are refused, before anything calls itself for each of them', (_, level) => {
  for (const levels of [200, 10_000, 200_000]) {
    expect(() => read(`title: t\nx:\n ${level.repeat(levels)}`)).toThrow(/^3: Expected at most 100 levels, got more$/);
  }
});

test('maps in lines that nest without end are refused with the line that is one too deep', () => {
  expect(() => read(Array.from({ length: 200 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'))).toThrow(/^(99|100|101): Expected at most 100 levels/);
});

test.each([['[', ']'], ['{a: ', '}']])('fifty levels of %s are read', (opening, closing) => {
  expect(JSON.stringify(read(`${opening.repeat(50)}1${closing.repeat(50)}`))).toHaveLength(opening === '[' ? 101 : 301);
});

test('more words than any file has are refused, before each key is held against all others', () => {
  expect(() => read(Array.from({ length: 40_000 }, (_, n) => `k${String(n)}: 1`).join('\n'))).toThrow(/^\d{4,5}: Expected at most 50000 words and marks, got more$/);
  expect(read(Array.from({ length: 5000 }, (_, n) => `k${String(n)}: 1`).join('\n'))).toHaveProperty('k4999', 1);
});

test('an alias that names nothing is told with its own line, whatever else has a star', () => {
  expect(() => read('# a * b\na: &ab 1\nb: \'* *a\'\nc: *ab\nd: *a\n')).toThrow(/^5: not YAML: .*: a$/);
});

test('aliases that grow without end are refused, in any file', () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]', ...'bcdefghi'.split('').map((name, index) => `${name}: &${name} [${Array.from({ length: 10 }, () => `*${'abcdefgh'[index] ?? ''}`).join(', ')}]`)];
  expect(() => read(['# * * *', ...bomb].join('\n'))).toThrow(/^3: not YAML: .*alias/);
});
