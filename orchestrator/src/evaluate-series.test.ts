// What an evaluation makes of boots that go wrong. A stub tells of the boots, since guests that are lost in the middle of a block, or come up with another
// renderer, cannot be had when they are wanted; evaluations of real guests are in orchestrator/test/evaluate.test.ts.
import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';
import { CHECKOUT, pipelineResult, runRecord, runRequest, seeded } from '../test/parts.ts';
import { ContentKey, EvaluationId, RunId } from './contract/ids.ts';
import type { Flavour, KernelRecord, RunRequest } from './contract/job.ts';
import type { Outcome } from './contract/outcome.ts';
import type { RunRecord } from './contract/run.ts';
import { lookOf } from './evaluate/look-of.ts';
import { evaluateSeries, type Asked, type Bench, type Boot, type Evaluated } from './evaluate-series.ts';
import { BASE_REFUSED } from './kernel/base.ts';
import { LabError } from './lib/lab-error.ts';
import type { Making } from './lib/lab.ts';

const ASKED: Asked = {
  id: EvaluationId.parse('e-0123456789'), series: { name: 'a/series', patches: [{ file: '0001-a.patch' }], unpatched: false } as unknown as Asked['series'], baseName: '6.12', base: { package: 'linux-source-6.12', suite: 'trixie' },
  device: 'virgl', pipelines: ['upload'], metrics: ['instructions', 'time'], flavours: ['perf'], perPatch: false, image: 'trixie', stack: 'trixie', budgetSeconds: 600, seed: 1, alpha: 0.01,
};
const KERNEL = { kernel: '0123456789abcdef', version: '6.12.0', compiler: 'gcc', identicalToBase: false } as unknown as KernelRecord;

/** What a boot of a kernel comes to, the nth of all; undefined where it is lost. */
type Booted = (boot: Boot, nth: number, id: RunId) => RunRecord | undefined;
type Stub = { booted?: Booted; build?: Bench['build']; versions?: (nth: number) => Record<string, string>; signal?: AbortSignal; asked?: Partial<Asked>; counted?: Partial<Bench['counted']> };

/** Boots that are alike but for a wobble, in which the patched kernel executes and takes `more` of everything. */
function alike(more = 0, over: Partial<Record<keyof RunRecord, unknown>> = {}): Booted {
  const random = seeded(5);
  return ({ side, measure }, _, id) => {
    const of = (value: number, scatter: number): number => value * (side === 'patched' ? 1 + more : 1) * (1 + scatter * (random() - 0.5));
    const upload = pipelineResult({
      clip: 'vp9-64x48', instructionsPerFrame: measure === 'instructions' ? of(600_000, 1e-4) : null,
      time: measure === 'time' ? { frames: 25, warmup: 5, fps: 1000 / of(20, 0.2), guestCpuMsPerFrame: of(10, 0.2), hostCpuMsPerFrame: of(12, 0.2), bookkeepingShare: 0, stepsMs: { frame: { mean: 20, p50: 20, p95: of(30, 0.2), p99: 40 } } } : null,
    });
    return runRecord({ id, measure, pipelines: [upload], ...over });
  };
}

async function evaluated({ booted = alike(), build, versions = () => ({ mesa: '25.0' }), signal = new AbortController().signal, asked = {}, counted = {} }: Stub): Promise<{ seen: Evaluated; boots: Boot[] }> {
  const boots: Boot[] = [];
  const ofRun = new Map<string, number>();
  const request = (boot: Boot): RunRequest => {
    const nth = boots.push(boot) - 1;
    const id = RunId.parse(`r-${String(nth).padStart(10, '0')}`);
    ofRun.set(id, nth);
    return runRequest({ id });
  };
  const told = ({ id }: RunRequest): RunRecord | undefined => {
    const nth = ofRun.get(id) ?? NaN;
    const boot = boots[nth];
    return boot === undefined ? undefined : booted(boot, nth, id);
  };
  const bench: Bench = {
    build: build ?? (() => Promise.resolve({ record: KERNEL, cached: true })), request,
    sameBytes: (one, other) => Promise.resolve(one.kernel === other.kernel),
    runs: (requests) => Promise.resolve(requests.map(told)),
    block: (steps) => Promise.resolve({ records: steps.flat().map(told), host: 'one' }),
    versions: (id) => Promise.resolve(versions(ofRun.get(id) ?? NaN)),
    counted: { find: () => Promise.resolve(undefined), note: () => Promise.resolve(), alike: () => Promise.resolve(true), ...counted },
  };
  const making = { lab: { config: { checkout: CHECKOUT } }, signal, progress: () => undefined } as unknown as Making;
  return { seen: await evaluateSeries({ ...ASKED, ...asked }, bench, making), boots };
}

