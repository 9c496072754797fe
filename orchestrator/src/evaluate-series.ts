// START HERE for an evaluation. A series against its base, from two kernels to a verdict: built, held to be right, measured, judged.
import type { CounterFact, EvaluationRecord, Failure, Phase, Samples } from './contract/evaluation.ts';
import type { ContentKey, EvaluationId, RunId } from './contract/ids.ts';
import type { Base, Flavour, KernelRecord, Measure, RunRequest } from './contract/job.ts';
import type { Outcome, Stage } from './contract/outcome.ts';
import { PIPELINES, type Pipeline } from './contract/pipeline.ts';
import { propertiesOn, Property } from './contract/property.ts';
import { CallName, type RunRecord } from './contract/run.ts';
import type { Device } from './contract/device.ts';
import { changedCounters, compare, confirmedCounters, failuresOf, isShared, lostPipelines, pipelinesThatFailed, type Boots } from './evaluate/correctness.ts';
import { disagreements } from './evaluate/hosts.ts';
import type { Check } from './evaluate/narrow.ts';
import { futile } from './evaluate/futility.ts';
import { looksOf, type Look } from './evaluate/looks.ts';
import { ordersOf, PAIRS_PER_BLOCK, samplesOf, type BlockSeen, type Side } from './evaluate/pairs.ts';
import { secondsOfWork, type Span } from './evaluate/spans.ts';
import { counterRows, overall, rowsOf } from './evaluate/verdict.ts';
import { buildAll, closestLook } from './evaluate-build.ts';
import { bootPrefixes } from './evaluate-prefixes.ts';
import type { KernelPlan } from './kernel/build.ts';
import type { ReadSeries } from './kernel/series.ts';
import { LabError, outcomeOf } from './lib/lab-error.ts';
import type { Making } from './lib/lab.ts';

/** What is asked of one run; the rest is the same for all runs of an evaluation. */
export type Boot = { side: Side; flavour: Flavour; measure: Measure | null; pipelines: readonly Pipeline[]; clips: readonly string[]; importer: boolean; checked: boolean; calls: boolean; patches?: number };

/** Where kernels are really built and booted. `runs` in any order on any worker; `block` all on one, step by step. A run that was lost is undefined. */
export type Bench = {
  /** `signal`: besides the evaluation's own. */
  build: (plan: KernelPlan, signal?: AbortSignal) => Promise<{ record: KernelRecord; cached: boolean }>;
  /** Whether two built kernels are one, byte for byte. */
  sameBytes: (one: KernelRecord, other: KernelRecord) => Promise<boolean>;
  request: (boot: Boot, title: string) => RunRequest;
  runs: (requests: readonly RunRequest[]) => Promise<(RunRecord | undefined)[]>;
  block: (steps: readonly (readonly RunRequest[])[], quiet: boolean) => Promise<{ records: (RunRecord | undefined)[]; host: string }>;
  versions: (run: RunId) => Promise<Record<string, string>>;
  /** Boots of bases that counted commands, of this host and not long ago. */
  counted: {
    find: (kernel: ContentKey, request: RunRequest) => Promise<RunRecord | undefined>;
    note: (kernel: ContentKey, request: RunRequest, run: RunId) => Promise<void>;
    /** Whether two runs were booted alike in all but their kernels. */
    alike: (one: RunId, other: RunId) => Promise<boolean>;
  };
};

export type Asked = {
  id: EvaluationId; series: ReadSeries; baseName: string; base: Base; device: Device; pipelines: readonly Pipeline[]; metrics: readonly ('time' | 'instructions')[];
  /** `debug` is what looks closest; without its base being built it is a quarter of an hour more. */
  flavours: readonly Flavour[];
  /** Where the series is the first patches of a longer one: how many that has. */
  ofPatches?: number;
  /** Build every prefix of the series, and boot each once. */
  perPatch: boolean;
  image: string; stack: string; budgetSeconds: number; seed: number; alpha: number;
  /** Another base, instead of the same one without patches: what is held against it is then a base, and the series is empty. */
  against?: { name: string; base: Base };
  /** False where the test importer is not there for a base. */
  importer?: boolean;
  /** Less than all that an evaluation checks: what one defect needs to show itself. */
  check?: Check;
};

