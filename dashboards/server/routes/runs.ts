// Runs: the list that is filtered, one of them, and what it left behind.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as z from 'zod';
import { RunId } from '../../../orchestrator/src/contract/ids.ts';
import { LabError } from '../../../orchestrator/src/lib/lab-error.ts';
import { layout, RUN_FILES } from '../../../orchestrator/src/store/layout.ts';
import { Problem, RunDetail, RunQuery, Runs, type RunRow } from '../../api/shapes.ts';
import { liveRuns } from '../queries/live-runs.ts';
import { runDetail, typeOf } from '../queries/run.ts';
import { facets, findRuns } from '../queries/runs.ts';
import { openPlain, withoutPixels } from '../plain-file.ts';
import type { Parts } from '../server.ts';
import { ROWS_AT_ONCE, serveTable } from '../tables.ts';
import type { Api } from './api.ts';

const Export = RunQuery.omit({ after: true, limit: true });
const COLUMNS = ['id', 'job', 'title', 'base', 'version', 'series', 'flavour', 'kernel', 'image', 'stack', 'device', 'measure', 'host', 'accelerator', 'renderer', 'outcome', 'stage', 'why', 'expect', 'asExpected', 'frames', 'wrong', 'findings', 'startedAt', 'sealedAt', 'seconds', 'pipelines', 'clips', 'faults', 'defects'] as const satisfies readonly (keyof ExportedRun)[];
type ExportedRun = Omit<RunRow, 'passes'> & Record<'pipelines' | 'clips' | 'faults' | 'defects', string[]>;

const Bytes = { description: 'As the run left it', content: { 'application/octet-stream': { schema: z.string() } } };

/** A name in a run folder: a file, or one in a folder below it. Checked again against what is there. */
const FileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)?$/).max(200);

export function runRoutes(api: Api, { keeper, home }: Parts): void {
  api.get('/runs', { schema: { summary: 'Runs, newest first, and what there is to filter by', querystring: RunQuery, response: { 200: Runs, 400: Problem, 503: Problem } } }, async ({ query }) => {
    const { db } = keeper;
    const [found, dimensions, live] = await Promise.all([findRuns(db, query), facets(db), liveRuns(home, keeper.unsealed)]);
    return { ...found, live, facets: dimensions };
  });

  serveTable(api, { path: '/runs', summary: 'Runs', query: Export, columns: COLUMNS, rows: allOf });

  api.get('/runs/:id', { schema: { summary: 'One run', params: z.object({ id: RunId }), response: { 200: RunDetail, 404: Problem } } }, ({ params: { id } }) => runDetail(home, id, keeper));

  api.get('/runs/:id/files/*', { schema: { summary: 'A file that the run left', params: z.object({ id: RunId, '*': FileName }), response: { 200: Bytes, 404: Problem } } }, async ({ params }, reply) => {
    const name = params['*'];
    const file = await openPlain(await pathOf(params.id, name));
    return reply.type(typeOf(name) === 'text/plain' ? 'text/plain; charset=utf-8' : typeOf(name)).header('content-security-policy', 'sandbox; default-src \'none\'')
      .header('content-length', (await file.stat()).size).send(createReadStream('', { fd: file }) as never);
  });

  api.get('/runs/:id/probe-lines', { schema: { summary: 'What the probe told, line by line, without the pixels of wrong frames, which are most of it', params: z.object({ id: RunId }), response: { 200: { description: 'As the probe wrote them', content: { 'text/plain': { schema: z.string() } } }, 404: Problem } } }, async ({ params: { id } }, reply) => {
    const path = await pathOf(id, RUN_FILES.probe);
    return reply.type('text/plain; charset=utf-8').header('content-security-policy', 'sandbox; default-src \'none\'').send(Readable.from(withoutPixels(path)) as unknown as string);
  });

  async function pathOf(run: RunId, name: string): Promise<string> {
    const { files } = await runDetail(home, run, keeper);
    const known = files.find((one) => one.name === name);
    if (known === undefined) throw new LabError('UNKNOWN_ID', `run ${run} left no ${name}`, { blame: 'request', hint: `GET /api/runs/${run} lists its files` });
    return join(layout.run(home, run), known.name);
  }

  async function* allOf(filter: z.infer<typeof Export>): AsyncGenerator<ExportedRun[]> {
    let after: string | undefined;
    do {
      const page = await findRuns(keeper.db, { ...filter, limit: ROWS_AT_ONCE, ...(after === undefined ? {} : { after }) });
      yield page.runs.map(exported);
      after = page.next ?? undefined;
    } while (after !== undefined);
  }
}

function exported({ passes, ...run }: RunRow): ExportedRun {
  const each = (values: readonly (string | null)[]): string[] => [...new Set(values.filter((one) => one !== null))];
  return { ...run, pipelines: each(passes.map((one) => one.pipeline)), clips: each(passes.map((one) => one.clip)), faults: each(passes.map((one) => one.fault)), defects: each(passes.map((one) => one.defect)) };
}
