// Runs: the list that is filtered, one of them, and what it left behind.
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import * as z from 'zod';
import { RunId } from '../../../orchestrator/src/contract/ids.ts';
import type { PropertyResult } from '../../../orchestrator/src/contract/property.ts';
import type { PipelineResult, RunRecord } from '../../../orchestrator/src/contract/run.ts';
import { LabError } from '../../../orchestrator/src/lib/lab-error.ts';
import { layout, RUN_FILES } from '../../../orchestrator/src/store/layout.ts';
import { changePct } from '../../api/change.ts';
import { Problem, RunDetail, RunQuery, Runs, type RunRow } from '../../api/shapes.ts';
import { differencesOf, figuresOf } from '../../pages/format/compare.ts';
import { liveRuns } from '../queries/live-runs.ts';
import { runDetail, typeOf } from '../queries/run.ts';
import { facets, findRuns } from '../queries/runs.ts';
import type { Parts } from '../server.ts';
import { ROWS_AT_ONCE, serveTable } from '../tables.ts';
import type { Api } from './api.ts';

const Export = RunQuery.omit({ after: true, limit: true });
const COLUMNS = ['id', 'job', 'title', 'base', 'version', 'series', 'flavour', 'kernel', 'image', 'stack', 'device', 'measure', 'host', 'accelerator', 'renderer', 'outcome', 'stage', 'why', 'expect', 'asExpected', 'frames', 'wrong', 'findings', 'startedAt', 'sealedAt', 'seconds', 'pipelines', 'clips', 'faults', 'defects'] as const satisfies readonly (keyof ExportedRun)[];
type ExportedRun = Omit<RunRow, 'passes'> & Record<'pipelines' | 'clips' | 'faults' | 'defects', string[]>;

const PASSES = ['pipeline', 'clip', 'fault', 'status', 'why', 'frames', 'wrong', 'party', 'defect', 'fps', 'framesPerSecond', 'guestCpuMsPerFrame', 'hostCpuMsPerFrame', 'commandsPerFrame', 'transfersPerFrame', 'bytesPerFrame', 'fencesPerFrame', 'instructionsPerFrame'] as const;
const FRAMES = ['pipeline', 'clip', 'fault', 'frame', 'plane', 'oracle', 'defect', 'wrongTexels', 'ofTexels', 'psnrDb', 'expected', 'got', 'difference'] as const;
const CALLS = ['call', 'rounds', 'p10Us', 'p50Us', 'p95Us', 'instructions', 'commands', 'kicks', 'fences', 'bytes', 'pages'] as const;
const PROPERTIES = ['property', 'asked', 'holds', 'binding', 'value', 'evidence'] as const satisfies readonly (keyof PropertyResult)[];
const COMPARED = ['kind', 'name', 'of', 'from', 'to', 'changePct'] as const;
const Bytes = { description: 'As the run left it', content: { 'application/octet-stream': { schema: z.string() } } };
const OfRun = z.object({ run: RunId });

/** A name in a run folder: a file, or one in a folder below it. Checked again against what is there. */
const FileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)?$/).max(200);

export function runRoutes(api: Api, { keeper, home }: Parts): void {
  api.get('/runs', { schema: { summary: 'Runs, newest first, and what there is to filter by', querystring: RunQuery, response: { 200: Runs, 400: Problem, 503: Problem } } }, async ({ query }) => {
    const { db } = keeper;
    const [found, dimensions, live] = await Promise.all([findRuns(db, query), facets(db), liveRuns(home, keeper.unsealed)]);
    return { ...found, live, facets: dimensions };
  });

  serveTable(api, { path: '/runs', summary: 'Runs', query: Export, columns: COLUMNS, rows: allOf });

  serveTable(api, {
    path: '/passes', summary: 'What each pipeline of a run came to', query: OfRun, columns: PASSES,
    rows: async ({ run }) => (await passesOf(run)).map(({ time, counters, ...pass }) => ({ ...pass, framesPerSecond: time?.fps ?? null, guestCpuMsPerFrame: time?.guestCpuMsPerFrame ?? null, hostCpuMsPerFrame: time?.hostCpuMsPerFrame ?? null, commandsPerFrame: counters?.commandsPerFrame ?? null, transfersPerFrame: counters?.transfersPerFrame ?? null, bytesPerFrame: counters?.bytesPerFrame ?? null, fencesPerFrame: counters?.fencesPerFrame ?? null })),
  });

  serveTable(api, {
    path: '/frames', summary: 'The wrong frames that a run kept, plane by plane', query: OfRun, columns: FRAMES,
    rows: async ({ run }) => (await passesOf(run)).flatMap(({ pipeline, clip, fault, kept }) => kept.map(({ error, previews: _previews, ...one }) => ({ pipeline, clip, fault, ...one, wrongTexels: error?.wrong ?? null, ofTexels: error?.of ?? null, psnrDb: error?.psnrDb ?? null }))),
  });

  serveTable(api, {
    path: '/calls', summary: 'What each call of virtio-gpu took in a run', query: OfRun, columns: CALLS,
    rows: async ({ run }) => (await recordOf(run))?.calls.map(({ call, rounds, us, instructions, counters }) => ({
      call, rounds, p10Us: us?.p10 ?? null, p50Us: us?.p50 ?? null, p95Us: us?.p95 ?? null, instructions, commands: counters?.commands ?? null, kicks: counters?.kicks ?? null, fences: counters?.fences ?? null, bytes: counters?.bytes ?? null, pages: counters?.pages ?? null,
    })) ?? [],
  });

  serveTable(api, { path: '/properties', summary: 'What a run found the dma-bufs of its kernel to be', query: OfRun, columns: PROPERTIES, rows: async ({ run }) => (await recordOf(run))?.properties ?? [] });

  serveTable(api, {
    path: '/compare', summary: 'Two runs: what differs around them, and every figure that both have', query: z.object({ from: RunId, to: RunId }), columns: COMPARED,
    rows: async ({ from, to }) => {
      const [a, b] = await Promise.all([runDetail(home, from, keeper), runDetail(home, to, keeper)]);
      return [
        ...differencesOf(a, b).map((one) => ({ kind: 'difference', of: '', changePct: null, name: one.name, from: one.a, to: one.b })),
        ...figuresOf(a, b).map((one) => ({ kind: 'figure', name: one.name, of: one.of, from: one.a, to: one.b, changePct: changePct(one.a, one.b) })),
      ];
    },
  });

  async function passesOf(run: RunId): Promise<readonly PipelineResult[]> {
    return (await recordOf(run))?.pipelines ?? [];
  }

  async function recordOf(run: RunId): Promise<RunRecord | null> {
    return (await runDetail(home, run, keeper)).record;
  }

  api.get('/runs/:id', { schema: { summary: 'One run', params: z.object({ id: RunId }), response: { 200: RunDetail, 404: Problem } } }, ({ params: { id } }) => runDetail(home, id, keeper));

  api.get('/runs/:id/files/*', { schema: { summary: 'A file that the run left', params: z.object({ id: RunId, '*': FileName }), response: { 200: Bytes, 404: Problem } } }, async ({ params }, reply) => {
    const name = params['*'];
    const file = await openFile(await pathOf(params.id, name));
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

/** Never through a link that a guest's output could be made into. */
function openFile(path: string): Promise<FileHandle> {
  return open(path, 0x20000);
}

/** A reader may leave in the middle, or before the first line. */
async function* withoutPixels(path: string): AsyncGenerator<string> {
  await using file = await openFile(path);
  for await (const line of file.readLines({ autoClose: false })) if (!line.startsWith('{"t":"pixels"')) yield `${line}\n`;
}
