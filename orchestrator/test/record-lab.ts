// A lab with six sealed runs, a job and a verdict, and `vlab serve` on them: what the tests of the record, and of what is answered from it, begin with.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { ServeDocument } from '../src/contract/documents.ts';
import { KernelRecord } from '../src/contract/job.ts';
import type { RunRecord } from '../src/contract/run.ts';
import { ENDS, evaluationOf } from '../src/report/evaluation/fixture.ts';
import { TestLab, type Process } from './lab.ts';
import { pipelineResult, runRecord, runRequest } from './parts.ts';

export const HOSTILE = '<script>alert(1)</script>\0"; drop table runs; --';
export const RENDERER = 'virgl (LLVMPIPE (LLVM 19.1.7, 256 bits))';
const HOST = 'a-host';
const KERNEL = KernelRecord.parse({ kernel: '0123456789abcdef', base: '6.12', version: '6.12.57 (6.12.57-1)', series: null, flavour: 'perf', compiler: 'gcc', builder: 'b', patches: [], seconds: 1, cleanSeconds: null, vmlinuxBytes: 1, bloat: [{ object: 'virtgpu_vq.o', before: 20_000, after: 20_016 }], builtAt: '2026-01-01T00:00:00.000Z' });

export type Serving = { url: string; process: Process; end: () => Promise<number | undefined> };
export type Got = { status: number; body: unknown; headers: Headers };

/** `vlab serve`, until it has said where it is. */
export async function serve(on: TestLab, env: Record<string, string> = {}): Promise<Serving> {
  const process = on.process(['serve', '--port', '0', '--json'], env);
  const { url } = ServeDocument.parse(JSON.parse(await process.firstLine()));
  return {
    url, process,
    end: async () => {
      process.kill('SIGINT');
      return (await process).exitCode;
    },
  };
}

