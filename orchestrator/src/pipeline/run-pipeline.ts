// One pipeline in a running guest: the command out, the probe's lines in, evidence back. Judges nothing.
import type { Pipeline } from '../contract/job.ts';
import type { PixelsLine, ProbeLine } from '../contract/probe.ts';
import type { Guest } from '../guest/guest.ts';
import { LabError } from '../lib/lab-error.ts';
import type { GoldenFrame, PipelineEvidence, SentPixels } from '../verify/evidence.ts';

export type PipelinePlan = {
  id: number;
  pipeline: Pipeline;
  renderer: string;
  clip: { name: string; disk: string; bytes: number; golden: readonly GoldenFrame[] };
};

export type PipelineDeps = {
  /** Registers the one listener for the probe's lines; returns how to stop listening. */
  listen: (onLine: (line: ProbeLine) => void) => () => void;
  onFrame: (done: number, of: number) => void;
  slowness: number;
};

/** No byte from the guest for this long, at slowness 1, while a pipeline runs: it hangs. */
const SILENCE_MS = 40_000;
const MAX_WRONG_FRAMES_SENT = 3;
const MAX_SENT_BYTES = 256 * 1024 * 1024;

/** Fills `evidence` as it comes, so that what was seen survives an end in the middle. Rejects when the guest or the caller is gone. */
export async function runPipeline(plan: PipelinePlan, guest: Guest, evidence: PipelineEvidence, deps: PipelineDeps, signal: AbortSignal): Promise<void> {
  const alive = AbortSignal.any([signal, guest.dead]);
  alive.throwIfAborted();
  const limit = plan.clip.golden.length;
  const sent = new Sent();
  await new Promise<void>((resolve, reject) => {
    const stopListening = deps.listen((line) => {
      if (line.t === 'error') {
        finish(() => { reject(new LabError('PROBE_REFUSED', `the probe did not understand the lab: ${line.why}`, { blame: 'lab', stage: 'pipeline' })); });
        return;
      }
      if (!('id' in line) || line.id !== plan.id) return;
      if (line.t === 'gpu') evidence.gpu = line;
      else if (line.t === 'pixels') sent.take(line);
      else if (line.t === 'frame' && evidence.frames.length <= limit) {
        evidence.frames.push(line);
        deps.onFrame(evidence.frames.length, limit);
      } else if (line.t === 'end') {
        evidence.end = line;
        finish(resolve);
      }
    });
    const watch = setInterval(() => {
      if (guest.silentMs < SILENCE_MS * deps.slowness) return;
      clearInterval(watch);
      const what = `pipeline ${plan.pipeline} went silent for ${String(Math.round(guest.silentMs / 1000))} s after ${String(evidence.frames.length)} of ${String(limit)} frames`;
      void guest.blameSilence(what).then((error) => { finish(() => { reject(error); }); });
    }, 1000);
    const onAbort = (): void => { finish(() => { reject(alive.reason as Error); }); };
    alive.addEventListener('abort', onAbort, { once: true });
    function finish(how: () => void): void {
      clearInterval(watch);
      stopListening();
      alive.removeEventListener('abort', onAbort);
      evidence.pixels = sent.complete();
      how();
    }
    guest.send({
      cmd: 'run', id: plan.id, pipeline: plan.pipeline, renderer: plan.renderer,
      clip: { disk: plan.clip.disk, bytes: plan.clip.bytes },
      golden: plan.clip.golden.map((frame) => [frame.y, frame.u, frame.v]), maxWrongFrames: MAX_WRONG_FRAMES_SENT,
    });
  });
}

/** Puts planes together from their pieces; a piece that contradicts what came before is dropped. */
class Sent {
  readonly #planes = new Map<string, SentPixels & { filled: number }>();
  #bytes = 0;

  take(line: PixelsLine): void {
    const total = line.width * line.height * line.bytesPerPixel;
    if (total !== line.total) return;
    const name = `${String(line.n)} ${line.what} ${line.plane}`;
    let plane = this.#planes.get(name);
    if (plane === undefined) {
      if (this.#bytes + total > MAX_SENT_BYTES) return;
      this.#bytes += total;
      plane = { n: line.n, plane: line.plane, what: line.what, width: line.width, height: line.height, bytesPerPixel: line.bytesPerPixel, data: new Uint8Array(total), filled: 0 };
      this.#planes.set(name, plane);
    }
    if (plane.width !== line.width || plane.height !== line.height || plane.bytesPerPixel !== line.bytesPerPixel) return;
    const piece = Buffer.from(line.data, 'base64');
    if (line.offset !== plane.filled || plane.filled + piece.length > plane.data.length) return;
    plane.data.set(piece, line.offset);
    plane.filled += piece.length;
  }

  complete(): SentPixels[] {
    return [...this.#planes.values()].filter((plane) => plane.filled === plane.data.length);
  }
}

/** What a device must give its pipelines. */
export function rendererOf(pipeline: Pipeline): string {
  switch (pipeline) {
    case 'upload':
    case 'dmabuf-copy': return 'virgl';
    default: return pipeline satisfies never;
  }
}

export function emptyEvidence(pipeline: Pipeline, clip: string): PipelineEvidence {
  return { pipeline, clip, frames: [], pixels: [], gpu: undefined, end: undefined };
}