const ended = (kind: Outcome['kind'], stage: Outcome['stage'], why: string): Outcome => ({ kind, stage, why });

test('no change is equivalent: instructions decide with two blocks, and the times are left to them after one', async () => {
  const { seen, boots } = await evaluated({});
  expect(seen).toMatchObject({ verdict: 'equivalent', outcome: { kind: 'passed' }, correctness: { verdict: 'passed' } });
  expect([boots.filter((one) => one.measure === 'instructions').length, boots.filter((one) => one.measure === 'time').length]).toEqual([16, 8]);
  expect(seen.notes).toContainEqual(expect.stringMatching(/^no more pairs of time than 4 were booted/));
});

test('a longer budget goes on with the times as far as the looks go', async () => {
  const { seen, boots } = await evaluated({ asked: { budgetSeconds: 3600 } });
  expect(seen.verdict).toBe('equivalent');
  expect(boots.filter((one) => one.measure === 'time').length).toBeGreaterThan(8);
});

test('a percent more instructions is worse', async () => {
  const { seen } = await evaluated({ booted: alike(0.01), asked: { metrics: ['instructions'] } });
  expect(seen).toMatchObject({ verdict: 'worse', metrics: [{ metric: 'instructions', verdict: 'worse', pairs: 8 }] });
});

test('where every measuring boot is lost nothing was measured: broken, and never equivalent', async () => {
  const { seen } = await evaluated({ booted: (boot, nth, id) => (boot.measure === 'counters' || boot.measure === null ? alike()(boot, nth, id) : undefined) });
  expect(seen).toMatchObject({ verdict: null, outcome: { kind: 'broken', stage: 'verify' } });
  expect(seen.why).toMatch(/^nothing was measured: of \d+ pairs none is whole$/);
});

test('a pair of which a half is lost is dropped and counted', async () => {
  const lost = alike();
  const { seen } = await evaluated({ asked: { metrics: ['instructions'] }, booted: (boot, nth, id) => (boot.measure === 'instructions' && nth === 5 ? undefined : lost(boot, nth, id)) });
  expect(seen.metrics).toMatchObject([{ metric: 'instructions', dropped: 1, pairs: 11, verdict: 'equivalent' }]);
});

test('a measuring boot that ended otherwise than well is told, and its pair dropped', async () => {
  const fails = alike();
  const { seen } = await evaluated({ asked: { metrics: ['instructions'] }, booted: (boot, nth, id) => {
    const record = fails(boot, nth, id);
    return nth === 6 && record !== undefined ? { ...record, outcome: ended('failed', 'pipeline', 'single calls: error') } : record;
  } });
  expect(seen.notes).toContain('a measuring boot (r-0000000006) was failed: single calls: error');
  expect(seen.metrics[0]?.dropped).toBe(1);
});

/** Of the boots that measure, those of one side that are to go wrong. */
function oopsing(wrong: (side: Boot['side'], nth: number) => boolean): Booted {
  const well = alike();
  const count = { base: 0, patched: 0 };
  return (boot, nth, id) => {
    const record = well(boot, nth, id);
    if (record === undefined || boot.measure === 'counters' || boot.measure === null || !wrong(boot.side, count[boot.side]++)) return record;
    return { ...record, outcome: ended('failed', 'verify', 'Oops'), console: [{ kind: 'oops', line: 1, text: 'BUG: unable to handle page fault', around: [] }] };
  };
}