/** The budget called quick: whoever gives no more wants an answer soon, and not every time decided that the host is too noisy for. */
export const QUICK_S = 600;

/** Of the 2 to 3 s that a boot takes, as little as possible should be decoding: what a kernel adds per call drowns in it. */
const CLIP_OF = { time: 'h264-640x360-brief', instructions: 'vp9-64x48' } as const;
const CHECK_CLIPS = ['h264-faults', 'fwht-faults'] as const;
export const CHECK_PIPELINES: readonly Pipeline[] = ['upload', 'dmabuf-copy', 'dmabuf-direct', 'v4l2-upload', 'v4l2-dmabuf', 'capture-dmabuf'];

/** As many boots of a block as are checked at once. */
const AT_ONCE = 3;

/** What is refused there is the request's fault, or the store's, and says nothing of a kernel. */
const BEFORE_BOOT: ReadonlySet<Stage> = new Set(['request', 'queue', 'image', 'kernel', 'clip']);

export type State = {
  asked: Asked; bench: Bench; making: Making; deadline: number; spans: Span[]; phases: Phase[];
  /** Every boot that measured, in order. */
  measured: { side: Side; record: RunRecord }[];
  record: Pick<EvaluationRecord, 'correctness' | 'identical' | 'facts' | 'notes' | 'samples' | 'prefixes' | 'looks' | 'metrics' | 'kernels' | 'baseVersion' | 'renderer' | 'accelerator' | 'versions'>;
};

export type Evaluated = State['record'] & Pick<EvaluationRecord, 'outcome' | 'verdict' | 'why' | 'phases' | 'seconds' | 'overheadPct'>;

export async function evaluateSeries(asked: Asked, bench: Bench, making: Making): Promise<Evaluated> {
  const started = performance.now();
  const state: State = {
    asked, bench, making, deadline: started + asked.budgetSeconds * 1000, spans: [], phases: [], measured: [],
    record: {
      correctness: { verdict: 'passed', failures: [], known: [], unconfirmed: [], runs: [] }, identical: false, facts: [], notes: [], samples: [], prefixes: [], looks: [], metrics: [],
      kernels: { base: null, patched: null, compiler: null }, baseVersion: null, renderer: null, accelerator: null, versions: {},
    },
  };
  // Whatever ends it, what was seen until then is kept.
  const outcome = await judgeSeries(state).catch((thrown: unknown) => outcomeOf(thrown, 'queue', making.signal));
  const { record, phases } = state;
  record.metrics = [...record.metrics, ...counterRows(record.facts)];
  const seconds = (performance.now() - started) / 1000;
  const worked = phases.reduce((sum, phase) => sum + phase.workSeconds, 0);
  const verdict = outcome.kind === 'passed' || outcome.kind === 'failed' ? (record.identical ? 'equivalent' : overall(record.correctness.failures.length === 0, record.metrics)) : null;
  return { ...record, outcome, verdict, why: outcome.why, phases, seconds: round(seconds), overheadPct: round(Math.max(0, 100 * (1 - worked / seconds))) };
}

