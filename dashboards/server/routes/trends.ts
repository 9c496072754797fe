// Figures over time.
import { Problem, TrendQuery, Trends } from '../../api/shapes.ts';
import { findTrends } from '../queries/trends.ts';
import type { Parts } from '../server.ts';
import { serveTable } from '../tables.ts';
import type { Api } from './api.ts';

/** The last six: where a level begins, the median of the one before and its own, by how much they differ, how sure that is, and the runs between which it lies. */
const COLUMNS = ['metric', 'subject', 'unit', 'better', 'base', 'series', 'flavour', 'device', 'stack', 'image', 'clip', 'host', 'at', 'value', 'low', 'high', 'count', 'run', 'version', 'levelBefore', 'levelAfter', 'changePct', 'p', 'changedFrom', 'changedTo'] as const;

export function trendRoutes(api: Api, { keeper }: Parts): void {
  api.get('/trends', { schema: { summary: 'Series of samples with their change points', querystring: TrendQuery, response: { 200: Trends, 503: Problem } } }, ({ query }) => findTrends(keeper.db, query));

  serveTable(api, {
    path: '/trends', summary: 'The points of the trends that the page shows', query: TrendQuery, columns: COLUMNS,
    rows: async (query) => (await findTrends(keeper.db, query)).trends.flatMap(({ points, changes, id: _id, ...labels }) =>
      points.map((point, n) => {
        const change = changes.find((one) => one.index === n);
        return { ...labels, ...point, levelBefore: change?.beforeMedian ?? null, levelAfter: change?.afterMedian ?? null, changePct: change?.changePct ?? null, p: change?.p ?? null, changedFrom: change?.from ?? null, changedTo: change?.to ?? null };
      })),
  });
}
