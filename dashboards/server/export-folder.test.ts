// The pieces of a copy are scripts, made of what guests and patches say: whatever that is, they hand over that text and do nothing else.
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ANY_CHARACTER } from '../test/any-text.ts';
import { pieceOf } from './export-folder.ts';

/** What a browser's page would be handed. */
function handedOver(script: string): unknown[] {
  const calls: unknown[] = [];
  runInNewContext(script, { vlabPiece: (...given: unknown[]) => { calls.push(given); }, alert: () => { calls.push('an alert'); } });
  return calls;
}

test('a piece hands over exactly its text, whatever the text is', () => {
  fc.assert(fc.property(fc.string({ unit: ANY_CHARACTER }), (text) => { expect(handedOver(pieceOf('7', text))).toEqual([['7', text]]); }));
});

test('no tag of a hostile text is in a piece, and no end of a string', () => {
  const hostile = '</script><script>alert(1)</script> "); alert(2); (" \u2028alert(3)\u2029 <!-- {"__proto__": {"admin": true}}';
  const piece = pieceOf('7', hostile);
  expect(piece).not.toMatch(/[<\u2028\u2029]/);
  expect(handedOver(piece)).toEqual([['7', hostile]]);
});
