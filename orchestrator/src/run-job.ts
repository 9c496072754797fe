// START HERE. One run from request to sealed record; each stage below is a folder beside this file, in order.
import { join } from 'node:path';
import { makeClip, type Clip } from './clip/clips.ts';
import { decodeClip } from './clip/decode.ts';
import { splitI420 } from './clip/golden.ts';
import type { Planes } from './clip/pattern.ts';
import type { Outcome } from './contract/outcome.ts';
import type { ProbeLine } from './contract/probe.ts';
import type { RunRecord } from './contract/run.ts';
import { qemuArgv, type GuestPlan } from './guest/argv.ts';
import { bootGuest } from './guest/boot.ts';
import type { Guest } from './guest/guest.ts';
import { hostAbilities } from './guest/host.ts';
import { workshopImage, guestImage, stackImage, type GuestImage } from './image/images.ts';
import type { ImageRecord } from './image/build.ts';
import { buildKernel, type Kernel } from './kernel/build.ts';
import { readSeries } from './kernel/series.ts';
import { outcomeOf } from './lib/lab-error.ts';
import { pause } from './lib/within.ts';
import type { Lab, Making } from './lib/lab.ts';
import { emptyEvidence, rendererOf, runPipeline } from './pipeline/run-pipeline.ts';
import { resolveNames, type Resolved } from './request/resolve.ts';
import type { Run } from './run.ts';
import { RUN_FILES } from './store/layout.ts';
import { findingsIn } from './verify/console.ts';
import type { PipelineEvidence } from './verify/evidence.ts';
import { framesWanted, keepWrongFrames } from './verify/kept-frames.ts';
import { judgePipeline, judgeRun, STUB_CALLED, wrongFrames } from './verify/verdict.ts';
import { versionsOf } from './versions.ts';

export async function runJob(run: Run, lab: Lab, asked: AbortSignal): Promise<RunRecord> {
  const signal = AbortSignal.any([asked, run.folder.failed]);
  const making: Making = { lab, signal, progress: run.progress };
  const heard: Heard = { console: [], evidence: [], listeners: new Set() };
  let clip: Clip | undefined;
  let outcome: Outcome;
  try {
    const resolved = await run.stage('request', () => resolveNames(run.request, lab.config.checkout));
    const images = await run.stage('image', () => prepareImages(run, making));
    const kernel = await run.stage('kernel', () => prepareKernel(run, resolved, making));
    clip = await run.stage('clip', () => makeClip({ name: run.request.clip, spec: resolved.clip, workshop: images.workshop.tag }, making));
    {
      await using guest = await run.stage('guest', () => boot({ run, images, kernel, clip: known(clip), heard }, making));
      await run.stage('pipeline', () => runPipelines(run, guest, known(clip), heard, making));
    }
    outcome = await run.stage('verify', () => verify(run, clip, heard, making));
  } catch (thrown) {
    outcome = outcomeOf(thrown, run.stageNow, signal);
    // What was seen before the end stays evidence, but nothing in it overrules what ended the run.
    if (!signal.aborted) await verify(run, clip, heard, making).catch(() => undefined);
  }
  return run.stage('store', () => run.seal(outcome));
}

/** What the guest said, gathered while it lives. */
type Heard = { console: string[]; evidence: PipelineEvidence[]; listeners: Set<(line: ProbeLine) => void> };
type Images = { workshop: ImageRecord; stack: ImageRecord; guest: GuestImage };

const MAX_CONSOLE_LINES = 50_000;

async function prepareImages(run: Run, making: Making): Promise<Images> {
  const workshop = await workshopImage(making);
  const stack = await stackImage(run.request.stack, making);
  const guest = await guestImage(run.request.image, making);
  return { workshop, stack, guest };
}

async function prepareKernel(run: Run, { base }: Resolved, making: Making): Promise<Kernel> {
  const { base: baseName, series: name } = run.request.kernel;
  const series = name === undefined ? undefined : await readSeries(making.lab.config.checkout, name);
  const kernel = await buildKernel({ baseName, base, series, flavour: run.request.flavour }, making);
  run.seen.kernel = kernel.record;
  return kernel;
}

type ToBoot = { run: Run; images: Images; kernel: Kernel; clip: Clip; heard: Heard };

