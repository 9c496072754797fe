// The order of a night, with boots that are only told of: what is booted again and with what, and what is not once the night is to end.
import { expect, test } from 'vitest';
import { nightCell, nightPlan, nightProfile, nightRecord } from '../test/night-parts.ts';
import { PASSED, pipelineResult, runRecord } from '../test/parts.ts';
import { JobId, NightId, RunId } from './contract/ids.ts';
import { calledBase, Job, type RunRequest } from './contract/job.ts';
import { RunInputs } from './contract/inputs.ts';
import type { NightRecord } from './contract/night.ts';
import type { RunRecord } from './contract/run.ts';
import { LabError } from './lib/lab-error.ts';
import { runNight } from './night.ts';
import type { NightBench } from './night/bench.ts';
import { expandJob } from './request/expand-job.ts';
import { withoutFiles } from './request/take-file.ts';

const MUTANT = { detector: 'build', seenAs: null, harmless: false } as const;
const SELF_TEST = Job.parse({ title: 'mutants', kernels: [{ base: '6.12', series: 'mutants/one', expect: 'failed' }], pipelines: ['upload'], clip: 'h264-faults' });
const KEYS = { a: 'aaaaaaaaaaaaaaaa', b: 'bbbbbbbbbbbbbbbb' } as const;

/** Pipelines of a request that are wrong, by what is asked and how often it was asked before; `broken`: the lab loses the boot. */
type Script = (request: RunRequest, count: number) => readonly string[] | 'broken' | 'gone';

function bench(script: Script): { bench: NightBench; asked: RunRequest[] } {
  const asked: RunRequest[] = [];
  const records = new Map<string, RunRecord>();
  let count = 0;
  const number = (): string => String(count++).padStart(10, '0');
  const record = (request: RunRequest): RunRecord => {
    asked.push(request);
    const { id, job, kernel: { series, expect: wanted } } = request;
    const base = calledBase(request);
    if (series !== undefined) return runRecord({ id, job, base, series, expect: wanted, claim: MUTANT, outcome: { kind: 'failed', stage: 'kernel', why: 'does not build' } });
    const wrong = script(request, asked.filter((one) => one.kernel.series === undefined).length);
    if (wrong === 'broken' || wrong === 'gone') return runRecord({ id, job, base, outcome: { kind: wrong === 'gone' ? 'rejected' : 'broken', stage: 'image', why: wrong } });
    const pipelines = request.pipelines.map((pipeline) => pipelineResult({ pipeline, clip: 'h264-faults', status: wrong.includes(pipeline) ? 'failed' : 'passed', why: wrong.includes(pipeline) ? 'rows missing' : 'all right' }));
    return runRecord({ id, job, base, pipelines, outcome: wrong.length === 0 ? PASSED : { kind: 'failed', stage: 'verify', why: 'rows missing' } });
  };
  return {
    asked,
    bench: {
      newJob: () => JobId.parse(`j-${number()}`), newRun: () => RunId.parse(`r-${number()}`),
      requests: (jobs, job) => Promise.resolve(jobs.flatMap((one) => expandJob(withoutFiles(one), 'test', { nested: false }).runs.map((run) => ({ ...run, job, id: RunId.parse(`r-${number()}`) })))),
      runs: (_job, _title, requests) => Promise.resolve(requests.map((one) => { const made = record(one); records.set(one.id, made); return made; })),
      record: (run) => Promise.resolve(records.get(run) ?? runRecord({ id: run })),
      // The run of the night before had another kernel and another stack.
      inputs: (run) => Promise.resolve(RunInputs.parse({ version: 1, request: asked.find((one) => one.id === run) ?? asked[0], kernel: records.has(run) ? KEYS.b : KEYS.a, stack: { name: 'trixie', key: records.has(run) ? KEYS.b : KEYS.a, tag: 't' }, guest: { name: 'trixie', key: KEYS.a }, clips: [] })),
      world: () => Promise.resolve({}), commit: () => Promise.resolve('c'),
      watch: () => Promise.resolve({ wanted: new Map([['6.12', '6.12.60-1']]), images: [], noticed: [], notes: [] }),
      evaluate: () => Promise.resolve('not here'),
    },
  };
}

