// One pass of a pipeline: the command out, the probe's lines in, evidence back. Judges nothing, and does not know whether the probe sits in
// a guest or beside it.
import type { CheckLine, EndLine, ExerciseCommand, FrameLine, GoCommand, KmemleakCommand, LeaksLine, ProbeLine, RunCommand, ShownLine } from '../contract/probe.ts';
import { LabError } from '../lib/lab-error.ts';
import type { MeasureEvidence, PipelineEvidence, SentPixels } from '../verify/evidence.ts';
import { frameOf, type Screenshot } from '../verify/shown.ts';
import { PixelCollector } from './sent-pixels.ts';

/** Who runs the probe: a guest, or a control's container, which knows no other command than a run. */
export type Prober<Command = RunCommand | GoCommand> = {
  send: (command: Command) => void;
  /** Registers the one listener for the probe's lines; returns how to stop listening. */
  listen: (onLine: (line: ProbeLine) => void) => () => void;
  /** Fires with an error that names who is at fault, once no answer can come. */
  readonly dead: AbortSignal;
  /** Milliseconds since its last byte. */
  readonly silentMs: number;
  blameSilence: (what: string) => Promise<LabError>;
};

/** Looks at the guest's display. */
export type Look = (signal: AbortSignal) => Promise<Screenshot>;

export type PassDeps = { onFrame: (done: number) => void; slowness: number };
export type CheckDeps = PassDeps & { look: Look | undefined };

/** No byte for this long, at slowness 1: it hangs. A measuring pass and a scan of all memory are silent by design and may take longer. */
const SILENCE_MS = { check: 40_000, measure: 240_000, kmemleak: 240_000, exercise: 60_000 } as const;

/** Fills `evidence` as it comes, so that what was seen survives an end in the middle. Rejects when the prober or the caller is gone. */
export async function checkPass(command: RunCommand, prober: Prober, evidence: PipelineEvidence, deps: CheckDeps, signal: AbortSignal): Promise<void> {
  const pixels = new PixelCollector();
  const seen: SentPixels[] = [];
  const limit = command.camera?.frames ?? command.golden.length;
  const take = (line: FrameLine): void => {
    if (evidence.frames.length > limit) return;
    evidence.frames.push(line);
    deps.onFrame(evidence.frames.length);
  };
  let looking = false;
  const answer = async (line: ShownLine): Promise<void> => {
    if (looking) throw new LabError('SHOWN_TWICE', `the guest shows frame ${String(line.n)} while the lab still looks at the one before`, { blame: 'kernel', stage: 'pipeline' });
    looking = true;
    const { frame, pixels: wrong } = await frameOf(line, await look(deps, signal), command.golden);
    take(frame);
    if (wrong !== undefined && seen.length < command.maxWrongFrames) seen.push(wrong);
    looking = false;
    prober.send({ cmd: 'go', id: command.id });
  };
  try {
    await converse(askedBy(command), prober, deps, signal, (line) => {
      if (line.t === 'gpu') evidence.gpu = line;
      else if (line.t === 'start') evidence.starts.push(line);
      else if (line.t === 'caps') evidence.caps.push(line);
      else if (line.t === 'decoder-error') evidence.decoderErrors.push(line.why);
      else if (line.t === 'pixels') pixels.take(line);
      else if (line.t === 'leaks') evidence.leaks = line;
      else if (line.t === 'end') evidence.end = line;
      else if (line.t === 'frame') take(line);
      else if (line.t === 'shown') return answer(line);
      return undefined;
    });
  } finally {
    evidence.pixels = [...pixels.complete(), ...seen];
  }
}

function look(deps: CheckDeps, signal: AbortSignal): Promise<Screenshot> {
  if (deps.look !== undefined) return deps.look(signal);
  throw new LabError('NO_DISPLAY', 'the probe shows a frame where there is no display to look at', { blame: 'lab', stage: 'pipeline' });
}

export type MeasureDeps = PassDeps & { onBegin: () => void; onEnd: () => void };

