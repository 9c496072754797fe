// START HERE. One run from request to sealed record; each stage below is a folder beside this file, in order. The last three of them, guest, pipeline and
// verify, are in run-guest.ts.
import { join } from 'node:path';
import { decodePictures, makeClip, type Clip } from './clip/clips.ts';
import type { RunInputs } from './contract/inputs.ts';
import type { Pins } from './contract/job.ts';
import type { Outcome } from './contract/outcome.ts';
import { NO_CLIP } from './contract/pipeline.ts';
import { emptyResult, type RunRecord } from './contract/run.ts';
import { qemuArgv } from './guest/argv.ts';
import { hostAbilities } from './guest/host.ts';
import { guestImage, readStack, stackImage, workshopImage, type GuestImage, type Stack } from './image/images.ts';
import type { ImageRecord } from './image/build.ts';
import { buildKernel, type Kernel } from './kernel/build.ts';
import { readDriver } from './kernel/drivers.ts';
import { claimOf, prefixOf, readSeriesOf } from './kernel/series.ts';
import { LabError } from './lib/lab-error.ts';
import type { Lab, Making } from './lib/lab.ts';
import { wasLost } from './lib/lost-hold.ts';
import { pinnedClip, pinnedGuest, pinnedKernel, pinnedStack } from './pinned.ts';
import { CONTROL_CLIP } from './pipeline/control.ts';
import { resolveNames, type Resolved } from './request/resolve.ts';
import { fetchFiles } from './request/share-file.ts';
import { endedEarly, nothingHeard, runGuest, type ClipOnDisk, type Heard, type Parts } from './run-guest.ts';
import type { Run } from './run.ts';
import { RUN_FILES } from './store/layout.ts';
import type { PicturesOf } from './keep-pictures.ts';
import { fetchSeries } from './series/share.ts';
import { versionsOf } from './versions.ts';

export async function runJob(run: Run, lab: Lab, asked: AbortSignal): Promise<RunRecord> {
  const signal = AbortSignal.any([asked, run.folder.failed]);
  const making: Making = { lab, signal, progress: run.progress };
  const heard = nothingHeard();
  const pictures: PicturesOf = async (clip, wanted, onPicture) => decodePictures(clip, (await workshopImage(making)).tag, wanted, making, onPicture);
  let outcome: Outcome;
  try {
    const resolved = await run.stage('request', async () => {
      await fetchFiles(run.request.clips, making);
      return resolveNames(run.request, lab.config);
    });
    const images = await run.stage('image', () => prepareImages(run, making));
    const kernel = await run.stage('kernel', () => prepareKernel(run, resolved, making));
    if (kernel.record.identicalToBase) return await run.stage('store', () => run.seal(nothingToRun(run)));
    const clips = await run.stage('clip', () => prepareClips({ resolved, images, pins: run.request.pins?.clips ?? {}, heard }, making));
    await run.folder.write(RUN_FILES.inputs, JSON.stringify(inputsOf(run, { images, kernel, clips }), null, 2));
    outcome = await runGuest(run, partsOf({ images, kernel, clips }, join(run.folder.path, RUN_FILES.sockets), making), heard, pictures, making);
  } catch (thrown) {
    if (wasLost(asked)) throw thrown;
    outcome = await endedEarly(thrown, run, heard, pictures, signal);
  }
  if (wasLost(asked)) throw asked.reason;
  return run.stage('store', () => run.seal(outcome));
}

type Images = { workshop: ImageRecord; stack: ImageRecord; guest: GuestImage; hostSide: Stack };
type Made = { images: Images; kernel: Kernel; clips: readonly ClipOnDisk[] };

async function prepareImages(run: Run, making: Making): Promise<Images> {
  const { pins, fresh, stack: stackName, image } = run.request;
  const workshop = await workshopImage(making);
  const stack = pins?.stack === undefined ? await stackImage(stackName, making, fresh?.stack) : await pinnedStack(making, (await readStack(stackName, making.lab)).name, pins.stack);
  const guest = pins?.guest === undefined ? await guestImage(image, making, fresh?.guest) : await pinnedGuest(making, image, pins.guest);
  return { workshop, stack, guest, hostSide: await readStack(stack.name, making.lab) };
}

async function prepareKernel(run: Run, { base }: Resolved, making: Making): Promise<Kernel> {
  const { base: baseName, series: name, seriesSha256, patches } = run.request.kernel;
  const { checkout } = making.lab.config;
  const pinned = run.request.pins?.kernel;
  if (pinned !== undefined) {
    if (name !== undefined) throw new LabError('BAD_PIN', `Expected a kernel by its key or with a series, got ${pinned} and ${name}`, { blame: 'request', stage: 'request' });
    const kernel = await pinnedKernel(making, pinned, run.request.flavour);
    run.seen.kernel = kernel.record;
    return kernel;
  }
  const series = name === undefined ? undefined : prefixOf(await (seriesSha256 === undefined ? readSeriesOf(making.lab.config, name, baseName) : fetchSeries(name, seriesSha256, making)), patches);
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

type ToPrepare = { resolved: Resolved; images: Images; pins: NonNullable<Pins['clips']>; heard: Heard };

async function prepareClips({ resolved: { clips }, images: { workshop }, pins, heard }: ToPrepare, making: Making): Promise<ClipOnDisk[]> {
  const made: ClipOnDisk[] = [];
  for (const { name, spec } of clips) {
    let clip: Clip;
    try {
      const pinned = Object.hasOwn(pins, name) ? pins[name] : undefined;
      clip = pinned === undefined ? await makeClip({ name, spec, workshop: workshop.tag }, making) : await pinnedClip(making, name, pinned);
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

function partsOf({ images, kernel, clips }: Made, sockets: string, making: Making): Parts {
  const { stack, guest, workshop, hostSide } = images;
  return {
    stack: { name: stack.name, tag: stack.tag, nested: hostSide.nested, spawn: hostSide.spawn },
    vmlinux: kernel.vmlinux, baseVmlinux: kernel.baseVmlinux, root: guest.erofsPath, program: guest.pipelinePath, clips, sockets,
    host: () => hostAbilities({ stack, vmlinux: kernel.baseVmlinux }, making),
    argv: qemuArgv, controlClip: () => CONTROL_CLIP,
    versions: (host) => versionsOf({ workshop, stack, guest, kernel: kernel.record, host }, making.lab),
  };
}

/** By which keys everything that the guest is made of can be found again. */
function inputsOf({ request }: Run, { images: { stack, guest }, kernel, clips }: Made): RunInputs {
  return {
    version: 1, request, kernel: kernel.record.kernel, stack: { name: stack.name, key: stack.key, tag: stack.tag }, guest: { name: guest.name, key: guest.key },
    clips: clips.map(({ disk, name, key, sha256, seek, damaged }) => ({ disk, name, key, sha256, seek: seek ?? null, damaged })),
  };
}
