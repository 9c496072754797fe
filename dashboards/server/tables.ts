// A table of a page to take away: the same rows as CSV and as JSON, at the address of the table with an ending.
import { stringify } from 'csv-stringify';
import * as z from 'zod';
import { Problem } from '../api/shapes.ts';
import type { Api } from './routes/api.ts';

/** What is taken away at once holds at most so many rows. */
export const MOST_EXPORTED = 20_000;

type Table<Query extends z.ZodObject, Row extends object> = {
  path: string; summary: string; query: Query; columns: readonly (keyof Row & string)[]; rows: (query: z.output<Query>) => Promise<readonly Row[]>;
};

/** A list in a cell is told with blanks between. What would be a formula to a spreadsheet is not one. */
export function serveTable<Query extends z.ZodObject, Row extends object>(api: Api, { path, summary, query, columns, rows }: Table<Query, Row>): void {
  const response = { 400: Problem, 404: Problem, 503: Problem };
  const Rows = z.object({ rows: z.array(z.looseObject(Object.fromEntries(columns.map((column) => [column, z.unknown()])))) });
  const Text = { description: 'The same columns, with a line of their names first', content: { 'text/csv': { schema: z.string() } } };
  const name = path.split('/').at(-1) ?? 'table';
  const most = async (asked: unknown): Promise<readonly Row[]> => (await rows(asked as z.output<Query>)).slice(0, MOST_EXPORTED);
  api.get(`${path}.json`, { schema: { summary: `${summary}, as JSON`, querystring: query, response: { 200: Rows, ...response } } }, async (request, reply) => reply.send({ rows: await most(request.query) } as never));
  api.get(`${path}.csv`, { schema: { summary: `${summary}, as CSV`, querystring: query, response: { 200: Text, ...response } } }, async (request, reply) => {
    const flat = (await most(request.query)).map((row) => Object.fromEntries(columns.map((column) => {
      const value: unknown = row[column];
      return [column, Array.isArray(value) ? value.join(' ') : value];
    })));
    return reply.type('text/csv; charset=utf-8').header('content-disposition', `attachment; filename="${name}.csv"`).send(stringify(flat, { header: true, columns: [...columns], escape_formulas: true, cast: { boolean: String } }) as never);
  });
}
