// A table of a page to take away: the same rows as CSV and as JSON, at the address of the table with an ending. Row after row, so that it may be of any length.
import { Readable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import * as z from 'zod';
import { Problem } from '../api/shapes.ts';
import type { Api } from './routes/api.ts';

/** What is fetched and written at once. */
export const ROWS_AT_ONCE = 500;

type Rows<Row> = readonly Row[] | AsyncIterable<readonly Row[]>;
type Table<Query extends z.ZodObject, Row extends object> = {
  path: string; summary: string; query: Query; columns: readonly (keyof Row & string)[]; rows: (query: z.output<Query>) => Promise<Rows<Row>> | AsyncIterable<readonly Row[]>;
};

/** In CSV a list is told with blanks between, and what would be a formula to a spreadsheet is not one. */
export function serveTable<Query extends z.ZodObject, Row extends object>(api: Api, { path, summary, query, columns, rows }: Table<Query, Row>): void {
  const response = { 400: Problem, 404: Problem, 503: Problem };
  const row = z.object(Object.fromEntries(columns.map((column) => [column, z.unknown()])));
  const Json = { description: 'Every row', content: { 'application/json': { schema: z.object({ rows: z.array(row) }) } } };
  const Csv = { description: 'The same columns, with a line of their names first', content: { 'text/csv': { schema: z.string() } } };
  const name = path.split('/').at(-1) ?? 'table';
  const written = async (asked: unknown, write: Write): Promise<Readable> => Readable.from(await begun(write(piecesOf(rows(asked as z.output<Query>), columns), columns)), { highWaterMark: 1 });
  // Who asks for the head alone would have the whole table read, and nobody there to stop it.
  api.get(`${path}.json`, { exposeHeadRoute: false, schema: { summary: `${summary}, as JSON`, querystring: query, response: { 200: Json, ...response } } }, async (request, reply) =>
    reply.type('application/json; charset=utf-8').send(await written(request.query, asJson) as never));
  api.get(`${path}.csv`, { exposeHeadRoute: false, schema: { summary: `${summary}, as CSV`, querystring: query, response: { 200: Csv, ...response } } }, async (request, reply) => {
    const csv = await written(request.query, asCsv);
    return reply.type('text/csv; charset=utf-8').header('content-disposition', `attachment; filename="${name}.csv"`).send(csv as never);
  });
}

type Cells = Record<string, unknown>;
type Write = (pieces: AsyncIterable<readonly Cells[]>, columns: readonly string[]) => AsyncGenerator<string>;

async function* piecesOf<Row extends object>(rows: Promise<Rows<Row>> | AsyncIterable<readonly Row[]>, columns: readonly (keyof Row & string)[]): AsyncGenerator<readonly Cells[]> {
  const found = await rows;
  const only = (row: Row): Cells => Object.fromEntries(columns.map((column) => [column, row[column]]));
  if (!(Symbol.asyncIterator in found)) yield found.map(only);
  else for await (const piece of found) yield piece.map(only);
}

async function* asJson(pieces: AsyncIterable<readonly Cells[]>): AsyncGenerator<string> {
  let before = '{"rows":[';
  for await (const piece of pieces) {
    if (piece.length === 0) continue;
    yield before + piece.map((row) => JSON.stringify(row)).join(',');
    before = ',';
  }
  yield before === ',' ? ']}' : '{"rows":[]}';
}

async function* asCsv(pieces: AsyncIterable<readonly Cells[]>, columns: readonly string[]): AsyncGenerator<string> {
  let before = stringify([columns]);
  for await (const piece of pieces) {
    const flat = piece.map((row) => columns.map((column) => (Array.isArray(row[column]) ? row[column].join(' ') : row[column])));
    yield before + stringify(flat, { escape_formulas: true, cast: { boolean: String } });
    before = '';
  }
  yield before;
}

/** With its first piece at hand: what cannot be had at all is a problem with a status, not an answer that breaks off. */
async function begun(pieces: AsyncGenerator<string>): Promise<AsyncGenerator<string>> {
  const first = await pieces.next();
  return (async function* (): AsyncGenerator<string> {
    if (first.done !== true) yield first.value;
    yield* pieces;
  })();
}