test('what only shows while it is measured is a failure where two boots of the patched kernel show it and none of the base', async () => {
  const { seen } = await evaluated({ asked: { metrics: ['instructions'] }, booted: oopsing((side, nth) => side === 'patched' && (nth === 2 || nth === 5)) });
  expect(seen).toMatchObject({ verdict: 'failed', outcome: { kind: 'failed', stage: 'verify', why: 'console, on boots that measured: BUG: unable to handle page fault' } });
  expect(seen.correctness).toMatchObject({ verdict: 'failed', failures: [{ detector: 'console', what: 'oops' }], unconfirmed: [] });
  expect(seen.correctness.failures[0]?.again).not.toBe(seen.correctness.failures[0]?.run);
  expect(seen.samples).not.toEqual([]);
});

test('what one boot showed when all was checked, and its second one did not, is a failure once a measuring boot shows it', async () => {
  const oops = (record: RunRecord): RunRecord => ({ ...record, outcome: ended('failed', 'verify', 'Oops'), console: [{ kind: 'oops', line: 1, text: 'BUG: unable to handle page fault', around: [] }] });
  const measuring = oopsing((side, nth) => side === 'patched' && nth === 2);
  let checked = 0;
  const run = async (booted: Booted): Promise<Evaluated> => (await evaluated({ asked: { metrics: ['instructions'] }, booted })).seen;
  const first = (later: Booted): Booted => (boot, nth, id) => {
    const record = later(boot, nth, id);
    return record !== undefined && boot.side === 'patched' && boot.measure === 'counters' && checked++ === 0 ? oops(record) : record;
  };
  expect((await run(first(alike()))).correctness).toMatchObject({ verdict: 'passed', failures: [], unconfirmed: [{ what: 'oops' }] });
  checked = 0;
  expect((await run(first(measuring))).correctness).toMatchObject({ verdict: 'failed', failures: [{ what: 'oops' }], unconfirmed: [] });
});

test('measuring boots that were refused before they began are nobody\'s failure', async () => {
  const well = alike();
  const { seen } = await evaluated({ asked: { metrics: ['instructions'] }, booted: (boot, nth, id) => {
    const record = well(boot, nth, id);
    return record !== undefined && boot.side === 'patched' && boot.measure === 'instructions' ? { ...record, outcome: ended('rejected', 'kernel', 'no such series here') } : record;
  } });
  expect(seen).toMatchObject({ verdict: null, outcome: { kind: 'broken' }, correctness: { verdict: 'passed', failures: [], unconfirmed: [] } });
});

test('seen on one measuring boot it is told and held against nobody, and what the base shows too is known', async () => {
  const once = await evaluated({ asked: { metrics: ['instructions'] }, booted: oopsing((side, nth) => side === 'patched' && nth === 2) });
  expect(once.seen.correctness).toMatchObject({ verdict: 'passed', failures: [], unconfirmed: [{ detector: 'console', what: 'oops', again: null }] });
  expect(once.seen.verdict).not.toBe('failed');
  const both = await evaluated({ asked: { metrics: ['instructions'] }, booted: oopsing((_, nth) => nth === 2 || nth === 5) });
  expect(both.seen.correctness).toMatchObject({ verdict: 'passed', failures: [], known: [{ detector: 'console', what: 'oops' }] });
});

test.each([
  { what: 'renderer', stub: { booted: (boot: Boot, nth: number, id: RunId) => alike(0, nth === 7 ? { renderer: 'llvmpipe' } : {})(boot, nth, id) }, said: /^Expected renderer virgl \(LLVMPIPE\) in every boot, got llvmpipe in r-0000000007: no pair can be made of that$/ },
  { what: 'version', stub: { versions: (nth: number) => ({ mesa: nth === 9 ? '25.1' : '25.0' }) }, said: /^Expected mesa 25\.0 in every boot, got 25\.1 in r-0000000009: no pair can be made of that$/ },
])('a boot with another $what ends it, and the difference is named', async ({ stub, said }) => {
  const { seen } = await evaluated(stub);
  expect(seen).toMatchObject({ verdict: null, outcome: { kind: 'broken', stage: 'verify', why: expect.stringMatching(said) as string } });
});

