// A control: the same probe beside the guest instead of in it, in a container of the stack. `native` draws with the host's own renderer, `vtest`
// through virgl_test_server, which is Virgil3D without virtio-gpu. Knows nothing of what it runs.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ProbeLine, type GoCommand, type RunCommand } from '../contract/probe.ts';
import { Cleanup } from '../lib/cleanup.ts';
import type { Container } from '../lib/container.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Running } from '../lib/lab.ts';
import type { Prober } from './run-pipeline.ts';

export type ControlPlan = {
  kind: 'native' | 'vtest';
  stackTag: string;
  /** The probe's program, and the clip, as paths of the host. */
  program: string;
  clip: string;
  onLine: (text: string) => void;
};

/** start-control's own word that this stack lacks something, and the loader's that the program is not for it. */
const CANNOT_RUN: ReadonlySet<number> = new Set([71, 126, 127]);

/** Where the clip is for the probe. */
export const CONTROL_CLIP = '/vlab/clip';

export class Control implements Prober, AsyncDisposable {
  readonly #plan: ControlPlan;
  readonly #running: Running;
  readonly #end = new AbortController();
  readonly #undo = new Cleanup();
  #hear: (line: ProbeLine) => void = () => undefined;
  #heardAt = Date.now();
  #last: string[] = [];
  #container: Container | undefined;

  constructor(plan: ControlPlan, running: Running) {
    this.#plan = plan;
    this.#running = running;
  }

  get dead(): AbortSignal { return this.#end.signal; }
  get silentMs(): number { return Date.now() - this.#heardAt; }

  listen(onLine: (line: ProbeLine) => void): () => void {
    this.#hear = onLine;
    return () => { this.#hear = () => undefined; };
  }

  send(command: RunCommand | GoCommand): void {
    if (command.cmd === 'go') return;
    this.#heardAt = Date.now();
    this.#run(command).catch((error: unknown) => { this.#end.abort(error); });
  }

  blameSilence(what: string): Promise<LabError> {
    return Promise.resolve(new LabError('CONTROL_SILENT', `${what}; it runs on the host, without a guest`, { blame: 'lab', stage: 'pipeline', evidence: this.#last.join('\n') }));
  }

  cpuSeconds(): Promise<number | null> {
    return this.#container === undefined ? Promise.resolve(null) : this.#running.lab.engine.cpuSeconds(this.#container.id);
  }

  async #run(command: RunCommand): Promise<void> {
    const { lab, signal } = this.#running;
    const folder = await mkdtemp(join(lab.config.home, 'control-'));
    this.#undo.add('remove the control\'s command', () => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'command'), `${JSON.stringify(command)}\n`, { mode: 0o644 });
    const { stackTag, kind, program, clip } = this.#plan;
    const said = { end: false };
    const container = await lab.engine.start({
      image: stackTag, purpose: 'control', readOnly: true, memoryMiB: 2048, pids: 256, cpus: availableParallelism(),
      argv: ['start-control', kind, '/vlab/pipeline', '/vlab/command'],
      binds: [{ from: program, to: '/vlab/pipeline' }, { from: clip, to: CONTROL_CLIP }, { from: join(folder, 'command'), to: '/vlab/command' }],
    }, (line, from) => {
      this.#heardAt = Date.now();
      this.#last = [...this.#last.slice(-9), line];
      this.#plan.onLine(line);
      if (from === 'stdout' && this.#hearLine(line)) said.end = true;
    });
    this.#container = container;
    this.#undo.add('stop the control', () => container.stop(0));
    signal.addEventListener('abort', () => { void container.stop(0); }, { once: true });
    const exit = await container.exited;
    if (!said.end) this.#say({ t: 'end', id: command.id, status: CANNOT_RUN.has(exit.code) ? 'unsupported' : 'crashed', why: `${exit.how}: ${this.#last.at(-1) ?? ''}`, frames: -1 });
    // What a process of the host leaves behind goes with its container.
    this.#say({ t: 'leaks', id: command.id, fds: 0, dmabufs: 0 });
  }

  /** True once it was the end. */
  #hearLine(text: string): boolean {
    const parsed = ProbeLine.safeParse(asJson(text));
    if (!parsed.success) return false;
    this.#say(parsed.data);
    return parsed.data.t === 'end';
  }

  #say(line: ProbeLine): void {
    this.#hear(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#undo[Symbol.asyncDispose]();
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
