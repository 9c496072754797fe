// START HERE. One run from request to sealed record; each stage below is a folder beside this file, in order.
import { join } from 'node:path';
import { makeClip, type Clip } from './clip/clips.ts';
import type { Outcome } from './contract/outcome.ts';
import { NO_CLIP, PIPELINES } from './contract/pipeline.ts';
import { IMPORTER_DRIVER } from './contract/property.ts';
import { emptyResult, type RunRecord } from './contract/run.ts';
import { qemuArgv, wantsRenderer, type GuestPlan } from './guest/argv.ts';
import { bootGuest } from './guest/boot.ts';
import type { Guest } from './guest/guest.ts';
import { hostAbilities } from './guest/host.ts';
import { guestImage, readStack, stackImage, workshopImage, type GuestImage, type Stack } from './image/images.ts';
import type { ImageRecord } from './image/build.ts';
import { buildKernel, type Kernel } from './kernel/build.ts';
import { readDriver } from './kernel/drivers.ts';
import { claimOf, prefixOf, readSeriesOf } from './kernel/series.ts';
import { Cleanup } from './lib/cleanup.ts';
import { LabError, outcomeOf, rootOf } from './lib/lab-error.ts';
import { pause } from './lib/within.ts';
import type { Lab, Making } from './lib/lab.ts';
import { GpuTrace } from './measure/gpu-trace.ts';
import { Control, CONTROL_CLIP } from './pipeline/control.ts';
import { clipNameOf, passesOf, type Pass, type PassClip } from './pipeline/passes.ts';
import { leftOver, runPasses, type Passed, type Place } from './pipeline/run-passes.ts';
import { runCalls } from './pipeline/run-calls.ts';
import { runExercise, scanForLeaks, type Exercised } from './pipeline/run-pipeline.ts';
import { runProperties } from './pipeline/run-property.ts';
import { resolveNames, type Resolved } from './request/resolve.ts';
import type { Run } from './run.ts';
import { RUN_FILES } from './store/layout.ts';
import { keepCaptures, keepPictures } from './keep-pictures.ts';
import { findingsIn, segfaultIn } from './verify/console.ts';
import { judgeExercise } from './verify/exercise.ts';
import { judgeProperty, type PropertyEvidence } from './verify/properties.ts';
import { judgePass, judgeRun, STUB_CALLED } from './verify/verdict.ts';
import { versionsOf } from './versions.ts';

export async function runJob(run: Run, lab: Lab, asked: AbortSignal): Promise<RunRecord> {
  const signal = AbortSignal.any([asked, run.folder.failed]);
  const making: Making = { lab, signal, progress: run.progress };
  const heard: Heard = { console: [], passed: [], properties: [], leftOut: [], planned: undefined, trace: new GpuTrace() };
  let outcome: Outcome;
  try {
    const resolved = await run.stage('request', () => resolveNames(run.request, lab.config.checkout));
    const images = await run.stage('image', () => prepareImages(run, making));
    const kernel = await run.stage('kernel', () => prepareKernel(run, resolved, making));
    if (kernel.record.identicalToBase) return await run.stage('store', () => run.seal(nothingToRun(run)));
    const clips = await run.stage('clip', () => prepareClips(resolved, images, heard, making));
    {
      await using guest = await run.stage('guest', () => bootOrAgain({ run, images, kernel, clips, heard }, making));
      await run.stage('pipeline', async () => {
        await runPipelines({ run, guest, images, clips, heard }, making);
        if (run.request.calls) await makeCalls({ run, guest, images }, making);
        await askProperties({ run, guest, images, clips, heard }, making);
        if (run.request.exercise) await exercise({ run, guest, images, heard }, making);
        // A kernel that has complained already is judged by that: the scan, a minute where the CPU is emulated, would change nothing.
        if (run.request.flavour === 'debug' && findingsIn(heard.console).length === 0) await findLeaks(run, guest, making);
      });
    }
    outcome = await run.stage('verify', () => verify(run, heard, making));
    // A pass on the second boot is a pass that somebody should know of.
    if (run.seen.lostBoot !== null) outcome = { ...outcome, why: `${outcome.why}; the first boot was lost: ${run.seen.lostBoot}` };
  } catch (thrown) {
    outcome = outcomeOf(thrown, run.stageNow, signal);
    // What was seen before the end stays evidence, but nothing in it overrules what ended the run.
    if (!signal.aborted) await verify(run, heard, making).catch(() => undefined);
  }
  return run.stage('store', () => run.seal(outcome));
}

