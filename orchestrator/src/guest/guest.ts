// A running guest: what it says, what can be asked of it, and the one signal that ends every wait on it. Made by boot.ts.
import type { Socket } from 'node:net';
import { ProbeLine, type ProbeCommand } from '../contract/probe.ts';
import { ENDS_A_GUEST } from '../contract/ends-a-guest.ts';
import type { ConsoleFinding } from '../contract/run.ts';
import type { Cleanup } from '../lib/cleanup.ts';
import type { Container } from '../lib/container.ts';
import { LabError } from '../lib/lab-error.ts';
import { within } from '../lib/within.ts';
import { kindOfLine, withoutStamp } from '../verify/console.ts';
import type { Screenshot } from '../verify/shown.ts';
import type { Qmp, QmpEvent } from './qmp.ts';
import type { Screen } from './screen.ts';
import { Starvation } from './starvation.ts';

/** Where a guest's words go, line by line. */
export type GuestLogs = { console: (line: string) => void; probe: (line: string) => void; qemu: (line: string) => void; trace: (line: string) => void };

export type GuestWatch = {
  onSplat: (kind: ConsoleFinding['kind'], text: string) => void;
  onGone: (how: string, wanted: boolean) => void;
};

/** What QEMU tells of its virtio-gpu when it is asked to trace it, on its standard error. */
const TRACE_LINE = /^virtio_(gpu_\w+|queue_notify)( |$)/;

/** QEMU's word, from hw/display/virtio-gpu-virgl.c, once the guest's driver asks for the first time. */
const NO_VIRGL = /virgl could not be initialized/;

/** How QEMU ends when it finds a bug of its own. */
const ABORTED = 'killed by signal 6';

/** Several times what all pipelines say of the longest clips, the pixels of their wrong frames included. What a guest says is kept in memory until it is judged. */
const MOST_PROBE_BYTES = 1024 ** 3;

/** What a kernel finds by a clock. */
const BY_THE_CLOCK: ReadonlySet<ConsoleFinding['kind']> = new Set(['soft-lockup', 'rcu-stall', 'hung-task']);

/** A guest that got less than a fifth of the time it wanted says nothing of its kernel by standing still. Two guests that spin on one CPU get half each. */
const STARVED_SHARE = 0.8;

/** How long a dying kernel is left to finish its sentence. */
const LAST_WORDS_MS = 1500;

export class GuestState {
  readonly #end = new AbortController();
  readonly #watch: GuestWatch;
  readonly #logs: GuestLogs;
  #stopping = false;
  #lastHeardAt = Date.now();
  #dying: string | undefined;
  #probeBytes = 0;
  #lastConsole: string[] = [];
  #lastQemu: string[] = [];
  readonly #listeners = new Set<(line: ProbeLine) => void>();
  readonly #starvation = new Starvation();

  constructor(watch: GuestWatch, logs: GuestLogs) {
    this.#watch = watch;
    this.#logs = logs;
  }