async function judgeSeries(state: State): Promise<Outcome> {
  const built = await phase(state, 'build', () => buildAll(state));
  if (built !== undefined) return built;
  if (state.record.identical) return { kind: 'passed', stage: 'kernel', why: state.asked.against === undefined ? 'the kernel is byte for byte that of its base: there is nothing to run' : 'the two kernels are the same, byte for byte: there is nothing to run' };
  const wrong = await phase(state, 'correctness', () => check(state));
  if (wrong !== undefined) return wrong;
  if (state.asked.metrics.length === 0) state.record.notes.push('only correctness was asked for: nothing was measured');
  for (const [at, kind] of state.asked.metrics.entries()) {
    // What one kind leaves of its share is the next one's.
    const share = (state.deadline - performance.now()) / (state.asked.metrics.length - at);
    await phase(state, kind, () => measure(state, kind, performance.now() + share));
  }
  const later = wrongWhileMeasured(state);
  if (later !== undefined) return later;
  state.record.notes.push(...disagreements(state.record.samples, state.asked.seed));
  const between = state.asked.perPatch ? await phase(state, 'prefixes', () => eachPrefix(state)) : undefined;
  if (between !== undefined) return between;
  const lost = state.record.samples.filter((one) => one.primary && one.pairs.every((pair) => pair.base === null || pair.patched === null));
  if (state.record.samples.length > 0 && lost.length === state.record.samples.filter((one) => one.primary).length) {
    return { kind: 'broken', stage: 'verify', why: `nothing was measured: of ${String(lost[0]?.pairs.length ?? 0)} pairs none is whole` };
  }
  return { kind: 'passed', stage: 'verify', why: 'every boot is right in what its base is right in' };
}

async function phase<T>(state: State, name: Phase['phase'], work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  state.spans = [];
  try {
    return await work();
  } finally {
    const seconds = (performance.now() - started) / 1000;
    state.phases.push({ phase: name, seconds: round(seconds), workSeconds: round(Math.min(seconds, secondsOfWork(state.spans))) });
  }
}

async function eachPrefix(state: State): Promise<Outcome | undefined> {
  const { asked, bench, record, spans } = state;
  const boot = { flavour: 'perf', measure: 'instructions', pipelines: asked.pipelines, clips: [CLIP_OF.instructions], importer: false, checked: false, calls: !asked.device.startsWith('2d') } as const;
  const seen = await bootPrefixes(asked, (patches) => bench.request(patches === 0 ? { ...boot, side: 'base' } : { ...boot, side: 'patched', patches }, `the first ${String(patches)} patches, instructions`), {
    block: async (steps, quiet) => {
      const booted = await bench.block(steps, quiet);
      for (const one of booted.records) if (one !== undefined) spans.push(spanOf(one));
      return booted;
    },
  });
  record.prefixes = seen.prefixes;
  record.notes.push(...seen.lost);
  return held(state, seen, '');
}