test('a base whose commands were counted before is not booted for that again, and the run that did is one of the evaluation\'s', async () => {
  const noted: string[] = [];
  const note: Bench['counted']['note'] = (kernel, _, run) => Promise.resolve(void noted.push(`${kernel} ${run}`));
  const first = await evaluated({ asked: { metrics: [] }, counted: { note } });
  expect(noted).toEqual(['0123456789abcdef r-0000000001']);
  const known = runRecord({ id: 'r-before0000' });
  const second = await evaluated({ asked: { metrics: [] }, counted: { note, find: () => Promise.resolve(known) } });
  expect([first, second].map(({ seen }) => seen.correctness.runs.length)).toEqual([3, 3]);
  expect(second.seen.correctness.runs).toContain('r-before0000');
  expect(second.seen.notes).toContainEqual(expect.stringMatching(/^the base was not booted to count its commands: r-before0000 did, at /));
  expect(second.seen.verdict).toBe(first.seen.verdict);
  expect(noted).toHaveLength(1);
});

test('one that was booted otherwise than the patched kernel is now is booted anew', async () => {
  const known = runRecord({ id: 'r-before0000' });
  const { seen } = await evaluated({ asked: { metrics: [] }, counted: { find: () => Promise.resolve(known), alike: () => Promise.resolve(false) } });
  expect(seen.correctness.runs).toHaveLength(3);
  expect(seen.correctness.runs).not.toContain('r-before0000');
  expect(seen.notes.join('\n')).not.toContain('was not booted');
});

test('a change against what was counted before is confirmed on boots of both kernels made now', async () => {
  const of = (id: string, transfersPerFrame: number): RunRecord => runRecord({ id, pipelines: [pipelineResult({ pipeline: 'upload', clip: 'h264-faults', counters: { frames: 16, commandsPerFrame: 9, transfersPerFrame, bytesPerFrame: 0, fencesPerFrame: 1, byKind: {} } })] });
  const { seen, boots } = await evaluated({ asked: { metrics: [] }, booted: ({ side }, _, id) => of(id, side === 'base' ? 4 : 5), counted: { find: () => Promise.resolve(of('r-before0000', 4)) } });
  expect(seen.facts).toMatchObject([{ pipeline: 'upload', counter: 'transfersPerFrame', base: 4, patched: 5, boots: 2 }]);
  expect(boots.slice(3).map(({ side, measure }) => `${side} ${String(measure)}`)).toEqual(['base counters', 'patched counters']);
});

test('a walk of ioctls that could not be made is told', async () => {
  const exercise = { status: 'unavailable', why: '/dev/dri/card0 is no virtio-gpu', checks: [], leaks: null };
  const { seen } = await evaluated({ asked: { metrics: [] }, booted: (boot, nth, id) => alike(0, boot.importer ? { exercise } : {})(boot, nth, id) });
  expect(seen.notes).toContainEqual(expect.stringMatching(/^the walk of ioctls and close orders could not be made in r-\d+: \/dev\/dri\/card0 is no virtio-gpu$/));
});

test('a run that is lost gets a second try, and two lost ones are the lab\'s fault', async () => {
  let once = true;
  const { seen } = await evaluated({ asked: { metrics: [] }, booted: (boot, nth, id) => {
    if (boot.measure !== 'counters' || boot.side !== 'patched' || !once) return alike()(boot, nth, id);
    once = false;
    return undefined;
  } });
  expect(seen).toMatchObject({ outcome: { kind: 'passed' }, correctness: { verdict: 'passed' } });
  const twice = await evaluated({ booted: (boot, nth, id) => (boot.side === 'patched' ? undefined : alike()(boot, nth, id)) });
  expect(twice.seen).toMatchObject({ verdict: null, outcome: { kind: 'broken', stage: 'queue', why: 'the lab lost a run of the patched kernel twice: no worker brought it to its end' } });
});

