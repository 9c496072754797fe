// A run from its parts on: a guest is booted, asked, judged. Where the parts are from is not its business: the lab makes them (run-job.ts), an archive
// carries them (replay.ts).
import type { Clip } from './clip/clips.ts';
import type { Outcome } from './contract/outcome.ts';
import { NO_CLIP, PIPELINES } from './contract/pipeline.ts';
import { IMPORTER_DRIVER } from './contract/property.ts';
import { emptyResult } from './contract/run.ts';
import { wantsRenderer, type GuestPlan } from './guest/argv.ts';
import { bootGuest } from './guest/boot.ts';
import type { Guest } from './guest/guest.ts';
import type { HostRecord } from './guest/host.ts';
import { Cleanup } from './lib/cleanup.ts';
import { LabError, outcomeOf, rootOf } from './lib/lab-error.ts';
import type { Running } from './lib/lab.ts';
import { pause } from './lib/within.ts';
import { GpuTrace } from './measure/gpu-trace.ts';
import { Control } from './pipeline/control.ts';
import { clipNameOf, passesOf, type Pass, type PassClip } from './pipeline/passes.ts';
import { leftOver, runPasses, type Passed, type Place } from './pipeline/run-passes.ts';
import { runCalls } from './pipeline/run-calls.ts';
import { runExercise, scanForLeaks, type Exercised } from './pipeline/run-pipeline.ts';
import { runProperties } from './pipeline/run-property.ts';
import type { Run } from './run.ts';
import { RUN_FILES } from './store/layout.ts';
import { keepCaptures, keepPictures, type PicturesOf } from './keep-pictures.ts';
import { findingsIn, segfaultIn } from './verify/console.ts';
import { judgeExercise } from './verify/exercise.ts';
import { judgeProperty, type PropertyEvidence } from './verify/properties.ts';
import { judgePass, judgeRun, STUB_CALLED } from './verify/verdict.ts';

/** A clip as a guest has it: a disk of its own. */
export type ClipOnDisk = Clip & PassClip;
/** What the guest said, gathered while it lives; and the clips of a suite that it was never given. */
export type Heard = { console: string[]; passed: Passed<ClipOnDisk>[]; properties: PropertyEvidence[]; leftOut: { clip: string; why: string }[]; planned: ReadonlySet<string> | undefined; trace: GpuTrace };

export function nothingHeard(): Heard {
  return { console: [], passed: [], properties: [], leftOut: [], planned: undefined, trace: new GpuTrace() };
}

/** All that a guest is made of, as files of this machine; and what is to be found out, where it is found out elsewhere in another way. */
export type Parts = {
  stack: { name: string; tag: string; nested: boolean; spawn: boolean };
  vmlinux: string;
  /** The kernel of a nested stack's outer guest. */
  baseVmlinux: string;
  root: string;
  /** The probe's program, for controls. */
  program: string;
  clips: readonly ClipOnDisk[];
  /** The folder that the guest's sockets get. */
  sockets: string;
  host: () => Promise<HostRecord>;
  argv: (plan: GuestPlan) => string[];
  versions: (host: HostRecord) => Promise<Record<string, unknown>>;
  /** Where a control finds a clip, by the clip's path. */
  controlClip: (path: string) => string;
};

/** Of the console, what is held in memory and judged; its log has more. */
const MAX_CONSOLE_LINES = 50_000;
const MAX_CONSOLE_LINE = 1000;
/** A splat is told to everybody who follows, through the queue; after so many of them nobody is told anything new. */
const MOST_SPLATS_TOLD = 100;

/** Boots the guest, asks it everything, judges what it said. */
export async function runGuest(run: Run, parts: Parts, heard: Heard, pictures: PicturesOf, running: Running): Promise<Outcome> {
  {
    await using guest = await run.stage('guest', () => bootOrAgain({ run, parts, heard }, running));
    await run.stage('pipeline', async () => {
      await runPipelines({ run, guest, parts, heard }, running);
      if (run.request.calls) await makeCalls({ run, guest, parts, heard }, running);
      await askProperties({ run, guest, parts, heard }, running);
      if (run.request.exercise) await exercise({ run, guest, parts, heard }, running);
      // A kernel that has complained already is judged by that: the scan, a minute where the CPU is emulated, would change nothing.
      if (run.request.flavour === 'debug' && findingsIn(heard.console).length === 0) await findLeaks(run, guest, running);
    });
  }
  const outcome = await run.stage('verify', () => verify(run, heard, pictures));
  // A pass on the second boot is a pass that somebody should know of.
  return run.seen.lostBoot === null ? outcome : { ...outcome, why: `${outcome.why}; the first boot was lost: ${run.seen.lostBoot}` };
}