async function boot({ run, images, kernel, clip, heard }: ToBoot, making: Making): Promise<Guest> {
  const host = await hostAbilities({ stackTag: images.stack.tag, vmlinux: kernel.baseVmlinux }, making);
  const plan: GuestPlan = {
    accelerator: host.accelerator, display: run.request.device === '2d' ? 'none' : host.display, device: run.request.device,
    cpus: 2, memoryMiB: 1536, tscKHz: host.tscKHz, clips: ['clip0'],
  };
  run.seen.accelerator = plan.accelerator;
  run.seen.display = plan.display;
  await run.folder.write(RUN_FILES.argv, JSON.stringify({ image: images.stack.tag, argv: qemuArgv(plan) }, null, 2));
  await run.folder.write(RUN_FILES.versions, JSON.stringify(await versionsOf({ ...images, kernel: kernel.record, host }, making.lab), null, 2));
  run.tell({ event: 'guest.started', accelerator: plan.accelerator, display: plan.display });
  const guest = await bootGuest({
    plan, stackTag: images.stack.tag, sockets: join(run.folder.path, RUN_FILES.sockets),
    files: { vmlinux: kernel.vmlinux, root: images.guest.erofsPath, clips: [{ serial: 'clip0', path: clip.disk }], renderNodes: host.renderNodes },
    logs: {
      console: (line) => {
        if (heard.console.length < MAX_CONSOLE_LINES) heard.console.push(line);
        run.folder.append('console', line);
      },
      probe: (line) => { run.folder.append('probe', line); },
      qemu: (line) => { run.folder.append('qemu', line); },
    },
    watch: {
      onProbeLine: (line) => { for (const listener of heard.listeners) listener(line); },
      onSplat: (kind, text) => { run.tell({ event: 'guest.splat', kind, text }); },
      onGone: (how, wanted) => { run.tell({ event: 'guest.gone', wanted, how }); },
    },
  }, making.lab, making.signal);
  run.seen.readyMs = guest.readyMs;
  run.tell({ event: 'guest.ready', kernel: guest.kernelRelease, readyMs: guest.readyMs });
  return guest;
}

async function runPipelines(run: Run, guest: Guest, clip: Clip, heard: Heard, { lab, signal }: Making): Promise<void> {
  const listen = (onLine: (line: ProbeLine) => void): (() => void) => {
    heard.listeners.add(onLine);
    return () => heard.listeners.delete(onLine);
  };
  try {
    for (const [index, pipeline] of run.request.pipelines.entries()) {
      const evidence = emptyEvidence(pipeline, run.request.clip);
      heard.evidence.push(evidence);
      await runPipeline({
        id: index + 1, pipeline, renderer: rendererOf(pipeline),
        clip: { name: clip.clip, disk: 'clip0', bytes: clip.bytes, golden: clip.golden },
      }, guest, evidence, { listen, slowness: lab.config.slowness, onFrame: (done, of) => { run.progress(`${pipeline}, frames`, done, of); } }, signal);
      if (evidence.gpu !== undefined) {
        run.seen.renderer = evidence.gpu.renderer;
        run.tell({ event: 'pipeline.renderer', renderer: evidence.gpu.renderer });
      }
      if (evidence.end?.status === 'crashed') await kernelsWord(guest, signal);
      run.tell({ event: 'pipeline.ended', pipeline, status: evidence.end?.status ?? 'cut off', frames: evidence.frames.length });
    }
  } finally {
    run.seen.guestCpuSeconds = await guest.cpuSeconds();
  }
}

/** A pipeline that was killed may be the first sign of a kernel that is dying: its reason is worth waiting for. */
async function kernelsWord(guest: Guest, signal: AbortSignal): Promise<void> {
  await pause(2500, AbortSignal.any([guest.dead, signal]));
  guest.dead.throwIfAborted();
}

/** Judges what was heard; also fills the record, so that it runs for a run that ended early too. */
async function verify(run: Run, clip: Clip | undefined, heard: Heard, making: Making): Promise<Outcome> {
  run.seen.console = findingsIn(heard.console);
  run.seen.pipelines = [];
  for (const pipeline of run.request.pipelines) {
    const evidence = heard.evidence.find((one) => one.pipeline === pipeline) ?? emptyEvidence(pipeline, run.request.clip);
    const kept = clip === undefined ? [] : await keepPictures(run, clip, evidence, making);
    const result = judgePipeline(evidence, clip?.golden ?? [], kept.map((one) => one.defect));
    run.seen.pipelines.push({ ...result, kept });
    run.seen.renderer ??= evidence.gpu?.renderer ?? null;
  }
  return judgeRun({ stub: heard.console.find((line) => STUB_CALLED.test(line)), device: run.request.device, pipelines: run.seen.pipelines, console: run.seen.console, evidence: heard.evidence });
}

async function keepPictures(run: Run, clip: Clip, evidence: PipelineEvidence, making: Making): Promise<RunRecord['pipelines'][number]['kept']> {
  if (evidence.pixels.length === 0) return [];
  const wanted = framesWanted(evidence.pixels);
  const golden = new Map<number, Planes>();
  const workshop = await workshopImage(making);
  await decodeClip({ spec: clip.spec, workshop: workshop.tag, path: clip.path }, making, (frame, bytes) => {
    if (wanted.has(frame)) golden.set(frame, splitI420(bytes, clip.spec));
  });
  const all = keepWrongFrames(evidence.pipeline, wrongFrames(evidence.frames, clip.golden), evidence.pixels, golden);
  for (const { files } of all) for (const { name, png } of files) await run.folder.write(name, png);
  return all.map(({ kept }) => kept);
}

function known(clip: Clip | undefined): Clip {
  if (clip === undefined) throw new Error('the clip stage has not run');
  return clip;
}