/** `onBegin` and `onEnd` are called at the probe's marks: what is counted on the host is counted between them. */
export async function measurePass(command: RunCommand, prober: Prober, evidence: MeasureEvidence, deps: MeasureDeps, signal: AbortSignal): Promise<void> {
  await converse(askedBy(command), prober, deps, signal, (line) => {
    if (line.t === 'gpu') evidence.gpu = line;
    else if (line.t === 'measuring') deps.onBegin();
    else if (line.t === 'timing') evidence.timing.push(line);
    else if (line.t === 'end') evidence.end = line;
    else if (line.t === 'measured') {
      evidence.measured = line;
      deps.onEnd();
    }
    return undefined;
  });
}

/** Has a debug kernel scan its memory, twice; what it finds it says on the console. Returns the scans made, and why no more were. */
export async function scanForLeaks(id: number, prober: Prober<KmemleakCommand>, deps: PassDeps, signal: AbortSignal): Promise<{ scans: number; why: string | undefined }> {
  let scans = 0;
  let end: EndLine | undefined;
  await converse({ command: { cmd: 'kmemleak', id }, what: 'the search for leaked memory', silenceMs: SILENCE_MS.kmemleak }, prober, deps, signal, (line) => {
    if (line.t === 'kmemleak') {
      scans = line.scan;
      deps.onFrame(scans);
    } else if (line.t === 'end') end = line;
    return undefined;
  });
  return { scans, why: end?.status === 'done' ? undefined : end?.why ?? 'it did not say why' };
}

export type Exercised = { checks: CheckLine[]; leaks: LeaksLine | undefined; end: EndLine | undefined };

/** Has the probe walk ioctls and close orders. Fills `seen` as it comes, so that what was seen survives an end in the middle. */
export async function runExercise(id: number, prober: Prober<ExerciseCommand>, seen: Exercised, deps: PassDeps, signal: AbortSignal): Promise<void> {
  await converse({ command: { cmd: 'exercise', id }, what: 'the exercise', silenceMs: SILENCE_MS.exercise }, prober, deps, signal, (line) => {
    if (line.t === 'check') {
      seen.checks.push(line);
      deps.onFrame(seen.checks.length);
    } else if (line.t === 'leaks') seen.leaks = line;
    else if (line.t === 'end') seen.end = line;
    return undefined;
  });
}

type Asked<Command> = { command: Command; what: string; silenceMs: number };

function askedBy(command: RunCommand): Asked<RunCommand> {
  return { command, what: `pipeline ${command.pipeline}`, silenceMs: SILENCE_MS[command.mode] };
}

/** What is heard may want an answer, which may fail. */
type Hear = (line: ProbeLine) => Promise<void> | undefined;

/** From the command to the lines after which nothing more of it comes: the pipeline's `end`, and PID 1's `leaks`, in either order. */
export async function converse<Command extends { id: number }>(
  { command, what: who, silenceMs }: Asked<Command>, prober: Prober<Command>, deps: PassDeps, signal: AbortSignal, hear: Hear,
): Promise<void> {
  const unanswered = new AbortController();
  const alive = AbortSignal.any([signal, prober.dead, unanswered.signal]);
  alive.throwIfAborted();
  const silence = silenceMs * deps.slowness;
  let frames = 0;
  const awaited = new Set<ProbeLine['t']>(['end', 'leaks']);
  await new Promise<void>((resolve, reject) => {
    const stopListening = prober.listen((line) => {
      if (line.t === 'error') {
        finish(() => { reject(new LabError('PROBE_REFUSED', `the probe did not understand the lab: ${line.why}`, { blame: 'lab', stage: 'pipeline' })); });
        return;
      }
      if (!('id' in line) || line.id !== command.id) return;
      if (line.t === 'frame' || line.t === 'shown') frames++;
      hear(line)?.catch((error: unknown) => { unanswered.abort(error); });
      awaited.delete(line.t);
      if (awaited.size === 0) finish(resolve);
    });
    const watch = setInterval(() => {
      if (prober.silentMs < silence) return;
      clearInterval(watch);
      const what = `${who} went silent for ${String(Math.round(prober.silentMs / 1000))} s after ${String(frames)} frames`;
      void prober.blameSilence(what).then((error) => { finish(() => { reject(error); }); });
    }, 1000);
    const onAbort = (): void => { finish(() => { reject(alive.reason as Error); }); };
    alive.addEventListener('abort', onAbort, { once: true });
    function finish(how: () => void): void {
      clearInterval(watch);
      stopListening();
      alive.removeEventListener('abort', onAbort);
      how();
    }
    prober.send(command);
  });
}