async function night(script: Script, { before, signal = new AbortController().signal }: { before?: NightRecord; signal?: AbortSignal } = {}): Promise<{ record: NightRecord; asked: RunRequest[] }> {
  const made = bench(script);
  const profile = nightProfile({ pipelines: ['upload', 'dmabuf-copy'], clips: ['h264-faults'] });
  const record = await runNight({
    id: NightId.parse('n-0000000009'), planName: 'p.yaml', profileName: 'quick', plan: nightPlan(), profile, codecs: { 'h264-faults': 'h264' }, selfTest: SELF_TEST, before, commit: 'c', scheduled: false, startedAt: new Date().toISOString(),
  }, made.bench, signal);
  return { record, asked: made.asked.filter((one) => one.kernel.series === undefined) };
}

const changes = ({ cells }: NightRecord): string[] => cells.filter((one) => one.change !== 'same').map((one) => `${one.pipeline} ${one.change}`);
const BEFORE = nightRecord({ cells: [nightCell(), nightCell({ pipeline: 'dmabuf-copy' }), nightCell({ pipeline: 'whole', clip: 'none' })] });

test('a quiet night is one boot of the version that is wanted, and the self-test', async () => {
  const { record, asked } = await night(() => []);
  expect(record).toMatchObject({ lab: 'ok', selfTest: { caught: 1, total: 1, missed: [] } });
  expect(asked.map((one) => [one.kernel.version, calledBase(one)])).toEqual([['6.12.60-1', '6.12']]);
  expect(changes(record)).toEqual([]);
});

test('what is wrong is booted again with that pipeline alone; right on one of the boots, it is flaky', async () => {
  const { record, asked } = await night((_request, count) => (count === 1 ? ['upload'] : []), { before: BEFORE });
  expect(asked.map((one) => one.pipelines)).toEqual([['upload', 'dmabuf-copy'], ['upload'], ['upload']]);
  expect(changes(record)).toEqual(['upload flaky']);
  expect(record.blames).toEqual([]);
});

test('wrong on every boot it is new, and each layer that changed is put back alone', async () => {
  const { record, asked } = await night((request) => (request.pins?.kernel === KEYS.a ? [] : ['upload']), { before: BEFORE });
  expect(changes(record)).toEqual(['upload new']);
  expect(asked.slice(3).map((one) => [one.pins?.kernel, one.pins?.stack, one.pipelines])).toEqual([[KEYS.a, KEYS.b, ['upload']], [KEYS.b, KEYS.a, ['upload']]]);
  expect(record.blames).toMatchObject([{ fault: 'kernel', swaps: [{ layer: 'kernel', came: 'right' }, { layer: 'stack', came: 'wrong' }] }]);
});

test('a layer that is no longer there is told as gone', async () => {
  const { record } = await night((request) => (request.pins === undefined ? ['upload'] : request.pins.stack === KEYS.a ? 'gone' : ['upload']), { before: BEFORE });
  expect(record.blames).toMatchObject([{ fault: null, swaps: [{ came: 'wrong' }, { layer: 'stack', came: 'gone' }], verdict: expect.stringContaining('stack as it was is no longer there') as string }]);
});

test('what failed the night before too is neither booted again nor blamed', async () => {
  const bad = nightRecord({ cells: [nightCell({ state: 'wrong', firstBad: { night: 'n-0000000001', at: '2026-03-01T02:00:00.000Z', run: 'r-0123456789' } }), nightCell({ pipeline: 'dmabuf-copy' })] });
  const { record, asked } = await night(() => ['upload'], { before: bad });
  expect(asked).toHaveLength(1);
  expect(changes(record)).toEqual(['upload still']);
});

test('a boot that the lab lost is tried once more; lost again, the night is broken and claims nothing', async () => {
  expect((await night((_request, count) => (count === 1 ? 'broken' : []))).record.lab).toBe('ok');
  const { record, asked } = await night(() => 'broken', { before: BEFORE });
  expect(asked).toHaveLength(2);
  expect(record).toMatchObject({ lab: 'broken', why: 'the lab lost the boots of 6.12 on trixie, virgl' });
  expect(changes(record)).toEqual([]);
});

test('once the night is to end nothing more is booted, and who ended it is told', async () => {
  const ended = new AbortController();
  const script: Script = () => { ended.abort(new LabError('INTERRUPTED', 'interrupted', { blame: 'user' })); return ['upload']; };
  const { record, asked } = await night(script, { before: BEFORE, signal: ended.signal });
  expect(asked).toHaveLength(1);
  expect(record.lab).toBe('interrupted');
  expect((await night(() => [], { signal: AbortSignal.abort(new LabError('LONG_NIGHT', 'too long', { blame: 'lab' })) })).record).toMatchObject({ lab: 'broken', why: 'too long' });
});
