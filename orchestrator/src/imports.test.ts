// The fences between the folders of src/. The map stands in docs/architecture.md, in a fenced block of lines such as `kernel: contract, lib`;
// it is read from there, so that what people read and what is checked cannot part ways.
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { filesBelow, readIfThere } from './lib/files.ts';

const SRC = fileURLToPath(new URL('.', import.meta.url));
const DOC = 'docs/architecture.md';

/** A package, and the only places that may import it. Whoever is listed must import it: an exception that is over goes away. */
const ONLY_IN: Record<string, readonly string[]> = {
  bullmq: ['queue/'],
  pg: ['record/'],
  kysely: ['record/'],
  ioredis: ['queue/'],
  dockerode: ['lib/'],
  execa: ['lib/'],
  '@opentelemetry': ['lib/'],
};

/** Where a process begins: the lab's, and that of an archive. */
const PROGRAMS: readonly string[] = ['main.ts', 'replay.ts'];

/** The verbs that make a server of the pages. */
const SERVERS: readonly string[] = ['cli/serve.ts', 'cli/export.ts'];

/** As targetOf() sees ../../../dashboards/server from a folder of src/. */
const SERVER = 'dashboards/server';

type Import = { file: string; line: number; from: string; typesOnly: boolean };
type Allowed = ReadonlyMap<string, readonly string[]>;

const FILES = (await filesBelow(SRC)).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
const SOURCES = new Map(FILES.map((file) => [file, ts.createSourceFile(file, readFileSync(join(SRC, file), 'utf8'), ts.ScriptTarget.Latest, true)]));
const IMPORTS = [...SOURCES].flatMap(([file, source]) => importsOf(file, source));

