// Evaluations: the list, one of them, and its reports in the forms that others read.
import * as z from 'zod';
import { EvaluationId } from '../../../orchestrator/src/contract/ids.ts';
import { FORMAT_NAMES, FORMATS, type Format } from '../../../orchestrator/src/report/evaluation/formats.ts';
import { sentence } from '../../../orchestrator/src/report/evaluation/terminal.ts';
import { EvaluationDetail, EvaluationQuery, Evaluations, Problem, type EvaluationRow } from '../../api/shapes.ts';
import { evaluationIn } from '../queries/evaluation.ts';
import { findEvaluations } from '../queries/evaluations.ts';
import type { Parts } from '../server.ts';
import { ROWS_AT_ONCE, serveTable } from '../tables.ts';
import type { Api } from './api.ts';

const OTHERS = 50;
const COLUMNS = ['id', 'series', 'title', 'base', 'against', 'device', 'stack', 'verdict', 'outcome', 'why', 'startedAt', 'endedAt', 'seconds', 'method'] as const satisfies readonly (keyof EvaluationRow)[];
/** How a browser takes each report: shown, or kept as a file of that ending. */
const TYPES = {
  terminal: ['text/plain', 'txt'], mail: ['message/rfc822', 'eml'], ktap: ['text/plain', 'ktap'], junit: ['application/xml', 'xml'], kcidb: ['application/json', 'json'], csv: ['text/csv', 'csv'], html: ['text/html', 'html'],
} as const satisfies Record<Format, readonly [string, string]>;

const Report = { description: 'In that format', content: Object.fromEntries(Object.values(TYPES).map(([type]) => [type, { schema: z.string() }])) };

export function evaluationRoutes(api: Api, { keeper, home }: Parts): void {
  const params = z.object({ id: EvaluationId });

  api.get('/evaluations', { schema: { summary: 'Evaluations, newest first', querystring: EvaluationQuery, response: { 200: Evaluations, 503: Problem } } }, ({ query }) => findEvaluations(keeper.db, query));

  serveTable(api, {
    path: '/evaluations', summary: 'Evaluations', query: EvaluationQuery.omit({ after: true, limit: true }), columns: COLUMNS,
    rows: async function* (query) {
      let after: string | undefined;
      do {
        const page = await findEvaluations(keeper.db, { ...query, limit: ROWS_AT_ONCE, ...(after === undefined ? {} : { after }) });
        yield page.evaluations;
        after = page.next ?? undefined;
      } while (after !== undefined);
    },
  });

  api.get('/evaluations/:id', { schema: { summary: 'One evaluation with every raw sample', params, response: { 200: EvaluationDetail, 404: Problem } } }, async ({ params: { id } }) => {
    const record = await evaluationIn(home, id);
    const others = await Promise.resolve().then(() => findEvaluations(keeper.db, { series: record.series, limit: OTHERS })).then(({ evaluations }) => evaluations.filter((one) => one.id !== id), () => []);
    return { record, sentence: sentence(record), others, formats: FORMAT_NAMES };
  });

  api.get('/evaluations/:id/reports/:format', { schema: { summary: 'A report of it', params: params.extend({ format: z.enum(FORMAT_NAMES) }), response: { 200: Report, 404: Problem } } }, async ({ params: { id, format } }, reply) => {
    const [type, ending] = TYPES[format];
    return reply.type(`${type}; charset=utf-8`).header('content-disposition', `attachment; filename="${id}.${ending}"`).send(await FORMATS[format](await evaluationIn(home, id)));
  });
}
