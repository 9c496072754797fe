// A person's YAML, to data and to the lines that its errors are told with. Its size, its depth and its aliases are bounded before anyone follows them.
import { isMap, Lexer, LineCounter, parseDocument, Parser, visit, type Document } from 'yaml';
import { messageOf } from './lab-error.ts';

const MAX_CHARACTERS = 1024 * 1024;
/** What reads YAML calls itself for every level, and a stack that is used up can end the whole process. No file of the lab has ten. */
const MAX_DEPTH = 100;
const MAX_ALIASES = 50;
/** Each key of a map is held against all before it. No file of the lab has a tenth of it. */
const MAX_LEXEMES = 50_000;

/** `lineAt`: of a node, or of the nearest one above it that the file has; for a key of a map, the key's own line. */
export type ReadYaml = { data: unknown; lineAt: (path: readonly PropertyKey[]) => number };

/** `reject` is told the line and what is wrong there, and throws. */
export function readYaml(text: string, reject: (line: number, message: string) => never): ReadYaml {
  if (text.length > MAX_CHARACTERS) reject(1, `Expected at most ${String(MAX_CHARACTERS)} characters, got ${String(text.length)}`);
  const excess = excessOf(text);
  if (excess !== undefined) reject(lineOf(text, excess.at), `Expected at most ${excess.most}, got more`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [syntax] = document.errors;
  if (syntax !== undefined) reject(lines.linePos(syntax.pos[0]).line, `not YAML: ${syntax.message.split('\n')[0] ?? ''}`);
  return { data: asData(text, document, reject), lineAt: (path) => lineAt(document, lines, path) };
}

/** Where it is deeper or more than it may be. The first of the library's two steps calls nothing for a level: it only keeps them. */
function excessOf(text: string): { most: string; at: number } | undefined {
  const parser = new Parser();
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    Array.from(parser.next(lexeme));
    if (parser.stack.length > MAX_DEPTH) return { most: `${String(MAX_DEPTH)} levels`, at: parser.offset };
    if (++lexemes > MAX_LEXEMES) return { most: `${String(MAX_LEXEMES)} words and marks`, at: parser.offset };
  }
  return undefined;
}

function asData(text: string, document: Document, reject: (line: number, message: string) => never): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    const message = messageOf(cause);
    return reject(lineOf(text, placeOfAlias(document, /: (\S+)$/.exec(message)?.[1])), `not YAML: ${message}`);
  }
}

/** Of the first with this name; without a name, of the first. */
function placeOfAlias(document: Document, name: string | undefined): number {
  let place = 0;
  visit(document, {
    Alias: (_, { source, range }) => {
      if (name !== undefined && source !== name) return undefined;
      place = range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return place;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function lineAt(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const parent: unknown = length === 0 ? undefined : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === String(key)) : undefined;
    const node = (pair?.key ?? document.getIn(path.slice(0, length), true)) as { range?: [number, number, number] } | undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