/** A clip as a guest has it: a disk of its own. */
type ClipOnDisk = Clip & PassClip;
/** What the guest said, gathered while it lives; and the clips of a suite that it was never given. */
type Heard = { console: string[]; passed: Passed<ClipOnDisk>[]; properties: PropertyEvidence[]; leftOut: { clip: string; why: string }[]; planned: ReadonlySet<string> | undefined; trace: GpuTrace };
type Images = { workshop: ImageRecord; stack: ImageRecord; guest: GuestImage; hostSide: Stack };

const MAX_CONSOLE_LINES = 50_000;

async function prepareImages(run: Run, making: Making): Promise<Images> {
  const workshop = await workshopImage(making);
  const stack = await stackImage(run.request.stack, making);
  const guest = await guestImage(run.request.image, making);
  return { workshop, stack, guest, hostSide: await readStack(stack.name, making.lab) };
}

async function prepareKernel(run: Run, { base }: Resolved, making: Making): Promise<Kernel> {
  const { base: baseName, series: name, patches } = run.request.kernel;
  const { checkout } = making.lab.config;
  const series = name === undefined ? undefined : prefixOf(await readSeriesOf(making.lab.config, name, baseName), patches);
  run.seen.claim = series === undefined ? null : claimOf(series);
  const drivers = await Promise.all(run.request.drivers.map((driver) => readDriver(checkout, driver, baseName)));
  const kernel = await buildKernel({ baseName, base, drivers, series, flavour: run.request.flavour }, making);
  run.seen.kernel = kernel.record;
  return kernel;
}

/** A kernel that is its base's, byte for byte, does what the base does: to boot it would tell of luck and of nothing else. */
function nothingToRun(run: Run): Outcome {
  const why = 'the kernel is byte for byte that of the unpatched base, so nothing was booted: the series changes nothing that is built';
  run.seen.pipelines = run.request.pipelines.map((pipeline) => ({ ...emptyResult(pipeline, NO_CLIP), why }));
  return { kind: 'passed', stage: 'kernel', why };
}

async function prepareClips({ clips }: Resolved, { workshop }: Images, heard: Heard, making: Making): Promise<ClipOnDisk[]> {
  const made: ClipOnDisk[] = [];
  for (const { name, spec } of clips) {
    let clip: Clip;
    try {
      clip = await makeClip({ name, spec, workshop: workshop.tag }, making);
    } catch (thrown) {
      // One vector of a suite that has no golden is no reason to leave the others untried, as long as there are others.
      const vector = 'file' in spec && spec.md5 !== undefined && heard.leftOut.length + 1 < clips.length;
      if (!vector || !(thrown instanceof LabError) || thrown.blame !== 'request') throw thrown;
      heard.leftOut.push({ clip: name, why: thrown.message });
      continue;
    }
    const painted = 'file' in spec ? undefined : spec;
    made.push({ ...clip, name, disk: `clip${String(made.length)}`, seek: painted?.seek?.frame, damaged: painted?.damage !== undefined });
  }
  return made;
}

type ToBoot = { run: Run; images: Images; kernel: Kernel; clips: readonly ClipOnDisk[]; heard: Heard };

/**
 * A boot that ends these ways is tried once more before anybody is blamed. QEMU aborts at a bug of its own: an assertion on its memory map
 * (iotlb_to_section) did so in one of some hundred emulated boots of 10.0.13. A guest that falls silent may be the emulator's as well as the
 * kernel's doing; a kernel that hangs does it again. The lost boot is in the record, and its words stay in console.log and qemu.log.
 */
const WORTH_ANOTHER_BOOT: readonly string[] = ['QEMU_ABORTED', 'BOOT_HANG', 'QEMU_SILENT'];