describe('the map in docs/architecture.md', async () => {
  const text = await readIfThere(join(SRC, '../..', DOC));

  test('is there, in a fenced block of lines such as "kernel: contract, lib"', () => {
    expect(text, `${DOC} is missing`).toBeDefined();
    expect([...mapIn(text ?? '').keys()], `${DOC} has no fenced block with a line "contract: ..." that names each folder and what it may import`).toContain('contract');
  });

  test('has a row for every folder of src/, and no row for any other', async () => {
    const folders = (await readdir(SRC, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    expect([...mapIn(text ?? '').keys()].sort(), DOC).toEqual(folders.sort());
  });

  test('names nothing that is no folder of src/', () => {
    const map = mapIn(text ?? '');
    expect([...map.values()].flat().filter((name) => !map.has(name)), DOC).toEqual([]);
  });

  test('is kept by every import', () => {
    expect(trespasses(IMPORTS, mapIn(text ?? '')), `${DOC} does not allow these imports`).toEqual([]);
  });

  test('lets two folders name each other only where one of them takes nothing but types', () => {
    const map = mapIn(text ?? '');
    const values = (from: string, to: string): Import[] => IMPORTS.filter((one) => folderOf(one.file) === from && one.from.startsWith('.') && folderOf(targetOf(one)) === to && !one.typesOnly);
    const pairs = [...map].flatMap(([one, others]) => others.filter((other) => map.get(other)?.includes(one)).map((other) => [one, other] as const));
    expect(pairs.filter(([one, other]) => values(one, other).length > 0 && values(other, one).length > 0)).toEqual([]);
  });
});

describe('the reader of the map', () => {
  const map = mapIn('```ts\nconst x = 1;\n```\n```\ncontract:\nlib: contract\nclip: contract, lib\ncli: contract, lib, clip\n```\n');
  const trespass = (file: string, from: string): string[] => trespasses([{ file, line: 1, from, typesOnly: true }], map);

  test('finds the block among others', () => {
    expect([...map]).toEqual([['contract', []], ['lib', ['contract']], ['clip', ['contract', 'lib']], ['cli', ['contract', 'lib', 'clip']]]);
  });

  test('catches an import of a folder that the row does not name, of types too', () => {
    expect(trespass('lib/a.ts', '../clip/b.ts')).toEqual(['lib/a.ts:1 imports clip/b.ts']);
    expect(trespass('contract/a.ts', '../lib/b.ts')).toHaveLength(1);
    expect(trespass('lib/deep/a.ts', '../../clip/b.ts')).toHaveLength(1);
    expect(trespass('elsewhere/a.ts', '../lib/b.ts')).toHaveLength(1);
  });

  test('lets only cli/ and the files beside the folders import those files', () => {
    expect(trespass('lib/a.ts', '../main.ts')).toHaveLength(1);
    expect([...trespass('cli/a.ts', '../run.ts'), ...trespass('main.ts', './run.ts'), ...trespass('main.ts', './clip/a.ts')]).toEqual([]);
  });

  test('lets only the verbs serve and export import the server of the pages', () => {
    expect(trespass('cli/serve.ts', '../../../dashboards/server/server.ts')).toEqual([]);
    expect(trespass('cli/run.ts', '../../../dashboards/server/server.ts')).toHaveLength(1);
  });

  test('lets through a folder\'s own files, and packages', () => {
    expect([...trespass('lib/a.ts', './b.ts'), ...trespass('lib/deep/a.ts', '../b.ts'), ...trespass('lib/a.ts', 'zod')]).toEqual([]);
  });

  test('sees static, side-effect, re-exporting, dynamic and type imports', () => {
    const text = "import { a } from './a.ts';\nimport './b.ts';\nexport * from './c.ts';\nconst d = await import('./d.ts');\nimport type { E } from './e.ts';\nimport { type F } from './f.ts';\ntype G = import('./g.ts').G;\nexport type { H } from './h.ts';\n";
    const found = importsOf('x.ts', ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true));
    expect(found.map(({ from, typesOnly, line }) => [line, from, typesOnly])).toEqual([
      [1, './a.ts', false], [2, './b.ts', false], [3, './c.ts', false], [4, './d.ts', false], [5, './e.ts', true], [6, './f.ts', true], [7, './g.ts', true], [8, './h.ts', true],
    ]);
  });
});

test.each(Object.entries(ONLY_IN))('%s is imported in %j and nowhere else', (name, places) => {
  const importers = IMPORTS.filter(({ from }) => from === name || from.startsWith(`${name}/`)).map(({ file }) => file);
  const belongs = (file: string, place: string): boolean => (place.endsWith('/') ? file.startsWith(place) : file === place);
  expect(importers.filter((file) => !places.some((place) => belongs(file, place)))).toEqual([]);
  expect(places.filter((place) => !importers.some((file) => belongs(file, place))), 'no longer needed').toEqual([]);
});

test('contract/ crosses process borders and imports zod, nothing else from outside', () => {
  expect(new Set(IMPORTS.filter(({ file, from }) => file.startsWith('contract/') && !from.startsWith('.')).map(({ from }) => from))).toEqual(new Set(['zod']));
});

test('no test file and no test helper is part of the program', () => {
  expect(IMPORTS.filter(({ from }) => from.includes('.test.') || from.includes('/test/') || from === 'vitest')).toEqual([]);
});

test('only the two programs, main.ts and replay.ts, read argv and environment and end the process', () => {
  const found = [...SOURCES].filter(([file]) => !PROGRAMS.includes(file)).flatMap(([file, source]) => processUses(file, source));
  expect(found).toEqual([]);
  expect(processUses('main.ts', SOURCES.get('main.ts') ?? ts.createSourceFile('', '', ts.ScriptTarget.Latest))).not.toEqual([]);
});

test('no file needs itself to be loaded: values are imported in one direction', () => {
  const next = new Map(FILES.map((file) => [file, IMPORTS.filter((one) => one.file === file && one.from.startsWith('.') && !one.typesOnly).map((one) => targetOf(one))]));
  const circles = FILES.map((file) => circleFrom(file, next)).filter((circle) => circle !== undefined);
  expect(circles).toEqual([]);
});

/** The first fenced block of which every line has the form of a row and one is about contract. */
function mapIn(markdown: string): Allowed {
  const blocks = [...markdown.matchAll(/^```[^\n]*\n(.*?)^```/gms)].map((match) => (match[1] ?? '').split('\n').filter((line) => line.trim() !== ''));
  const rows = blocks.find((lines) => lines.every((line) => /^[a-z]+:/.test(line)) && lines.some((line) => line.startsWith('contract:'))) ?? [];
  return new Map(rows.map((row) => {
    const [folder = '', list = ''] = row.split(':');
    return [folder, list.split(',').map((name) => name.trim()).filter((name) => name !== '')];
  }));
}

/** The files beside the folders have no row: they may import everything, and only cli/ may import them. */
function trespasses(imports: readonly Import[], map: Allowed): string[] {
  return imports.filter((one) => one.from.startsWith('.')).flatMap((one) => {
    const [own, other] = [folderOf(one.file), folderOf(targetOf(one))];
    // The server of the pages is outside src/, and two verbs' business.
    if (targetOf(one) === SERVER || targetOf(one).startsWith(`${SERVER}/`)) return SERVERS.includes(one.file) ? [] : [`${one.file}:${String(one.line)} imports ${targetOf(one)}`];
    const allowed = own === '' || other === own || (other === '' ? own === 'cli' : map.get(own)?.includes(other) === true);
    return allowed ? [] : [`${one.file}:${String(one.line)} imports ${targetOf(one)}`];
  });
}

function folderOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : '';
}

