// A stub of whoever runs the probe: it stands in for what no real guest or container can be made to show on demand, such as a death between two
// lines, a silence of a given length, or lines that contradict each other. What it says is the test's.
import type { GoCommand, ProbeLine, RunCommand } from '../src/contract/probe.ts';
import { LabError } from '../src/lib/lab-error.ts';
import type { Prober } from '../src/pipeline/run-pipeline.ts';

export class StubProber<Command extends { cmd: string } = RunCommand> implements Prober<Command | GoCommand> {
  readonly sent: Command[] = [];
  /** What its silence was said to be, each time that somebody asked who is to blame. */
  readonly blamed: string[] = [];
  silentMs = 0;
  readonly #death = new AbortController();
  readonly #listeners = new Set<(line: ProbeLine) => void>();
  readonly #answer: (command: Command, prober: StubProber<Command>) => void;
  readonly #onGo: (prober: StubProber<Command>) => void;

  /** Both are called inside send(): the earliest that a probe could speak. */
  constructor(answer: (command: Command, prober: StubProber<Command>) => void = () => undefined, onGo: (prober: StubProber<Command>) => void = () => undefined) {
    this.#answer = answer;
    this.#onGo = onGo;
  }

  get dead(): AbortSignal { return this.#death.signal; }
  get listening(): boolean { return this.#listeners.size > 0; }

  send(command: Command | GoCommand): void {
    if (isGo(command)) {
      this.#onGo(this);
      return;
    }
    this.sent.push(command);
    this.#answer(command, this);
  }

  listen(onLine: (line: ProbeLine) => void): () => void {
    this.#listeners.add(onLine);
    return () => this.#listeners.delete(onLine);
  }

  blameSilence(what: string): Promise<LabError> {
    this.blamed.push(what);
    return Promise.resolve(new LabError('GUEST_SILENT', what, { blame: 'kernel' }));
  }

  say(...lines: readonly ProbeLine[]): void {
    for (const line of lines) for (const listener of this.#listeners) listener(line);
  }

  die(reason: Error): void {
    this.#death.abort(reason);
  }
}

function isGo(command: { cmd: string }): command is GoCommand {
  return command.cmd === 'go';
}