/** Correctness first: each flavour, every pipeline, the importer; and the counters, which need no more boots. */
async function check(state: State): Promise<Outcome | undefined> {
  const { record, making, asked } = state;
  const pipelines = asked.check?.pipelines ?? CHECK_PIPELINES;
  const perf = { flavour: 'perf', measure: 'counters', pipelines, clips: CHECK_CLIPS, importer: false, checked: true, calls: !asked.device.startsWith('2d') } as const;
  const close: Kind = { ...closestLook(asked), measure: null, pipelines, clips: CHECK_CLIPS, checked: true, calls: false };
  const wantsClose = asked.check?.close ?? true;
  if (asked.check !== undefined) record.notes.push(`only ${pipelines.join(', ')} ${pipelines.length === 1 ? 'was' : 'were'} checked${wantsClose ? '' : ', without debugging and without the test importer'}`);
  else if (close.flavour !== 'debug') record.notes.push('flavour debug was left out: nobody looked for what KASAN, lockdep, kmemleak and DMA debugging find');
  // Of the base only what is counted is wanted, as long as nothing is wrong with the patched kernel; where something is looked for, it is checked at once.
  const checkedBase = asked.check !== undefined && !wantsClose;
  const boots = { base: { ...perf, side: 'base', checked: checkedBase }, patched: { ...perf, side: 'patched' }, close: { ...close, side: 'patched' } } as const;
  const asClose = wantsClose ? [requestOf(state, boots.close)] : [];
  const asBase = requestOf(state, boots.base);
  const known = asked.check === undefined && record.kernels.base !== null ? await state.bench.counted.find(record.kernels.base, asBase) : undefined;
  const requests = [...asClose, ...(known === undefined ? [asBase] : []), requestOf(state, boots.patched)];
  making.progress(`correctness: ${known === undefined ? 'both kernels' : 'the patched kernel'}, counting commands${wantsClose ? '; the patched one as closely as can be' : ''}`, 0, null);
  const { records: seen } = await state.bench.block([requests], false);
  making.signal.throwIfAborted();
  const booted = seen.at(-1);
  const base = (known === undefined || booted === undefined ? undefined : await countedBefore(state, known, booted)) ?? await must(state, boots.base, known === undefined ? seen.at(-2) : undefined);
  if (base.outcome.stage === 'guest' || base.outcome.kind === 'rejected') return { kind: base.outcome.kind === 'rejected' ? 'rejected' : 'broken', stage: base.outcome.stage, why: `the base itself: ${base.outcome.why}` };
  if (record.kernels.base !== null && base !== known && base.outcome.kind === 'passed') await state.bench.counted.note(record.kernels.base, asBase, base.id);
  Object.assign(record, { renderer: base.renderer, accelerator: base.accelerator, versions: await state.bench.versions(base.id) });
  const patched = await must(state, boots.patched, booted);
  const looked = wantsClose ? await must(state, boots.close, seen[0]) : undefined;
  if (looked?.exercise?.status === 'unavailable') record.notes.push(`the walk of ioctls and close orders could not be made in ${looked.id}: ${looked.exercise.why}`);
  const unbooted = [patched, looked].find((one) => one?.outcome.kind === 'rejected' && BEFORE_BOOT.has(one.outcome.stage));
  if (unbooted !== undefined) return { kind: 'rejected', stage: unbooted.outcome.stage, why: `the patched kernel was not booted: ${unbooted.outcome.why}` };
  const first = [...failuresOf(patched), ...lostPipelines(base, patched), ...(looked === undefined ? [] : failuresOf(looked))];
  if (first.length > 0) await confirm(state, { base, checkedBase, first, boots: [[perf, patched], ...(looked === undefined ? [] : [[close, looked] as const])] });
  const facts = changedCounters(base, patched);
  // Of no use to who asks for less than all.
  if (facts.length > 0 && asked.check === undefined) await confirmCounters(state, facts, perf);
  if (record.correctness.failures.length === 0) return undefined;
  record.correctness.verdict = 'failed';
  return { kind: 'failed', stage: 'verify', why: record.correctness.failures.map((one) => `${one.detector}: ${one.why.split('\n')[0] ?? ''}`)[0] ?? '' };
}

/** A boot of the base that counted its commands before: as good as one made now, where the patched kernel was booted now just as the base was then. */
async function countedBefore({ bench, record }: State, known: RunRecord, patched: RunRecord): Promise<RunRecord | undefined> {
  if (!await bench.counted.alike(known.id, patched.id)) return undefined;
  record.correctness.runs.push(known.id);
  record.notes.push(`the base was not booted to count its commands: ${known.id} did, at ${known.sealedAt}, on this host with the same QEMU, images and clips`);
  return known;
}

type Kind = Omit<Boot, 'side'>;
type ToConfirm = { base: RunRecord; checkedBase: boolean; first: readonly Failure[]; boots: readonly (readonly [Kind, RunRecord])[] };

/** What both first boots show, two boots have shown. A kind of boot that showed something else is made again. The base is asked in each flavour that showed something. */
async function confirm(state: State, { base: counted, checkedBase, first, boots }: ToConfirm): Promise<void> {
  const wrong = boots.filter(([, seen]) => first.some((one) => one.run === seen.id));
  const open = wrong.filter(([, seen]) => first.some((one) => one.run === seen.id && !isShared(one, first)));
  const ofBase = checkedBase ? [] : [...new Set(wrong.map(([kind]) => kind.flavour))].flatMap((flavour) => baseKinds(wrong, open, flavour, first));
  const seen = await bootAll(state, [...open.map(([kind]) => ({ ...kind, side: 'patched' as const })), ...ofBase.map((kind) => ({ ...kind, side: 'base' as const }))]);
  const again = open.flatMap(([kind], at) => {
    const second = seen[at];
    return second === undefined ? [] : [...failuresOf(second), ...(kind.importer ? [] : lostPipelines(counted, second))];
  });
  Object.assign(state.record.correctness, compare({ first, again, base: [counted, ...seen.slice(open.length)].flatMap(failuresOf) }));
}