test.each([['failed', 'broken'], ['rejected', 'rejected']] as const)('a base whose boot is %s makes the evaluation %s, and is not held against the series', async (kind, expected) => {
  const { seen } = await evaluated({ booted: (boot, nth, id) => alike(0, boot.side === 'base' ? { outcome: ended(kind, 'guest', 'panic') } : {})(boot, nth, id) });
  expect(seen).toMatchObject({ verdict: null, outcome: { kind: expected, why: 'the base itself: panic' }, correctness: { failures: [] } });
});

const refusing = (side: 'base' | 'patched'): Bench['build'] => ({ series }) => {
  if ((series === undefined) === (side === 'base')) return Promise.reject(new LabError('NOT_BUILT', 'virtgpu_vq.c:1: error: no', { blame: side === 'base' ? 'lab' : 'kernel', stage: 'kernel' }));
  return Promise.resolve({ record: KERNEL, cached: true });
};

test('a series that does not build is failed; a base that does not is nobody\'s verdict', async () => {
  const { seen, boots } = await evaluated({ build: refusing('patched') });
  expect(seen).toMatchObject({ verdict: 'failed', outcome: { kind: 'failed', stage: 'kernel' }, correctness: { failures: [{ detector: 'build', run: null }] } });
  expect(boots).toEqual([]);
  expect((await evaluated({ build: refusing('base') })).seen).toMatchObject({ verdict: null, outcome: { kind: 'broken' }, correctness: { failures: [] } });
});

test('a series that builds as perf and not as debug has failed as debug', async () => {
  const build: Bench['build'] = ({ series, flavour }) => (series !== undefined && flavour === 'debug' ? Promise.reject(new LabError('NOT_BUILT', 'a.c:1: error: no', { blame: 'kernel', stage: 'kernel' })) : Promise.resolve({ record: KERNEL, cached: true }));
  const { seen, boots } = await evaluated({ build, asked: { flavours: ['debug', 'perf'] } });
  expect(seen).toMatchObject({ verdict: 'failed', correctness: { failures: [{ detector: 'build', flavour: 'debug' }] } });
  expect(boots).toEqual([]);
});

test('a kernel that is its base byte for byte is not booted', async () => {
  const { seen, boots } = await evaluated({ build: ({ series }) => Promise.resolve({ record: { ...KERNEL, identicalToBase: series !== undefined }, cached: true }) });
  expect([seen.verdict, boots]).toEqual(['equivalent', []]);
});

test('what looks closest is built beside, and given up where the kernel turns out to be its base', async () => {
  const told: string[] = [];
  const begun = new EventEmitter();
  const isBegun = once(begun, 'begun');
  const build: Bench['build'] = async ({ series, flavour }, signal) => {
    if (series === undefined) return { record: KERNEL, cached: true };
    if (flavour === 'debug') {
      told.push('begun');
      begun.emit('begun');
      return new Promise((_, reject) => { signal?.addEventListener('abort', () => { told.push('given up'); reject(signal.reason as Error); }); });
    }
    await isBegun;
    return { record: { ...KERNEL, identicalToBase: true }, cached: true };
  };
  const { seen, boots } = await evaluated({ build, asked: { flavours: ['debug', 'perf'] } });
  expect([seen.verdict, seen.identical, boots, told]).toEqual(['equivalent', true, [], ['begun', 'given up']]);
});

