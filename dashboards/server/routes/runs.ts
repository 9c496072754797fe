// Runs: the list that is filtered, one of them, and what it left behind.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { RunId } from '../../../orchestrator/src/contract/ids.ts';
import { LabError } from '../../../orchestrator/src/lib/lab-error.ts';
import { layout } from '../../../orchestrator/src/store/layout.ts';
import { MOST_ROWS, Problem, RunDetail, RunQuery, Runs, type RunRow } from '../../api/shapes.ts';
import { liveRuns } from '../queries/live-runs.ts';
import { runDetail, typeOf } from '../queries/run.ts';
import { facets, findRuns } from '../queries/runs.ts';
import type { Parts } from '../server.ts';
import { MOST_EXPORTED, serveTable } from '../tables.ts';
import type { Api } from './api.ts';

const Export = RunQuery.omit({ after: true, limit: true });
const COLUMNS = ['id', 'job', 'title', 'base', 'version', 'series', 'flavour', 'kernel', 'image', 'stack', 'device', 'measure', 'host', 'accelerator', 'renderer', 'outcome', 'stage', 'why', 'expect', 'asExpected', 'frames', 'wrong', 'findings', 'startedAt', 'sealedAt', 'seconds', 'pipelines', 'clips', 'defects'] as const satisfies readonly (keyof RunRow)[];

/** A name in a run folder: a file, or one in a folder below it. Checked again against what is there. */
const FileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)?$/).max(200);

export function runRoutes(api: Api, { keeper, home }: Parts): void {
  api.get('/runs', { schema: { summary: 'Runs, newest first, and what there is to filter by', querystring: RunQuery, response: { 200: Runs, 400: Problem, 503: Problem } } }, async ({ query }) => {
    const { db } = keeper;
    const [found, dimensions, live] = await Promise.all([findRuns(db, query), facets(db), liveRuns(home, keeper.unsealed)]);
    return { ...found, live, facets: dimensions };
  });

  serveTable(api, { path: '/runs', summary: `Runs, ${String(MOST_EXPORTED)} at most`, query: Export, columns: COLUMNS, rows: allOf });

  api.get('/runs/:id', { schema: { summary: 'One run', params: z.object({ id: RunId }), response: { 200: RunDetail, 404: Problem } } }, ({ params: { id } }) => runDetail(home, id, keeper));

  api.get('/runs/:id/files/*', { schema: { summary: 'A file that the run left', params: z.object({ id: RunId, '*': FileName }) } }, async ({ params }, reply) => {
    const name = params['*'];
    const { files } = await runDetail(home, params.id, keeper);
    const known = files.find((one) => one.name === name);
    if (known === undefined) throw new LabError('UNKNOWN_ID', `run ${params.id} left no ${name}`, { blame: 'request', hint: `GET /api/runs/${params.id} lists its files` });
    // Never through a link that a guest's output could be made into.
    const file = await open(join(layout.run(home, params.id), known.name), 0x20000);
    return reply.type(typeOf(known.name) === 'text/plain' ? 'text/plain; charset=utf-8' : typeOf(known.name)).header('content-security-policy', 'sandbox; default-src \'none\'')
      .header('content-length', (await file.stat()).size).send(createReadStream('', { fd: file }));
  });

  async function allOf(filter: z.infer<typeof Export>): Promise<RunRow[]> {
    const rows: RunRow[] = [];
    let after: string | undefined;
    do {
      const page = await findRuns(keeper.db, { ...filter, limit: MOST_ROWS, ...(after === undefined ? {} : { after }) });
      rows.push(...page.runs);
      after = page.next ?? undefined;
    } while (after !== undefined && rows.length < MOST_EXPORTED);
    return rows;
  }
}