/** The outcome of a run that something ended. */
export async function endedEarly(thrown: unknown, run: Run, heard: Heard, pictures: PicturesOf, signal: AbortSignal): Promise<Outcome> {
  const outcome = outcomeOf(thrown, run.stageNow, signal);
  // What was seen before the end stays evidence, but nothing in it overrules what ended the run.
  if (!signal.aborted) await verify(run, heard, pictures).catch(() => undefined);
  return outcome;
}

type ToBoot = { run: Run; parts: Parts; heard: Heard };

/**
 * A boot that ends these ways is tried once more before anybody is blamed. QEMU aborts at a bug of its own: an assertion on its memory map
 * (iotlb_to_section) did so in one of some hundred emulated boots of 10.0.13. A guest that falls silent may be the emulator's as well as the
 * kernel's doing; a kernel that hangs does it again. The lost boot is in the record, and its words stay in console.log and qemu.log.
 */
const WORTH_ANOTHER_BOOT: readonly string[] = ['QEMU_ABORTED', 'BOOT_HANG', 'QEMU_SILENT'];

async function bootOrAgain(toBoot: ToBoot, running: Running): Promise<Guest> {
  try {
    return await boot(toBoot, running);
  } catch (thrown) {
    const error = rootOf(thrown);
    if (!(error instanceof LabError) || !WORTH_ANOTHER_BOOT.includes(error.code) || running.signal.aborted) throw thrown;
    toBoot.run.tell({ event: 'guest.again', why: error.message });
    toBoot.run.seen.lostBoot = error.message;
    return boot(toBoot, running);
  }
}

/** What a debug kernel looks through for leaks, page by page, is all of it. */
const MEMORY_MIB = { perf: 1536, debug: 768 } as const;

/** A debug kernel takes longer than those that are looked at beside it: whoever waits for all of them waits for it. */
const CPU_SHARES = { perf: undefined, debug: 8192 } as const;

async function boot({ run, parts, heard }: ToBoot, running: Running): Promise<Guest> {
  const { device, measure } = run.request;
  const { stack, clips } = parts;
  if (stack.nested && wantsRenderer(device)) throw new LabError('NO_RENDERER', `stack ${stack.name} has no renderer, and device ${device} wants one`, { blame: 'request', hint: 'device: 2d-blob' });
  const host = await parts.host();
  const plan: GuestPlan = {
    accelerator: measure === 'instructions' || stack.nested ? 'tcg' : host.accelerator, display: wantsRenderer(device) ? host.display : 'none', device, measure,
    spawn: stack.spawn, cpus: 2, memoryMiB: MEMORY_MIB[run.request.flavour], tscKHz: host.tscKHz, importer: run.request.drivers.includes(IMPORTER_DRIVER),
    camera: run.request.pipelines.some((pipeline) => PIPELINES[pipeline].source === 'camera'), clips: clips.map((clip) => clip.disk),
  };
  const argv = parts.argv(plan);
  let splats = 0;
  run.seen.accelerator = plan.accelerator;
  run.seen.display = plan.display;
  await run.folder.write(RUN_FILES.argv, JSON.stringify({ image: stack.tag, argv }, null, 2));
  await run.folder.write(RUN_FILES.versions, JSON.stringify(await parts.versions(host), null, 2));
  run.tell({ event: 'guest.started', accelerator: plan.accelerator, display: plan.display });
  const guest = await bootGuest({
    plan, argv, stackTag: stack.tag, cpuShares: CPU_SHARES[run.request.flavour], slowness: slownessOf(parts, running), outer: stack.nested ? parts.baseVmlinux : undefined, sockets: parts.sockets,
    files: {
      vmlinux: parts.vmlinux, root: parts.root, clips: clips.map((clip) => ({ serial: clip.disk, path: clip.diskPath })), renderNodes: host.renderNodes,
    },
    logs: {
      console: (line) => {
        if (heard.console.length < MAX_CONSOLE_LINES) heard.console.push(line.slice(0, MAX_CONSOLE_LINE));
        run.folder.append('console', line);
      },
      probe: (line) => { run.folder.append('probe', line); },
      qemu: (line) => { run.folder.append('qemu', line); },
      trace: (line) => {
        heard.trace.hear(line);
        run.folder.append('trace', line);
      },
    },
    watch: {
      onSplat: (kind, text) => { if (++splats <= MOST_SPLATS_TOLD) run.tell({ event: 'guest.splat', kind, text }); },
      onConditions: (conditions) => { run.seen.conditions = conditions; },
      onGone: (how, wanted) => { run.tell({ event: 'guest.gone', wanted, how }); },
    },
  }, running.lab, running.signal);
  run.seen.readyMs = guest.readyMs;
  run.tell({ event: 'guest.ready', kernel: guest.kernelRelease, readyMs: guest.readyMs });
  return guest;
}