/** All that is made again; where nothing is, what takes least of what was wrong. */
function baseKinds(wrong: ToConfirm['boots'], open: ToConfirm['boots'], flavour: Flavour, first: readonly Failure[]): Kind[] {
  const again = open.filter(([kind]) => kind.flavour === flavour);
  if (again.length > 0) return again.map(([kind]) => kind);
  const least = wrong.find(([kind]) => kind.flavour === flavour);
  return least === undefined ? [] : [{ ...least[0], pipelines: pipelinesThatFailed(first, least[1], least[0].pipelines) }];
}

/** Only what differed is looked at again; a boot that is for calls alone takes the shortest path to a GPU. */
async function confirmCounters(state: State, facts: readonly CounterFact[], perf: Kind): Promise<void> {
  const differed = perf.pipelines.filter((pipeline) => facts.some((fact) => fact.pipeline === pipeline));
  const kind: Kind = { ...perf, pipelines: differed.length === 0 ? ['upload'] : differed, calls: facts.some((fact) => CallName.safeParse(fact.pipeline).success) };
  const [base, patched] = await bootAll(state, [{ ...kind, side: 'base' }, { ...kind, side: 'patched' }]);
  if (base === undefined || patched === undefined) throw new Error('a boot that had to be made was not');
  const { facts: sure, wavering } = confirmedCounters(facts, { base, patched });
  state.record.facts = sure;
  for (const one of wavering) state.record.notes.push(`${one.counter} of ${one.pipeline} wavers from boot to boot (${String(one.base)}, ${String(one.patched)}): no fact is made of it`);
}

function requestOf({ bench }: State, boot: Boot): RunRequest {
  return bench.request(boot, `${boot.side}, ${boot.flavour}, correctness`);
}

/** Runs that all have to come to an end, on one host: what another one shows could be that host's doing. */
async function bootAll(state: State, boots: readonly Boot[]): Promise<RunRecord[]> {
  if (boots.length === 0) return [];
  const requests = boots.map((boot) => requestOf(state, boot));
  const { records: seen } = await state.bench.block(Array.from({ length: Math.ceil(requests.length / AT_ONCE) }, (_, n) => requests.slice(n * AT_ONCE, (n + 1) * AT_ONCE)), false);
  const records: RunRecord[] = [];
  for (const [at, boot] of boots.entries()) records.push(await must(state, boot, seen[at]));
  return records;
}

/** One run that has to come to an end, `seen` where it was tried already; the lab's own failure gets a second try, and is an evaluation's end after that. */
async function must(state: State, boot: Boot, seen?: RunRecord): Promise<RunRecord> {
  const { bench, making, record, spans } = state;
  let last = seen;
  for (let tries = 0; tries < 2; tries++) {
    making.signal.throwIfAborted();
    if (tries > 0 || seen === undefined) {
      making.progress(`correctness: ${boot.side}, ${boot.flavour}${boot.importer ? ' with the test importer' : ', counting commands'}`, record.correctness.runs.length, null);
      [last] = await bench.runs([requestOf(state, boot)]);
    }
    making.signal.throwIfAborted();
    if (last === undefined) continue;
    record.correctness.runs.push(last.id);
    spans.push(spanOf(last));
    if (last.outcome.kind !== 'broken' && last.outcome.kind !== 'cancelled') return last;
  }
  throw new LabError('LOST_RUN', `the lab lost a run of the ${boot.side} kernel twice: ${last?.outcome.why ?? 'no worker brought it to its end'}`, { blame: 'lab', stage: 'queue', ...(last === undefined ? {} : { hint: `vlab show ${last.id}` }) });
}

/** From the boot of the guest to its end. */
function spanOf({ startedAt, stages }: RunRecord): Span {
  const begin = Date.parse(startedAt);
  const until = (names: readonly string[]): number => stages.filter(({ stage }) => names.includes(stage)).reduce((sum, { ms }) => sum + ms, 0);
  const before = until(['request', 'image', 'kernel', 'clip']);
  return { from: begin + before, to: begin + before + until(['guest', 'pipeline']) };
}

