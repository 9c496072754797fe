// Text of any characters that Unicode has, control characters among them.
import fc from 'fast-check';

/** fast-check's own `binary` makes a table of all of them first, which takes over a second. */
export const ANY_CHARACTER = fc.oneof(fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0x100, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff })).map((code) => String.fromCodePoint(code));