/** A relative import as a path below src/. */
function targetOf({ file, from }: Pick<Import, 'file' | 'from'>): string {
  return relative('/', join('/', dirname(file), from));
}

function importsOf(file: string, source: ts.SourceFile): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node, specifier: ts.Node | undefined, typesOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    found.push({ file, line: source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1, from: specifier.text, typesOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, node.importClause !== undefined && onlyTypes(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node, node.arguments[0], false);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal, true);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function onlyTypes(clause: ts.ImportClause): boolean {
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { name, namedBindings } = clause;
  return name === undefined && namedBindings !== undefined && ts.isNamedImports(namedBindings) && namedBindings.elements.length > 0 && namedBindings.elements.every((element) => element.isTypeOnly);
}

/** Where a file reads argv or the environment, or ends the process, however it gets at them. */
function processUses(file: string, source: ts.SourceFile): string[] {
  const found: string[] = [];
  const say = (node: ts.Node): void => { found.push(`${file}:${String(source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1)} ${node.getText(source)}`); };
  const visit = (node: ts.Node): void => {
    const object = ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node) ? node.expression.getText(source) : '';
    const key = ts.isPropertyAccessExpression(node) ? node.name.text : ts.isElementAccessExpression(node) ? node.argumentExpression.getText(source).replace(/['"`]/g, '') : '';
    if ((object === 'process' || object === 'globalThis.process') && ['env', 'argv', 'exit', 'exitCode', 'abort', 'reallyExit'].includes(key)) say(node);
    if (ts.isVariableDeclaration(node) && node.initializer?.getText(source) === 'process') say(node);
    if (ts.isStringLiteral(node) && (node.text === 'node:process' || node.text === 'process') && ts.isImportDeclaration(node.parent)) say(node.parent);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The way from a file back to itself, if there is one. */
function circleFrom(start: string, next: ReadonlyMap<string, readonly string[]>): string | undefined {
  const queue = [[start]];
  const seen = new Set<string>();
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const file of next.get(path.at(-1) ?? '') ?? []) {
      if (file === start) return [...path, start].join(' -> ');
      if (!seen.has(file)) queue.push([...path, file]);
      seen.add(file);
    }
  }
  return undefined;
}