/** Blocks until every primary metric of this kind is decided, no more pairs are worth their time, or the budget is spent. */
async function measure(state: State, kind: 'time' | 'instructions', deadline: number): Promise<void> {
  const { asked, record, making } = state;
  const schedule = looksOf(asked.alpha);
  const orders = ordersOf(asked.seed + (kind === 'time' ? 0 : 1), (schedule.at(-1)?.pairs ?? 0) / PAIRS_PER_BLOCK);
  const blocks: BlockSeen[] = [];
  const others = record.samples;
  const looks: Look[] = [];
  let longest = 0;
  for (const order of orders) {
    making.signal.throwIfAborted();
    if (blocks.length > 0 && performance.now() + longest > deadline) {
      record.notes.push(`its share of the budget of ${String(asked.budgetSeconds)} s was spent after ${String(blocks.length * PAIRS_PER_BLOCK)} pairs of ${kind}`);
      break;
    }
    const began = performance.now();
    making.progress(`${kind}: pairs`, blocks.length * PAIRS_PER_BLOCK, schedule[looks.length]?.pairs ?? null);
    blocks.push(await oneBlock(state, kind, order));
    longest = Math.max(longest, performance.now() - began);
    record.samples = [...others, ...samplesOf(kind, asked.pipelines, blocks)];
    making.signal.throwIfAborted();
    const pairs = blocks.length * PAIRS_PER_BLOCK;
    const look = schedule.find((one) => one.pairs === pairs);
    if (look !== undefined) {
      looks.push(look);
      takeLooks(state, kind, looks);
      if (record.metrics.every((row) => !row.primary || row.kind !== kind || row.verdict !== 'inconclusive')) return;
    }
    const next = schedule[looks.length];
    if (next === undefined) return;
    const why = futile({ rows: record.metrics, samples: record.samples.filter((one) => one.kind === kind), pairs, most: schedule.at(-1)?.pairs ?? 0, next, looked: looks.length > 0, brief: asked.budgetSeconds <= QUICK_S });
    if (why === undefined) continue;
    record.notes.push(why);
    break;
  }
  const next = schedule[looks.length];
  const pairs = blocks.length * PAIRS_PER_BLOCK;
  if (next !== undefined && pairs > (looks.at(-1)?.pairs ?? 0)) takeLooks(state, kind, [...looks, { pairs, alpha: next.alpha }]);
}

/** Time and instructions share what false alarms were promised: each may spend half. */
function takeLooks({ asked, record }: State, kind: 'time' | 'instructions', looks: readonly Look[]): void {
  const share = 1 / asked.metrics.length;
  const spent = looks.map((look) => ({ kind, pairs: look.pairs, alpha: look.alpha * share }));
  record.looks = [...record.looks.filter((look) => look.kind !== kind), ...spent];
  record.metrics = metricsOf(record.samples, record.looks, asked.seed);
}

/** All rows of what was measured: what `--recompute` does too. */
export function metricsOf(samples: readonly Samples[], looks: EvaluationRecord['looks'], seed: number): EvaluationRecord['metrics'] {
  const kinds = [...new Set(samples.map((one) => one.kind))];
  return kinds.flatMap((kind) => rowsOf(samples.filter((one) => one.kind === kind), looks.filter((look) => look.kind === kind), seed));
}

/** The boots of a block in this order, and which of them are at once: a count of instructions does not change when another guest runs beside it; a time does. */
export function stepsOf({ pipelines, device }: Pick<Asked, 'pipelines' | 'device'>, { request }: Pick<Bench, 'request'>, kind: 'time' | 'instructions', order: BlockSeen['order']): RunRequest[][] {
  const requests = order.map((side) => request({ side, flavour: 'perf', measure: kind, pipelines, clips: [CLIP_OF[kind]], importer: false, checked: false, calls: !device.startsWith('2d') }, `${side}, ${kind}`));
  return kind === 'time' ? requests.map((one) => [one]) : Array.from({ length: requests.length / 2 }, (_, pair) => requests.slice(2 * pair, 2 * pair + 2));
}

