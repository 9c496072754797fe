// The first phase of an evaluation: both kernels, in each flavour that will be booted, and every prefix of the series where that was asked for.
import type { Base, Flavour, KernelRecord } from './contract/job.ts';
import type { Outcome } from './contract/outcome.ts';
import { IMPORTER_DRIVER } from './contract/property.ts';
import type { Side } from './evaluate/pairs.ts';
import type { Asked, Boot, State } from './evaluate-series.ts';
import { BASE_REFUSED } from './kernel/base.ts';
import { readDriver } from './kernel/drivers.ts';
import { prefixOf } from './kernel/series.ts';
import { LabError } from './lib/lab-error.ts';

/** Undefined where there is something to run. A base that does not build is never held against the series. */
export async function buildAll(state: State): Promise<Outcome | undefined> {
  const { record } = state;
  const base = await kernelOf(state, { side: 'base', flavour: 'perf', importer: false });
  // Of two bases the other one is the record's own.
  Object.assign(record, { baseVersion: state.asked.against === undefined ? base.version : null, kernels: { base: base.kernel, patched: null, compiler: base.compiler } });
  const closest = state.asked.check?.close ?? true ? closestLook(state.asked) : undefined;
  const closeBase = closest === undefined ? undefined : await kernelOf(state, { side: 'base', ...closest });
  // A base that was never built before takes longer than most budgets: the budget is for what is asked of the series.
  state.deadline = performance.now() + state.asked.budgetSeconds * 1000;
  const beside = new AbortController();
  // Half of what building a series takes is one CPU's work: both kernels at once. Not of two bases, which are two clean builds.
  const begun = closest === undefined || state.asked.against !== undefined ? undefined : Promise.allSettled([kernelOf(state, { side: 'patched', ...closest }, beside.signal)]);
  let flavour: Flavour = 'perf';
  try {
    const patched = await kernelOf(state, { side: 'patched', flavour, importer: false });
    record.kernels.patched = patched.kernel;
    if (state.asked.against !== undefined) record.baseVersion = patched.version;
    const unchanged = state.asked.against === undefined && (patched.identicalToBase || state.asked.series.unpatched);
    let closePatched: KernelRecord | undefined;
    if (closest !== undefined && !unchanged) {
      ({ flavour } = closest);
      closePatched = begun === undefined ? await kernelOf(state, { side: 'patched', ...closest }) : whole(await begun);
    }
    record.identical = state.asked.against === undefined ? unchanged : await isSame(state, [base, patched], [closeBase, closePatched]);
    if (state.asked.against !== undefined) state.deadline = performance.now() + state.asked.budgetSeconds * 1000;
  } catch (thrown) {
    return notBuilt(state, thrown, { what: '', flavour });
  } finally {
    beside.abort(new LabError('CANCELLED', 'there is nothing to look at', { blame: 'user', stage: 'kernel' }));
    await begun;
  }
  return state.asked.perPatch && !record.identical ? buildPrefixes(state) : undefined;
}

function whole<T>([settled]: [PromiseSettledResult<T>]): T {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}

/** Of two bases what only the debugging sees may have changed: all kernels that would be booted are held against each other. */
async function isSame({ bench }: State, ...pairs: readonly (readonly [base: KernelRecord | undefined, patched: KernelRecord | undefined])[]): Promise<boolean> {
  for (const [base, patched] of pairs) if (base !== undefined && patched !== undefined && !(await bench.sameBytes(base, patched))) return false;
  return true;
}

/** Every patch must build upon those before it, or whoever bisects the kernel later lands on one that does not. */
async function buildPrefixes(state: State): Promise<Outcome | undefined> {
  const { series } = state.asked;
  for (let patches = 1; patches < series.patches.length; patches++) {
    try {
      await kernelOf({ ...state, asked: { ...state.asked, series: prefixOf(series, patches) } }, { side: 'patched', flavour: 'perf', importer: false });
    } catch (thrown) {
      return notBuilt(state, thrown, { what: `the first ${String(patches)} of ${String(series.patches.length)} patches`, flavour: 'perf' });
    }
  }
  return undefined;
}

/** What the compiler says of a series is the series' doing, and of a base that is held against another its own; all else is thrown on. */
function notBuilt({ asked, record }: State, thrown: unknown, { what, flavour }: { what: string; flavour: Flavour }): Outcome {
  if (!(thrown instanceof LabError) || !(thrown.blame === 'kernel' || (asked.against !== undefined && thrown.code === BASE_REFUSED))) throw thrown;
  const why = `${what === '' ? '' : `${what}: `}${thrown.message}`;
  record.correctness.verdict = 'failed';
  record.correctness.failures.push({ detector: /does not apply/.test(thrown.message) ? 'apply' : 'build', what, why: [why, thrown.evidence ?? ''].join('\n').trim(), flavour, run: null, again: null });
  return { kind: 'failed', stage: 'kernel', why };
}

/** The boot that asks the importer, in the flavour that sees most. */
export function closestLook({ flavours, importer }: Asked): Pick<Boot, 'flavour' | 'importer'> {
  return { flavour: flavours.includes('debug') ? 'debug' : 'perf', importer: importer ?? true };
}

/** On which base a side's kernel is built: on the same, unless two bases are held against each other. */
export function baseOf({ baseName, base, against }: Asked, side: Side): { name: string; base: Base } {
  return side === 'base' && against !== undefined ? against : { name: baseName, base };
}

async function kernelOf({ asked, bench, making, spans }: State, { side, flavour, importer }: Pick<Boot, 'side' | 'flavour' | 'importer'>, signal?: AbortSignal): Promise<KernelRecord> {
  const from = Date.now();
  const { name, base } = baseOf(asked, side);
  const drivers = importer ? [await readDriver(making.lab.config.checkout, IMPORTER_DRIVER, name)] : [];
  const series = side === 'base' || asked.against !== undefined ? undefined : asked.series;
  signal?.throwIfAborted();
  const { record, cached } = await bench.build({ baseName: name, base, drivers, series, flavour }, signal);
  if (!cached) spans.push({ from, to: Date.now() });
  return record;
}