async function bootOrAgain(toBoot: ToBoot, making: Making): Promise<Guest> {
  try {
    return await boot(toBoot, making);
  } catch (thrown) {
    const error = rootOf(thrown);
    if (!(error instanceof LabError) || !WORTH_ANOTHER_BOOT.includes(error.code) || making.signal.aborted) throw thrown;
    toBoot.run.tell({ event: 'guest.again', why: error.message });
    toBoot.run.seen.lostBoot = error.message;
    return boot(toBoot, making);
  }
}

async function boot({ run, images, kernel, clips, heard }: ToBoot, making: Making): Promise<Guest> {
  const { device, measure } = run.request;
  const { spawn, nested } = images.hostSide;
  if (nested && wantsRenderer(device)) throw new LabError('NO_RENDERER', `stack ${images.stack.name} has no renderer, and device ${device} wants one`, { blame: 'request', hint: 'device: 2d-blob' });
  const host = await hostAbilities({ stack: images.stack, vmlinux: kernel.baseVmlinux }, making);
  const plan: GuestPlan = {
    accelerator: measure === 'instructions' || nested ? 'tcg' : host.accelerator, display: wantsRenderer(device) ? host.display : 'none', device, measure,
    spawn, cpus: 2, memoryMiB: 1536, tscKHz: host.tscKHz, importer: run.request.drivers.includes(IMPORTER_DRIVER), clips: clips.map((clip) => clip.disk),
  };
  run.seen.accelerator = plan.accelerator;
  run.seen.display = plan.display;
  await run.folder.write(RUN_FILES.argv, JSON.stringify({ image: images.stack.tag, argv: qemuArgv(plan) }, null, 2));
  await run.folder.write(RUN_FILES.versions, JSON.stringify(await versionsOf({ ...images, kernel: kernel.record, host }, making.lab), null, 2));
  run.tell({ event: 'guest.started', accelerator: plan.accelerator, display: plan.display });
  const guest = await bootGuest({
    plan, stackTag: images.stack.tag, slowness: slownessOf(images, making.lab), outer: nested ? kernel.baseVmlinux : undefined, sockets: join(run.folder.path, RUN_FILES.sockets),
    files: {
      vmlinux: kernel.vmlinux, root: images.guest.erofsPath, clips: clips.map((clip) => ({ serial: clip.disk, path: clip.diskPath })), renderNodes: host.renderNodes,
    },
    logs: {
      console: (line) => {
        if (heard.console.length < MAX_CONSOLE_LINES) heard.console.push(line);
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
      onSplat: (kind, text) => { run.tell({ event: 'guest.splat', kind, text }); },
      onConditions: (conditions) => { run.seen.conditions = conditions; },
      onGone: (how, wanted) => { run.tell({ event: 'guest.gone', wanted, how }); },
    },
  }, making.lab, making.signal);
  run.seen.readyMs = guest.readyMs;
  run.tell({ event: 'guest.ready', kernel: guest.kernelRelease, readyMs: guest.readyMs });
  return guest;
}

/** Emulation in emulation, as measured (docs/decisions/0010-nested-host.md). */
const NESTED_SLOWNESS = 10;

function slownessOf({ hostSide }: Images, lab: Lab): number {
  return lab.config.slowness * (hostSide.nested ? NESTED_SLOWNESS : 1);
}

/** At slowness 1. Shorter than the silence after which the guest would be blamed. */
const LOOK_LIMIT_MS = 20_000;

type ToRun = { run: Run; guest: Guest; images: Images; clips: readonly ClipOnDisk[]; heard: Heard };

async function runPipelines({ run, guest, images, clips, heard }: ToRun, making: Making): Promise<void> {
  const { pipelines, faults, measure } = run.request;
  await using controls = new Cleanup();
  const slowness = slownessOf(images, making.lab);
  const placeOf = (pass: Pass<ClipOnDisk>): Promise<Place> => {
    const { place } = PIPELINES[pass.pipeline];
    if (place === 'guest' || pass.clip === undefined) return Promise.resolve({
      prober: guest, trace: heard.trace, cpuSeconds: () => guest.cpuSeconds(), look: (stop) => guest.screendump(LOOK_LIMIT_MS * slowness, stop),
    });
    const control = new Control({
      kind: place, stackTag: images.stack.tag, program: images.guest.pipelinePath, clip: pass.clip.path, onLine: (line) => { run.folder.append('probe', line); },
    }, making);
    controls.add('end the control', () => control[Symbol.asyncDispose]());
    return Promise.resolve({ prober: control, path: CONTROL_CLIP, trace: undefined, cpuSeconds: () => control.cpuSeconds() });
  };
  try {
    const passes = passesOf(pipelines, clips, faults);
    heard.planned = new Set(passes.map((pass) => pass.pipeline));
    await runPasses(passes, measure, heard.passed, {
      placeOf, slowness, checked: run.request.checked,
      onFrame: (pass, done) => { run.progress(`${sayPass(pass)}, frames`, done, pass.clip?.golden.length ?? null); },
      onEnd: async ({ pass, evidence }) => {
        if (evidence.gpu !== undefined && PIPELINES[pass.pipeline].place === 'guest') run.sawGpu(evidence.gpu);
        if (evidence.end?.status === 'crashed') {
          await kernelsWord(guest, making.signal);
          evidence.segfault = segfaultIn(heard.console);
        }
        run.tell({ event: 'pipeline.ended', pipeline: sayPass(pass), status: evidence.end?.status ?? 'cut off', frames: evidence.frames.length });
      },
    }, making.signal);
  } finally {
    const seconds = await guest.cpuSeconds();
    run.seen.guestCpuSeconds = seconds === null ? null : Math.round(seconds * 100) / 100;
  }
}

/** What the figures of single calls are lost by is the kernel's fault: the pipelines have shown that there is a GPU. */
async function makeCalls({ run, guest, images }: Omit<ToRun, 'clips' | 'heard'>, { lab, signal }: Making): Promise<void> {
  const { measure } = run.request;
  if (measure === null) throw new LabError('NO_MEASURE', 'single calls are measured, and nothing is to be measured', { blame: 'request', stage: 'pipeline' });
  run.progress('calls', 0, null);
  const end = await runCalls(measure, guest, run.seen.calls, { slowness: slownessOf(images, lab) }, signal);
  if (end?.status === 'done') return;
  throw new LabError('CALL_FAILED', `single calls: ${end?.status ?? 'no end'}${end?.step === undefined ? '' : ` in ${end.step}`}: ${end?.why ?? 'no reason given'}`, { blame: 'kernel', stage: 'pipeline' });
}

async function askProperties({ run, guest, images, heard }: ToRun, { lab, signal }: Making): Promise<void> {
  const { properties } = run.request;
  await runProperties(properties, guest, heard.properties, {
    slowness: slownessOf(images, lab), onProperty: (property, done) => { run.progress(`asks for ${property}`, done, properties.length); },
  }, signal);
}

/** No pass has ids as large. */
const KMEMLEAK_ID = 1_000_000;
const EXERCISE_ID = 1_000_001;

/** After the pipelines, so that whatever it upsets cannot touch their frames. */
async function exercise({ run, guest, images, heard }: Omit<ToRun, 'clips'>, { lab, signal }: Making): Promise<void> {
  const seen: Exercised = { checks: [], leaks: undefined, end: undefined };
  const before = new Set(heard.trace.live);
  const onFrame = (done: number): void => { run.progress('exercise, checks', done, null); };
  try {
    await runExercise(EXERCISE_ID, guest, seen, { slowness: slownessOf(images, lab), onFrame }, signal);
  } finally {
    const ended = seen.end?.status === 'done' && !signal.aborted;
    run.seen.exercise = judgeExercise(seen, ended ? await leftOver(heard.trace, before, signal) : -1);
  }
}

/** After all pipelines: what one of them left and no other can reach is leaked. */
async function findLeaks(run: Run, guest: Guest, { lab, signal }: Making): Promise<void> {
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
async function verify(run: Run, heard: Heard, making: Making): Promise<Outcome> {
  run.seen.console = findingsIn(heard.console);
  run.seen.pipelines = [];
  run.seen.properties = heard.properties.map(judgeProperty);
  for (const { pass, evidence, figures, hostResources } of heard.passed) {
    const kept = pass.clip === undefined ? await keepCaptures(run, evidence) : await keepPictures(run, pass.clip, evidence, making);
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