async function oneBlock(state: State, kind: 'time' | 'instructions', order: BlockSeen['order']): Promise<BlockSeen> {
  const { asked, bench, spans, record } = state;
  const steps = stepsOf(asked, bench, kind, order);
  const { records, host } = await bench.block(steps, kind === 'time');
  for (const one of records) if (one !== undefined) spans.push(spanOf(one));
  await sameWorld(state, records);
  state.measured.push(...records.flatMap((one, at) => (one === undefined ? [] : [{ side: order[at] ?? 'base', record: one }])));
  for (const one of records) if (one !== undefined && one.outcome.kind !== 'passed') record.notes.push(`a measuring boot (${one.id}) was ${one.outcome.kind}: ${one.outcome.why.split('\n')[0] ?? ''}`);
  return { order, ids: steps.flat().map((one) => one.id), records: records.map((one) => (one?.outcome.kind === 'passed' ? one : undefined)), host };
}

/** What only some boots show may show itself in the many that measure. What was not even booted says nothing of a kernel. */
function wrongWhileMeasured(state: State): Outcome | undefined {
  const of = (side: Side): Failure[] => state.measured.filter((one) => one.side === side && one.record.outcome.kind === 'failed').flatMap(({ record }) => failuresOf(record));
  const wrong = of('patched');
  return held(state, { first: wrong, again: wrong, base: of('base') }, ', on boots that measured');
}

/** By the same rule as at first: wrong on two boots, and on none of the base. */
function held({ record: { correctness } }: State, seen: Boots, where: string): Outcome | undefined {
  // What was seen on one boot until now may be on its second one here.
  const once = correctness.unconfirmed;
  const { failures, known, unconfirmed } = compare({ first: [...once, ...seen.first], again: [...once, ...seen.again], base: [...seen.base, ...correctness.known] });
  correctness.failures.push(...failures);
  correctness.known.push(...known.filter((one) => !correctness.known.some((other) => other.detector === one.detector && other.what === one.what && other.flavour === one.flavour)));
  correctness.unconfirmed = unconfirmed;
  const [first] = failures;
  if (first === undefined) return undefined;
  correctness.verdict = 'failed';
  return { kind: 'failed', stage: 'verify', why: `${first.detector}${where}: ${first.why.split('\n')[0] ?? ''}` };
}

/** Two halves that differ in anything but the kernel are no pair. Another block may be on another host, never on another host side or image. */
async function sameWorld({ record, bench }: State, records: readonly (RunRecord | undefined)[]): Promise<void> {
  const worlds: { id: RunId; versions: Record<string, string> }[] = [];
  for (const one of records) {
    if (one === undefined || one.outcome.kind === 'broken') continue;
    worlds.push({ id: one.id, versions: { ...await bench.versions(one.id), ...(one.renderer === null ? {} : { renderer: one.renderer }) } });
  }
  const everywhere = Object.fromEntries(Object.entries({ ...record.versions, renderer: record.renderer ?? '' }).filter(([name, value]) => !name.startsWith('host') && value !== ''));
  for (const { id, versions } of worlds) {
    const wanted = { ...worlds[0]?.versions, ...everywhere };
    const other = Object.keys(wanted).find((name) => versions[name] !== undefined && versions[name] !== wanted[name]);
    if (other !== undefined) throw new LabError('OTHER_WORLD', `Expected ${other} ${wanted[other] ?? ''} in every boot, got ${versions[other] ?? ''} in ${id}: no pair can be made of that`, { blame: 'lab', stage: 'verify', hint: `vlab show ${id}` });
  }
}

/** Which properties a kernel with the importer is asked for. */
export function propertiesOf(device: Device, importer: boolean): Property[] {
  return importer ? propertiesOn(device, Property.options, [device]) : [];
}

/** What can be measured: a pipeline that runs beside the guest says nothing of its kernel. */
export function measurable(pipeline: Pipeline): boolean {
  return PIPELINES[pipeline].place === 'guest';
}

const round = (value: number): number => Math.round(value * 10) / 10;
