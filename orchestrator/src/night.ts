// START HERE for a night. What a plan asks for, booted; what failed, booted again; held against the night before; and the layer at fault looked for.
import type { JobId } from './contract/ids.ts';
import type { Job, RunRequest } from './contract/job.ts';
import type { NightBase, NightPair, NightRecord } from './contract/night.ts';
import type { RunRecord } from './contract/run.ts';
import { further, narrowed, type NightAsked, type NightBench, type NightState } from './night/bench.ts';
import { blamesFor } from './night/blame.ts';
import { compareNights, isExpired, worthRepeating, type Settled } from './night/compare.ts';
import { expand, keyOfCell } from './night/expand.ts';
import { groupsOf } from './night/groups.ts';
import { basesOf, labOf, untold } from './night/judge.ts';
import { observe, together, worstOf, type Observed } from './night/observe.ts';
import { pairOf } from './night/pair.ts';
import { judgeSelfTest } from './night/self-test.ts';

export async function runNight(asked: NightAsked, bench: NightBench, signal: AbortSignal): Promise<NightRecord> {
  const { plan, profile, before, startedAt } = asked;
  const { wanted, images, noticed, notes } = await bench.watch(before);
  const state: NightState = { asked, bench, signal, images, further: [], notes: [...notes] };
  const expanded = expand(plan, profile, asked.codecs);
  const jobs = { matrix: bench.newJob('matrix'), selfTest: bench.newJob('self-test') };
  const [matrix, tests] = await Promise.all([runMatrix(state, jobs.matrix, expanded.jobs, wanted), runSelfTest(state, jobs.selfTest)]);
  const settled = await repeated(state, matrix);
  const cells = compareNights(settled, before, expanded.cells, { id: asked.id, at: startedAt, plan });
  const blames = await blamesFor(state, cells);
  const bases = basesOf(matrix.records, wanted);
  const pairs = await pairsOf(state, bases);
  const { lab, why } = labOf({ cells, wanted: expanded.cells, selfTest: tests, signal });
  state.notes.push(...untold(cells));
  const endedAt = new Date().toISOString();
  return {
    version: 1, id: asked.id, plan: asked.planName, profile: asked.profileName, title: plan.title, startedAt, endedAt, seconds: Math.round((Date.parse(endedAt) - Date.parse(startedAt)) / 100) / 10,
    before: before?.id ?? null, lab, why, commit: asked.commit, scheduled: asked.scheduled, jobs: { ...jobs, further: state.further }, bases, images, noticed, cells, blames, pairs, selfTest: tests,
    pruned: expanded.pruned, expired: plan.known.filter((one) => isExpired(one, startedAt)), notes: state.notes,
  };
}

type Booted = { records: RunRecord[]; requests: RunRequest[] };

async function runMatrix(state: NightState, id: JobId, jobs: readonly Job[], wanted: ReadonlyMap<string, string | null>): Promise<Booted> {
  const { asked, bench } = state;
  const atVersion = (job: Job): Job => ({ ...job, kernels: job.kernels.map((kernel) => { const version = wanted.get(kernel.base) ?? null; return version === null ? kernel : { ...kernel, version }; }) });
  // Tonight's version is what the base's name stands for.
  const requests = (await bench.requests(jobs.map(atVersion), id, state.images)).map((one) => ({ ...one, called: one.kernel.base }));
  return { requests, records: await unbroken(state, id, `${asked.plan.title}: ${asked.profileName}`, requests) };
}

async function runSelfTest(state: NightState, id: JobId): Promise<NightRecord['selfTest']> {
  const { asked, bench } = state;
  const requests = await bench.requests([asked.selfTest], id, state.images);
  return judgeSelfTest(id, requests, await unbroken(state, id, `${asked.plan.title}: the lab's own test`, requests));
}

/** What the lab itself lost is tried once more, under a new id of the same job. */
async function unbroken({ bench, signal }: NightState, job: JobId, title: string, requests: RunRequest[]): Promise<RunRecord[]> {
  const records = await bench.runs(job, title, requests);
  const lost = requests.filter((one) => { const kind = records.find((record) => record.id === one.id)?.outcome.kind; return kind === undefined || kind === 'broken'; });
  if (lost.length === 0 || signal.aborted) return records;
  const again = lost.map((one) => ({ ...one, id: bench.newRun() }));
  lost.forEach((one, at) => { requests.splice(requests.indexOf(one), 1, again[at] ?? one); });
  return [...records.filter((record) => !lost.some((one) => one.id === record.id)), ...await bench.runs(job, title, again)];
}

/** Cells that are wrong and were not: their runs again, with only the pipelines that went wrong. Where some boots are right, they are flaky. */
async function repeated(state: NightState, { records, requests }: Booted): Promise<Settled[]> {
  const { asked, bench } = state;
  const worst = worstOf(records.flatMap(observe));
  const earlier = new Map((asked.before?.cells ?? []).map((cell) => [keyOfCell(cell), cell]));
  const suspects = [...worst.values()].filter((one) => worthRepeating(one, earlier.get(keyOfCell(one.key))));
  const times = (of: readonly Observed[]): number => asked.plan.repeats * (of.some((one) => earlier.get(keyOfCell(one.key))?.flaky != null) ? 2 : 1);
  const job = bench.newJob('further boots');
  const again = [...groupsOf(suspects, (one) => one.run)].flatMap(([run, of]) => {
    const request = requests.find((one) => one.id === run);
    if (request === undefined) return [];
    return Array.from({ length: times(of) }, () => narrowed({ ...request, id: bench.newRun(), job }, of.map((one) => one.key)));
  });
  const seen = (await further(state, job, 'what failed, again', again)).flatMap(observe);
  return [...worst.values()].map((one) => {
    const own = suspects.includes(one) ? seen.filter((other) => keyOfCell(other.key) === keyOfCell(one.key)) : [];
    return { ...together(one, own), again: own.map((other) => other.run) };
  });
}

async function pairsOf({ asked, bench, signal, notes }: NightState, bases: readonly NightBase[]): Promise<NightPair[]> {
  const { pairing } = asked.profile;
  const pairs: NightPair[] = [];
  for (const after of bases) {
    const before = asked.before?.bases.find((one) => one.base === after.base);
    if (pairing === null || before === undefined) continue;
    if (before.kernel === after.kernel) {
      notes.push(`base ${after.base} is the kernel of the night before, byte for byte: there is nothing to hold against it`);
      continue;
    }
    if (signal.aborted) break;
    pairs.push(pairOf(before, after, await bench.evaluate(before, after, pairing)));
  }
  return pairs;
}