test('a series that builds in no flavour has failed as perf, whichever is told first', async () => {
  const build: Bench['build'] = ({ series, flavour }) => (series === undefined ? Promise.resolve({ record: KERNEL, cached: true })
    : (flavour === 'debug' ? Promise.resolve() : new Promise((resolve) => { setTimeout(resolve, 20); })).then(() => { throw new LabError('NOT_BUILT', `${flavour}: a.c:1: error: no`, { blame: 'kernel', stage: 'kernel' }); }));
  const { seen } = await evaluated({ build, asked: { flavours: ['debug', 'perf'] } });
  expect(seen.correctness.failures).toMatchObject([{ detector: 'build', flavour: 'perf', why: 'perf: a.c:1: error: no' }]);
});

test('of two bases with the same bytes neither is booted; what only the debugging sees is not the same', async () => {
  const against = { name: '6.12@6.12.107-1', base: { package: 'linux-source-6.12', suite: 'trixie', version: '6.12.107-1' } };
  const built = (differs: Flavour | undefined): Bench['build'] => ({ baseName, flavour }) => Promise.resolve({ record: { ...KERNEL, kernel: ContentKey.parse(flavour === differs && baseName === against.name ? 'a'.repeat(16) : 'b'.repeat(16)) }, cached: true });
  const same = await evaluated({ asked: { against, flavours: ['debug', 'perf'], importer: false }, build: built(undefined) });
  expect([same.seen.verdict, same.seen.identical, same.boots]).toEqual(['equivalent', true, []]);
  expect(lookOf(same.seen, 'here', 'correctness').saw).toBe('same');
  for (const differs of ['debug', 'perf'] as const) {
    const { seen, boots } = await evaluated({ asked: { against, flavours: ['debug', 'perf'], importer: false }, build: built(differs) });
    expect([seen.identical, boots.length > 0], differs).toEqual([false, true]);
  }
  // The same as perf, and nobody knows as debug.
  const untold = await evaluated({ asked: { against, flavours: ['debug', 'perf'], importer: false }, build: ({ baseName, flavour }) => (flavour === 'debug' && baseName !== against.name ? Promise.reject(new LabError(BASE_REFUSED, 'base 6.12 (debug) does not build', { blame: 'lab', stage: 'kernel', evidence: 'a.c:1: error: no' })) : Promise.resolve({ record: KERNEL, cached: true })) });
  expect(untold.seen).toMatchObject({ identical: false, verdict: 'failed', outcome: { kind: 'failed', stage: 'kernel' } });
});

const splat = { console: [{ kind: 'kasan', text: 'BUG: KASAN: use-after-free', line: 1, around: [] }], outcome: ended('failed', 'verify', 'KASAN') };

test('what the patched kernel does wrong twice is a failure, what it does once is told, and what the base does too is known', async () => {
  const wrong = (where: (boot: Boot, nth: number) => boolean): Booted => (boot, nth, id) => alike(0, boot.measure === 'counters' && where(boot, nth) ? splat : {})(boot, nth, id);
  const twice = await evaluated({ booted: wrong(({ side }) => side === 'patched') });
  expect(twice.seen).toMatchObject({ verdict: 'failed', metrics: [], samples: [], correctness: { verdict: 'failed', known: [] } });
  const [failure] = twice.seen.correctness.failures;
  expect(failure?.run).not.toBe(failure?.again);
  const first = twice.boots.findIndex(({ side, measure }) => side === 'patched' && measure === 'counters');
  expect((await evaluated({ asked: { metrics: [] }, booted: wrong((_, nth) => nth === first) })).seen).toMatchObject({ correctness: { verdict: 'passed', failures: [], unconfirmed: [{ detector: 'console' }] } });
  const both = await evaluated({ asked: { metrics: [] }, booted: wrong(() => true) });
  expect(both.seen).toMatchObject({ correctness: { verdict: 'passed', failures: [], known: [{ detector: 'console' }] } });
});

