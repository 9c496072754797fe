// A probe's fact, read leniently: what is not there counts as nothing. Pure.
import type { FactLine } from '../contract/probe.ts';

export class Fact {
  readonly #is: FactLine['is'];

  constructor(line: FactLine) {
    this.#is = line.is;
  }

  number(key: string): number {
    const value = this.#is[key];
    return typeof value === 'number' ? value : 0;
  }

  text(key: string): string {
    const value = this.#is[key];
    return typeof value === 'string' ? value : '';
  }

  /** A group of numbers. */
  names(key: string): Readonly<Record<string, number>> {
    const value = this.#is[key];
    return typeof value === 'object' ? value : {};
  }

  numbers(): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.entries(this.#is).flatMap(([key, value]) => (typeof value === 'number' ? [[key, value]] : [])));
  }
}

export function facts(lines: readonly FactLine[], of: string): Fact[] {
  return lines.filter((line) => line.of === of).map((line) => new Fact(line));
}