/** Emulation in emulation, as measured (docs/decisions/0010-nested-host.md). */
const NESTED_SLOWNESS = 10;

function slownessOf({ stack }: Parts, { lab }: Running): number {
  return lab.config.slowness * (stack.nested ? NESTED_SLOWNESS : 1);
}

/** At slowness 1. Shorter than the silence after which the guest would be blamed. */
const LOOK_LIMIT_MS = 20_000;

type ToRun = { run: Run; guest: Guest; parts: Parts; heard: Heard };

async function runPipelines({ run, guest, parts, heard }: ToRun, running: Running): Promise<void> {
  const { pipelines, faults, measure } = run.request;
  await using controls = new Cleanup();
  const slowness = slownessOf(parts, running);
  const placeOf = (pass: Pass<ClipOnDisk>): Promise<Place> => {
    const { place } = PIPELINES[pass.pipeline];
    if (place === 'guest' || pass.clip === undefined) return Promise.resolve({
      prober: guest, trace: heard.trace, cpuSeconds: () => guest.cpuSeconds(), look: (stop) => guest.screendump(LOOK_LIMIT_MS * slowness, stop),
    });
    const control = new Control({
      kind: place, stackTag: parts.stack.tag, program: parts.program, clip: pass.clip.path, onLine: (line) => { run.folder.append('probe', line); },
    }, running);
    controls.add('end the control', () => control[Symbol.asyncDispose]());
    return Promise.resolve({ prober: control, path: parts.controlClip(pass.clip.path), trace: undefined, cpuSeconds: () => control.cpuSeconds() });
  };
  try {
    const passes = passesOf(pipelines, parts.clips, faults);
    heard.planned = new Set(passes.map((pass) => pass.pipeline));
    await runPasses(passes, measure, heard.passed, {
      placeOf, slowness, checked: run.request.checked,
      onFrame: (pass, done) => { run.progress(`${sayPass(pass)}, frames`, done, pass.clip?.golden.length ?? null); },
      onEnd: async ({ pass, evidence }) => {
        if (evidence.gpu !== undefined && PIPELINES[pass.pipeline].place === 'guest') run.sawGpu(evidence.gpu);
        if (evidence.end?.status === 'crashed') {
          await kernelsWord(guest, running.signal);
          evidence.segfault = segfaultIn(heard.console);
        }
        run.tell({ event: 'pipeline.ended', pipeline: sayPass(pass), status: evidence.end?.status ?? 'cut off', frames: evidence.frames.length });
      },
    }, running.signal);
  } finally {
    const seconds = await guest.cpuSeconds();
    run.seen.guestCpuSeconds = seconds === null ? null : Math.round(seconds * 100) / 100;
  }
}

/** What the figures of single calls are lost by is the kernel's fault: the pipelines have shown that there is a GPU. */
async function makeCalls({ run, guest, parts, heard }: ToRun, running: Running): Promise<void> {
  const { measure } = run.request;
  if (measure === null) throw new LabError('NO_MEASURE', 'single calls are measured, and nothing is to be measured', { blame: 'request', stage: 'pipeline' });
  run.progress('calls', 0, null);
  const end = await runCalls(measure, guest, run.seen.calls, { slowness: slownessOf(parts, running), trace: heard.trace }, running.signal);
  if (end?.status === 'done') return;
  throw new LabError('CALL_FAILED', `single calls: ${end?.status ?? 'no end'}${end?.step === undefined ? '' : ` in ${end.step}`}: ${end?.why ?? 'no reason given'}`, { blame: 'kernel', stage: 'pipeline' });
}