export async function until<T>(what: string, look: () => Promise<T | undefined>, ms = 20_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${String(ms)} ms`);
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
}

/** The first five of one job and right, the sixth wrong and hostile. */
export class RecordLab {
  readonly lab: TestLab;
  readonly #serving: Serving;

  private constructor(lab: TestLab, serving: Serving) {
    this.lab = lab;
    this.#serving = serving;
  }

  static async open(): Promise<RecordLab> {
    const lab = await TestLab.open();
    for (let n = 1; n <= 5; n++) await sealIn(lab, n, { job: 'j-000000000a', pipelines: [pipelineResult({ frames: 60 }), pipelineResult({ frames: 60, clip: 'vp8-640x360' })] });
    const kept = { frame: 7, plane: 'y' as const, oracle: 'texels' as const, defect: 'torn', expected: 'frames/a-expected.png', got: 'frames/a-got.png', difference: 'frames/a-difference.png', previews: null, error: { wrong: 640, of: 230_400, psnrDb: 31.5 } };
    await sealIn(lab, 6, {
      accelerator: 'kvm', renderer: RENDERER, kernel: KERNEL, title: HOSTILE, outcome: { kind: 'failed', stage: 'verify', why: HOSTILE }, asExpected: false, series: 'mutants/short-transfer',
      exercise: { status: 'passed', why: 'every check', checks: [{ check: 'close before unmap', status: 'passed', why: 'the mapping stayed' }], leaks: null }, stages: [{ stage: 'guest', ms: 2500 }],
      console: [{ kind: 'warning', line: 1, text: HOSTILE, around: [] }],
      pipelines: [pipelineResult({ pipeline: 'dmabuf-copy', clip: HOSTILE, fault: 'skip-transfer', status: 'failed', wrong: 3, why: HOSTILE, defect: 'torn', meanMs: { decode: 2, upload: 1.5 }, counters: { frames: 60, commandsPerFrame: 2, transfersPerFrame: 1, bytesPerFrame: 345_600, fencesPerFrame: 0, byKind: { resource_flush: 1, transfer_to_host_2d: 1 } }, kept: [kept] })],
    });
    await mkdir(join(lab.home, 'evaluations/e-0123456789'), { recursive: true });
    await writeFile(join(lab.home, 'evaluations/e-0123456789/evaluation.json'), JSON.stringify(evaluationOf({ facts: ENDS['counters']?.facts, prefixes: ENDS['perPatch']?.prefixes, correctness: { ...ENDS['failed']?.correctness, verdict: 'passed', failures: [], runs: ['r-cccccccccc'] } })));
    await mkdir(join(lab.home, 'jobs'), { recursive: true });
    await writeFile(join(lab.home, 'jobs/j-000000000a.json'), JSON.stringify({ job: 'j-000000000a', title: HOSTILE, file: 'a.yaml', submittedAt: '2026-01-01T00:00:00.000Z', runs: [runRequest({ job: 'j-000000000a' })] }));
    const opened = new RecordLab(lab, await serve(lab));
    await until('six runs are in the record', async () => ((await opened.runsNow()).length === 6 ? true : undefined));
    return opened;
  }

  /** What is left of it once all has ended, and how its server did. */
  async close(): Promise<{ exitCode: number | undefined; left: string[] }> {
    const exitCode = await this.#serving.end();
    const left = await this.lab.left();
    await this.lab[Symbol.asyncDispose]();
    return { exitCode, left };
  }

  get url(): string { return this.#serving.url; }

  async get(path: string): Promise<Got> {
    const response = await fetch(`${this.url}${path}`);
    return { status: response.status, body: response.headers.get('content-type')?.startsWith('application/json') === true ? await response.json() : await response.text(), headers: response.headers };
  }

  async runsNow(query = ''): Promise<string[]> {
    return ((await this.get(`/api/runs?limit=500${query}`)).body as { runs: { id: string }[] }).runs.map((one) => one.id);
  }

  seal(n: number, change: Parameters<typeof runRecord>[0] = {}, host = HOST): Promise<RunRecord> {
    return sealIn(this.lab, n, change, host);
  }
}

/** A sealed run, as a run folder has it. */
async function sealIn(lab: TestLab, n: number, change: Parameters<typeof runRecord>[0], host = HOST): Promise<RunRecord> {
  const id = `r-${n.toString(36).padStart(10, '0')}`;
  const record = runRecord({ id, sealedAt: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString(), ...change });
  const folder = join(lab.home, 'runs', id);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'events.ndjson'), `${JSON.stringify({ at: record.startedAt, ms: 0, run: id, event: 'run.opened', attempt: 1, worker: `${host}/1:2` })}\n`);
  await writeFile(join(folder, 'console.log'), 'first line\nsecond line\n');
  await writeFile(join(folder, 'run.json'), JSON.stringify(record));
  return record;
}

export async function askDatabase({ home }: TestLab, database: string, query: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ host: join(home, 'postgres'), user: 'vlab', database });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(query)).rows;
  } finally {
    await client.end();
  }
}

/** Every row, with what was numbered as it came called by its name. */
const ROWS = {
  jobs: 'select * from jobs', runs: 'select to_jsonb(r) - \'n\' as run from runs r', evaluations: 'select * from evaluations', citations: 'select * from citations', facets: 'select * from facets', unreadable: 'select path, why from unreadable',
  passes: 'select r.id, to_jsonb(p) - \'run\' as pass from passes p join runs r on r.n = p.run', properties: 'select r.id, to_jsonb(p) - \'run\' as property from properties p join runs r on r.n = p.run',
  sample_series: 'select to_jsonb(s) - \'id\' as series from sample_series s', samples: 'select s.key, r.id, at, value from samples join sample_series s on s.id = samples.series left join runs r on r.n = samples.run',
  levels: 'select s.key, count, last, jsonb_array_length(points) from levels join sample_series s on s.id = levels.series', grown: 'select * from grown',
} as const;

export async function rowsIn(lab: TestLab, database: string): Promise<Record<keyof typeof ROWS, string[]>> {
  const found = await Promise.all(Object.entries(ROWS).map(async ([name, query]) => [name, (await askDatabase(lab, database, query)).map((row) => JSON.stringify(row)).sort()] as const));
  return Object.fromEntries(found) as Record<keyof typeof ROWS, string[]>;
}
