// Who comes after whom in a history with merges. Pure. Of a series each patch comes after the one before; of a git range it is as its commits say.

/** A kernel that can be tried. `parents` that are not among the places are known to be good. */
export type Place = { id: string; parents: readonly string[] };

/** Of every place, itself and all that it was made from, as a set of indices. */
export class Ancestry {
  readonly ids: readonly string[];
  readonly #index: ReadonlyMap<string, number>;
  readonly #sets: readonly Uint32Array[];
  readonly #heads: readonly string[];

  /** In any order. A history that goes in a circle is none, and is refused. */
  constructor(places: readonly Place[]) {
    const sorted = parentsFirst(places);
    this.ids = sorted.map((place) => place.id);
    this.#index = new Map(this.ids.map((id, at) => [id, at]));
    const words = Math.ceil(sorted.length / 32);
    const sets: Uint32Array[] = [];
    const parented = new Set<string>();
    for (const [at, { parents }] of sorted.entries()) {
      const set = new Uint32Array(words);
      for (const parent of parents) {
        const of = this.#index.get(parent);
        if (of === undefined) continue;
        parented.add(parent);
        const other = sets[of] ?? new Uint32Array(words);
        for (let word = 0; word < words; word++) set[word] = (set[word] ?? 0) | (other[word] ?? 0);
      }
      set[at >> 5] = (set[at >> 5] ?? 0) | (1 << (at & 31));
      sets.push(set);
    }
    this.#sets = sets;
    this.#heads = this.ids.filter((id) => !parented.has(id));
  }

  /** What nothing else was made from: the newest, of which there is one where a range has one end. */
  get heads(): readonly string[] {
    return this.#heads;
  }

  indexOf(id: string): number {
    const at = this.#index.get(id);
    if (at === undefined) throw new Error(`${id} is no place of this history`);
    return at;
  }

  /** Whether place `late` has in it what place `early` did; by index, each place has what itself did. */
  has(late: number, early: number): boolean {
    return (((this.#sets[late]?.[early >> 5] ?? 0) >>> (early & 31)) & 1) === 1;
  }

  /** The sum of `weights` over all that place `at` has in it. */
  sum(at: number, weights: Float64Array): number {
    let sum = 0;
    for (const [word, bits] of (this.#sets[at] ?? new Uint32Array()).entries()) {
      for (let left = bits; left !== 0; left &= left - 1) sum += weights[word * 32 + 31 - Math.clz32(left & -left)] ?? 0;
    }
    return sum;
  }
}

/** So that whoever is met has its parents done. Iterative: a history may be longer than a stack is deep. */
function parentsFirst(places: readonly Place[]): Place[] {
  const byId = new Map(places.map((place) => [place.id, place]));
  const done = new Set<string>();
  const open = new Set<string>();
  const sorted: Place[] = [];
  for (const start of places) {
    const stack = [start];
    for (let place = stack.at(-1); place !== undefined; place = stack.at(-1)) {
      open.add(place.id);
      const [next] = place.parents.flatMap((id) => (done.has(id) ? [] : (byId.get(id) ?? [])));
      if (next !== undefined && open.has(next.id) && !done.has(next.id)) throw new Error(`the history goes in a circle at ${next.id}`);
      if (next !== undefined && !done.has(place.id)) {
        stack.push(next);
        continue;
      }
      stack.pop();
      if (!done.has(place.id)) sorted.push(place);
      done.add(place.id);
    }
  }
  return sorted;
}
