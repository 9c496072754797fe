// Series and their versions. A name has slashes in it, so it travels as a parameter.
import * as z from 'zod';
import { hasWords } from '../../api/has-words.ts';
import { Designs, Problem, SeriesDetail, SeriesQuery, SeriesRow, type DesignCell } from '../../api/shapes.ts';
import { designCells } from '../queries/designs.ts';
import { listSeries, seriesDetail } from '../queries/series.ts';
import type { Parts } from '../server.ts';
import { serveTable } from '../tables.ts';
import type { Api } from './api.ts';

const SeriesName = z.string().regex(/^[a-z0-9][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)*$/).max(200);

const COLUMNS = ['name', 'title', 'kind', 'runs', 'lastRun', 'evaluations', 'verdict', 'outcome', 'evaluated'] as const satisfies readonly (keyof SeriesRow)[];
const VERSIONS = ['name', 'version', 'verdict', 'outcome', 'evaluated'] as const satisfies readonly (keyof SeriesDetail['versions'][number])[];
const DESIGNS = ['property', 'asks', 'series', 'design', 'base', 'device', 'holds', 'binding', 'value', 'evidence', 'run', 'sealedAt'] as const satisfies readonly (keyof DesignCell)[];

export function seriesRoutes(api: Api, { keeper, home, checkout }: Parts): void {
  const places = { home, checkout };
  api.get('/series', { schema: { summary: 'Series of the checkout and those that were added', response: { 200: z.object({ series: z.array(SeriesRow) }), 503: Problem } } }, async () => ({ series: await listSeries(keeper.db, places) }));
  serveTable(api, { path: '/series', summary: 'Series', query: SeriesQuery, columns: COLUMNS, rows: async ({ kind, text = '' }) => (await listSeries(keeper.db, places)).filter((one) => (kind === undefined || kind.length === 0 || kind.includes(one.kind)) && hasWords(one, text)) });
  api.get('/series/designs', { schema: { summary: 'The designs of 2019, property by design', response: { 200: Designs, 503: Problem } } }, async () => ({ cells: await designCells(keeper.db) }));
  serveTable(api, { path: '/series/designs', summary: 'The designs of 2019, property by design', query: z.object({}), columns: DESIGNS, rows: () => designCells(keeper.db) });
  serveTable(api, { path: '/versions', summary: 'The versions of one series', query: z.object({ name: SeriesName }), columns: VERSIONS, rows: async ({ name }) => (await seriesDetail(keeper.db, places, name)).versions });
  api.get('/series/view', { schema: { summary: 'One series', querystring: z.object({ name: SeriesName }), response: { 200: SeriesDetail, 404: Problem, 503: Problem } } }, ({ query: { name } }) => seriesDetail(keeper.db, places, name));
}
