// A limit on how many do something at once. A slot is handed over to whoever waits longest, and is never free in between.
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];
  #turn: Promise<void> = Promise.resolve();

  constructor(count: number) {
    this.#free = count;
  }

  async take(): Promise<Disposable> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((handOver) => this.#waiting.push(handOver));
    return { [Symbol.dispose]: () => { this.#give(); } };
  }

  /** Every slot of `count`, for what must be alone. One at a time asks for all: two that hold some each would wait for ever. */
  async takeAll(count: number): Promise<Disposable> {
    const before = this.#turn;
    let done = (): void => undefined;
    this.#turn = new Promise((resolve) => { done = resolve; });
    await before;
    const taken: Disposable[] = [];
    while (taken.length < count) taken.push(await this.take());
    return { [Symbol.dispose]: () => {
      for (const slot of taken) slot[Symbol.dispose]();
      done();
    } };
  }

  #give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
