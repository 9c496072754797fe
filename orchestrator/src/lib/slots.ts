// A limit on how many do something at once. A slot is handed over to whoever waits longest, and is never free in between.
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async take(): Promise<Disposable> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((handOver) => this.#waiting.push(handOver));
    return { [Symbol.dispose]: () => { this.#give(); } };
  }

  #give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}
