// Figures over time.
import { Problem, TrendQuery, Trends } from '../../api/shapes.ts';
import { findTrends } from '../queries/trends.ts';
import type { Parts } from '../server.ts';
import type { Api } from './api.ts';

export function trendRoutes(api: Api, { keeper }: Parts): void {
  api.get('/trends', { schema: { summary: 'Series of samples with their change points', querystring: TrendQuery, response: { 200: Trends, 503: Problem } } }, ({ query }) => findTrends(keeper.db, query));
}