async function askProperties({ run, guest, parts, heard }: ToRun, running: Running): Promise<void> {
  const { properties } = run.request;
  await runProperties(properties, guest, heard.properties, {
    slowness: slownessOf(parts, running), onProperty: (property, done) => { run.progress(`asks for ${property}`, done, properties.length); },
  }, running.signal);
}

/** No pass has ids as large. */
const KMEMLEAK_ID = 1_000_000;
const EXERCISE_ID = 1_000_001;

/** After the pipelines, so that whatever it upsets cannot touch their frames. */
async function exercise({ run, guest, parts, heard }: ToRun, running: Running): Promise<void> {
  const seen: Exercised = { checks: [], leaks: undefined, end: undefined };
  const before = new Set(heard.trace.live);
  const onFrame = (done: number): void => { run.progress('exercise, checks', done, null); };
  try {
    await runExercise(EXERCISE_ID, guest, seen, { slowness: slownessOf(parts, running), onFrame }, running.signal);
  } finally {
    const ended = seen.end?.status === 'done' && !running.signal.aborted;
    run.seen.exercise = judgeExercise(seen, ended ? await leftOver(heard.trace, before, running.signal) : -1);
  }
}

/** After all pipelines: what one of them left and no other can reach is leaked. */
async function findLeaks(run: Run, guest: Guest, { lab, signal }: Running): Promise<void> {
  run.progress('scans for leaked memory', 0, 2);
  const { scans, why } = await scanForLeaks(KMEMLEAK_ID, guest, { slowness: lab.config.slowness, onFrame: (done) => { run.progress('scans for leaked memory', done, 2); } }, signal);
  run.seen.kmemleakScans = scans;
  if (why !== undefined) throw new LabError('NO_KMEMLEAK', `the debug kernel could not be searched for leaked memory: ${why}`, { blame: 'lab', stage: 'pipeline' });
}

function sayPass(pass: Pass<ClipOnDisk>): string {
  return [pass.pipeline, ...(pass.clip === undefined ? [] : [clipNameOf(pass)]), ...(pass.fault === null ? [] : [pass.fault])].join(' ');
}

/** A pipeline that was killed may be the first sign of a kernel that is dying: its reason is worth waiting for. */
async function kernelsWord(guest: Guest, signal: AbortSignal): Promise<void> {
  await pause(2500, AbortSignal.any([guest.dead, signal]));
  guest.dead.throwIfAborted();
}

/** Judges what was heard; also fills the record, so that it runs for a run that ended early too. */
async function verify(run: Run, heard: Heard, pictures: PicturesOf): Promise<Outcome> {
  run.seen.console = findingsIn(heard.console);
  run.seen.pipelines = [];
  run.seen.properties = heard.properties.map(judgeProperty);
  for (const { pass, evidence, figures, hostResources } of heard.passed) {
    const kept = pass.clip === undefined ? await keepCaptures(run, evidence) : await keepPictures(run, pass.clip, evidence, pictures);
    run.seen.pipelines.push({ ...judgePass({ evidence, clip: pass.clip, kept, hostResources }), ...figures });
  }
  const begun = new Set(run.seen.pipelines.map((one) => one.pipeline));
  // Of a job with more clips than one guest takes, a batch may have none that a pipeline decodes: that is no row, and another run's matter.
  for (const pipeline of run.request.pipelines) if (!begun.has(pipeline) && heard.planned?.has(pipeline) !== false) run.seen.pipelines.push(emptyResult(pipeline, NO_CLIP));
  for (const { clip, why } of heard.leftOut) for (const pipeline of run.request.pipelines) run.seen.pipelines.push({ ...emptyResult(pipeline, clip), status: 'unavailable', why });
  return judgeRun({
    stub: heard.console.find((line) => STUB_CALLED.test(line)), device: run.request.device, pipelines: run.seen.pipelines, properties: run.seen.properties, exercise: run.seen.exercise, console: run.seen.console,
    evidence: heard.passed.map(({ evidence }) => evidence),
  });
}
