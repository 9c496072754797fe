// A BullMQ worker that asks for work only once it has a slot to do it in. By itself each worker of a process would take as much as it may, and hold what it
// cannot begin: work that an idle host would have begun. So the two ways by which it comes to a job wait for a slot, and the slot stays with the job.
import { Worker, type Job, type Processor, type WorkerOptions } from 'bullmq';

/** Where slots come from; `wanted`: whether another waits for one. */
export type Seats = { take: () => Promise<Disposable>; readonly wanted: boolean };

type Next = Awaited<ReturnType<Worker['processJob']>>;

/** BullMQ's types know no undefined; its code takes it for "nothing there". */
const NOTHING = undefined as unknown as Job;

export class SlotWorker extends Worker {
  readonly #seats: Seats;
  readonly #held = new Map<string, Disposable>();

  constructor(name: string, work: Processor, options: WorkerOptions, seats: Seats) {
    super(name, work, { ...options, autorun: false });
    this.#seats = seats;
  }

  /** Called when something may be there. Whoever waits here may have been paused in the meantime. */
  protected override async moveToActive(token: string, name?: string): Promise<Job> {
    const slot = await this.#seats.take();
    let job: Job | undefined;
    try {
      if (!this.isPaused() && this.closing === undefined) job = await super.moveToActive(token, name);
    } finally {
      if (job?.id === undefined) slot[Symbol.dispose]();
      else this.#held.set(job.id, slot);
    }
    return job ?? NOTHING;
  }

  /** BullMQ takes the next job in the same breath as it ends one. That keeps the slot, and so must not be done while another waits for it. */
  override async processJob(job: Job, token: string, fetchNext: () => boolean = () => true): ReturnType<Worker['processJob']> {
    let next: Next = undefined;
    try {
      next = await super.processJob(job, token, () => fetchNext() && !this.#seats.wanted);
    } finally {
      const slot = this.#held.get(job.id ?? '');
      this.#held.delete(job.id ?? '');
      if (slot !== undefined) {
        if (next?.id === undefined) slot[Symbol.dispose]();
        else this.#held.set(next.id, slot);
      }
    }
    return next;
  }
}
