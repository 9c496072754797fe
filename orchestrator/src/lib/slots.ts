// A limit on how many do something at once. A slot is handed over to whoever waits longest, and is never free in between.
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Whether somebody waits for one. */
  get wanted(): boolean { return this.#waiting.length > 0; }

  async take(): Promise<Disposable> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((handOver) => this.#waiting.push(handOver));
    return { [Symbol.dispose]: () => { this.#give(); } };
  }

  /** Several, asked for in one go. Two that hold some each and want the others' would wait for ever: whoever does this holds a lock of its own. */
  async takeMany(count: number): Promise<Disposable> {
    const taken = await Promise.all(Array.from({ length: count }, () => this.take()));
    return { [Symbol.dispose]: () => { for (const slot of taken) slot[Symbol.dispose](); } };
  }

  #give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