test('what both first boots of the patched kernel show takes one boot more, of the base, by what was wrong', async () => {
  const torn = { outcome: ended('failed', 'verify', 'torn'), pipelines: [pipelineResult({ pipeline: 'dmabuf-copy', status: 'failed', defect: 'torn', why: '3 of 16 frames wrong' })] };
  const { seen, boots } = await evaluated({ booted: (boot, nth, id) => alike(0, boot.side === 'patched' ? torn : {})(boot, nth, id) });
  expect(seen).toMatchObject({ verdict: 'failed', correctness: { failures: [{ detector: 'frames', what: 'torn', again: expect.stringMatching(/^r-/) as string }] } });
  expect(boots.slice(3)).toMatchObject([{ side: 'base', checked: true, importer: false, pipelines: ['dmabuf-copy'] }]);
});

test('where one thing is looked for again, the base is checked from the first, and the patched kernel boots twice', async () => {
  const torn = { outcome: ended('failed', 'verify', 'torn'), pipelines: [pipelineResult({ pipeline: 'dmabuf-copy', status: 'failed', defect: 'torn', why: '3 of 16 frames wrong' })] };
  const check = { pipelines: ['dmabuf-copy'] as const, close: false };
  const { seen, boots } = await evaluated({ asked: { check, metrics: [] }, booted: (boot, nth, id) => alike(0, boot.side === 'patched' ? torn : {})(boot, nth, id) });
  expect(seen.correctness).toMatchObject({ verdict: 'failed', failures: [{ what: 'torn' }], known: [] });
  expect(boots.map(({ side, checked }) => [side, checked])).toEqual([['base', true], ['patched', true], ['patched', true]]);
  const both = await evaluated({ asked: { check, metrics: [] }, booted: alike(0, torn) });
  expect(both.seen.correctness).toMatchObject({ failures: [], known: [{ what: 'torn' }] });
});

test('whatever ends it, what was measured until then is in the record', async () => {
  const stop = new AbortController();
  const boots = alike();
  const { seen } = await evaluated({ signal: stop.signal, booted: (boot, nth, id) => {
    if (boot.measure === 'time') stop.abort(new LabError('CANCELLED', 'somebody cancelled it', { blame: 'user', stage: 'queue' }));
    return boots(boot, nth, id);
  } });
  expect(seen).toMatchObject({ verdict: null, outcome: { kind: 'cancelled' } });
  expect(seen.samples.find(({ kind, metric }) => kind === 'instructions' && metric === 'instructions')?.pairs).toHaveLength(8);
});

test('a budget that is spent ends the blocks, and says after how many pairs', async () => {
  const { seen } = await evaluated({ asked: { budgetSeconds: 0, metrics: ['time'] } });
  expect(seen).toMatchObject({ verdict: 'inconclusive', notes: expect.arrayContaining(['its share of the budget of 0 s was spent after 4 pairs of time']) as string[] });
});

test('of two bases the one that the compiler would not take has failed to build, and one that the lab could not build is the lab\'s', async () => {
  const against = { name: '6.12@6.12.107-1', base: { package: 'linux-source-6.12', suite: 'trixie', version: '6.12.107-1' } };
  const built = (code: string): Bench['build'] => ({ baseName }) => (baseName === against.name ? Promise.resolve({ record: KERNEL, cached: true }) : Promise.reject(new LabError(code, 'base 6.12 (perf) does not build: exit code 2', { blame: 'lab', stage: 'kernel', evidence: 'a.c:1: error: no' })));
  const { seen } = await evaluated({ asked: { against, importer: false }, build: built(BASE_REFUSED) });
  expect(seen).toMatchObject({ verdict: 'failed', outcome: { kind: 'failed', stage: 'kernel' }, correctness: { failures: [{ detector: 'build', why: 'base 6.12 (perf) does not build: exit code 2\na.c:1: error: no' }] } });
  expect(lookOf(seen, 'here', 'correctness').saw).toBe('skip');
  expect((await evaluated({ asked: { against, importer: false }, build: built('BASE_BUILD') })).seen).toMatchObject({ verdict: null, outcome: { kind: 'broken', stage: 'kernel' } });
  expect((await evaluated({ build: built(BASE_REFUSED) })).seen.outcome.kind).toBe('broken');
});
