// A stack of named undo steps: whoever makes something undoes it, until it is handed over.

export class Cleanup implements AsyncDisposable {
  #steps: { name: string; undo: () => unknown }[] = [];

  add(name: string, undo: () => unknown): void {
    this.#steps.push({ name, undo });
  }

  /** Hands every step to a new owner; this one is empty afterwards. */
  move(): Cleanup {
    const next = new Cleanup();
    next.#steps = this.#steps;
    this.#steps = [];
    return next;
  }

  /** Runs all steps, last one first. A step that throws does not stop the others; the errors are thrown together, named. */
  async [Symbol.asyncDispose](): Promise<void> {
    const errors: Error[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step.undo();
      } catch (cause) {
        errors.push(new Error(`could not ${step.name}`, { cause }));
      }
    }
    const [only] = errors;
    if (only !== undefined && errors.length === 1) throw only;
    if (errors.length > 1) throw new AggregateError(errors, errors.map((error) => error.message).join('; '));
  }
}