  /** Fires with a LabError that names who is at fault, once the guest cannot go on. */
  get dead(): AbortSignal { return this.#end.signal; }
  get stopping(): boolean { return this.#stopping; }
  /** Since the last byte on the console or the control port; what the guest spent waiting for a CPU is not counted. */
  get silentMs(): number { return Math.max(0, Date.now() - this.#lastHeardAt); }
  /** How long it waited for a CPU, in all. */
  get starvedMs(): number { return this.#starvation.totalMs; }
  get lastConsole(): readonly string[] { return this.#lastConsole; }

  stop(): void { this.#stopping = true; }

  /** Registers a listener for the probe's lines; returns how to stop listening. */
  listen(onLine: (line: ProbeLine) => void): () => void {
    this.#listeners.add(onLine);
    return () => this.#listeners.delete(onLine);
  }

  hearWaited(waitedMs: number, ofMs: number): void {
    this.#lastHeardAt += waitedMs;
    this.#starvation.hear(waitedMs, ofMs);
  }

  hearConsole(line: string): void {
    this.#lastHeardAt = Date.now();
    this.#logs.console(line);
    this.#lastConsole = [...this.#lastConsole.slice(-29), line];
    const kind = kindOfLine(line);
    if (kind === undefined) return;
    const text = withoutStamp(line);
    this.#watch.onSplat(kind, text);
    if (!ENDS_A_GUEST.has(kind) || this.#dying !== undefined || this.#stopping) return;
    this.#dying = text;
    const { share } = this.#starvation;
    const starved = BY_THE_CLOCK.has(kind) && share > STARVED_SHARE;
    setTimeout(() => {
      const evidence = this.#lastConsole.join('\n');
      this.#die(starved
        ? new LabError('GUEST_STARVED', `${kind}: ${text}; the host let the guest wait for a CPU for ${String(Math.round(100 * share))} % of the half minute before`, { blame: 'lab', evidence, hint: 'give the host less to do at once: vlab worker --slots 1' })
        : new LabError('GUEST_SPLAT', `${kind}: ${text}`, { blame: 'kernel', evidence }));
    }, LAST_WORDS_MS).unref();
  }

  hearProbe(text: string): void {
    this.#lastHeardAt = Date.now();
    this.#probeBytes += text.length + 1;
    if (this.#probeBytes > MOST_PROBE_BYTES) {
      this.#die(new LabError('GUEST_FLOOD', `the guest said more than ${String(MOST_PROBE_BYTES)} bytes on its control port`, { blame: 'kernel', evidence: text.slice(0, 400) }));
      return;
    }
    this.#logs.probe(text);
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch {
      return;
    }
    const parsed = ProbeLine.safeParse(data);
    if (parsed.success) for (const listener of this.#listeners) listener(parsed.data);
  }

  hearQemu(line: string): void {
    if (TRACE_LINE.test(line)) {
      this.#logs.trace(line);
      return;
    }
    this.#logs.qemu(line);
    this.#lastQemu = [...this.#lastQemu.slice(-9), line];
    // The device is there, offers Virgil3D and answers nothing: a guest that makes do without it is not at fault.
    if (NO_VIRGL.test(line)) this.#die(new LabError('NO_VIRGL', `the host side could not start Virgil3D: ${line}`, { blame: 'lab', stage: 'guest', evidence: this.#lastQemu.join('\n') }));
  }

  hearQmp(event: QmpEvent): void {
    if (this.#stopping) return;
    if (event.event === 'GUEST_PANICKED') {
      setTimeout(() => {
        this.#die(new LabError('GUEST_PANIC', `panic: ${this.#dying ?? 'the guest told QEMU that it panicked'}`, { blame: 'kernel', evidence: this.#lastConsole.join('\n') }));
      }, LAST_WORDS_MS).unref();
    } else if (event.event === 'SHUTDOWN') {
      const reason = typeof event.data['reason'] === 'string' ? event.data['reason'] : 'unknown';
      const what = reason === 'guest-reset' ? 'the guest rebooted by itself' : `the guest shut down by itself (${reason})`;
      this.#die(event.data['guest'] === true
        ? new LabError('GUEST_LEFT', what, { blame: 'kernel', evidence: this.#lastConsole.join('\n') })
        : new LabError('QEMU_ENDED', `QEMU was told to end by someone else (${reason})`, { blame: 'lab' }));
    }
  }

  hearExit(how: string): void {
    this.#watch.onGone(how, this.#stopping);
    const error = new LabError(how === ABORTED ? 'QEMU_ABORTED' : 'QEMU_DIED', `QEMU died: ${how}`, { blame: 'lab', evidence: this.#lastQemu.join('\n') });
    // QEMU leaves after a guest's own reset: the reason is on its way through QMP and must win.
    setTimeout(() => { this.#die(error); }, 200).unref();
  }

  #die(error: LabError): void {
    if (!this.#stopping && !this.#end.signal.aborted) this.#end.abort(error);
  }
}

export class Guest implements AsyncDisposable {
  readonly qemuVersion: string;
  readonly readyMs: number;
  readonly kernelRelease: string;
  readonly #state: GuestState;
  readonly #container: Container;
  readonly #qmp: Qmp;
  readonly #control: Socket;
  readonly #screen: Screen;
  readonly #cpuSeconds: () => Promise<number | null>;
  readonly #undo: Cleanup;

  constructor(parts: {
    state: GuestState; container: Container; qmp: Qmp; control: Socket; screen: Screen; undo: Cleanup; readyMs: number; kernelRelease: string;
    cpuSeconds: () => Promise<number | null>;
  }) {
    this.#state = parts.state;
    this.#container = parts.container;
    this.#qmp = parts.qmp;
    this.#control = parts.control;
    this.#screen = parts.screen;
    this.#undo = parts.undo;
    this.#cpuSeconds = parts.cpuSeconds;
    this.qemuVersion = parts.qmp.version;
    this.readyMs = parts.readyMs;
    this.kernelRelease = parts.kernelRelease;
  }

  get dead(): AbortSignal { return this.#state.dead; }
  /** Milliseconds since the last byte on the console or the control port, less those in which it waited for a CPU. */
  get silentMs(): number { return this.#state.silentMs; }

  listen(onLine: (line: ProbeLine) => void): () => void {
    return this.#state.listen(onLine);
  }

  send(command: ProbeCommand): void {
    this.#control.write(`${JSON.stringify(command)}\n`);
  }

  /** Who is at fault for a silence: QEMU still answers (the guest is stuck) or it does not (the lab is). */
  async blameSilence(what: string): Promise<LabError> {
    try {
      const status = await within({ what: 'QMP query-status', ms: 5000, blame: 'lab' }, () => this.#qmp.execute('query-status'));
      return new LabError('GUEST_SILENT', `${what}; QEMU is alive and says ${JSON.stringify(status)}`, { blame: 'kernel', evidence: this.#state.lastConsole.slice(-10).join('\n') });
    } catch (cause) {
      return new LabError('QEMU_SILENT', `${what}, and QEMU does not answer its monitor`, { blame: 'lab', cause });
    }
  }

  /** What the guest's display shows now. */
  screendump(limitMs: number, signal: AbortSignal): Promise<Screenshot> {
    return this.#screen.shoot(this.#qmp, limitMs, AbortSignal.any([signal, this.dead]));
  }

  /** CPU seconds of all in the guest's container so far; null where the engine does not count them. */
  cpuSeconds(): Promise<number | null> {
    return this.#cpuSeconds();
  }

  /** Asks the probe to power off, so that what the kernel says on its way down is heard; then insists. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#state.stop();
    if (!this.#state.dead.aborted) {
      this.send({ cmd: 'poweroff' });
      await Promise.race([this.#container.exited, new Promise((resolve) => { setTimeout(resolve, 3000).unref(); })]);
    }
    await this.#undo[Symbol.asyncDispose]();
  }
}
