// What can happen while a run is alive: one union, written to events.ndjson, sent through the queue, shown to people.
import * as z from 'zod';
import { Outcome, Stage } from './outcome.ts';

export const LabEvent = z.discriminatedUnion('event', [
  z.strictObject({ event: z.literal('run.opened'), attempt: z.int(), worker: z.string() }),
  z.strictObject({ event: z.literal('stage.started'), stage: Stage }),
  z.strictObject({ event: z.literal('stage.ended'), stage: Stage, ms: z.number(), ok: z.boolean() }),
  z.strictObject({ event: z.literal('stage.progress'), stage: Stage, what: z.string(), done: z.number(), of: z.number().nullable() }),
  z.strictObject({ event: z.literal('guest.started'), accelerator: z.string(), display: z.string() }),
  z.strictObject({ event: z.literal('guest.ready'), kernel: z.string(), readyMs: z.number() }),
  z.strictObject({ event: z.literal('guest.gone'), wanted: z.boolean(), how: z.string() }),
  z.strictObject({ event: z.literal('guest.again'), why: z.string() }),
  z.strictObject({ event: z.literal('guest.splat'), kind: z.string(), text: z.string() }),
  z.strictObject({ event: z.literal('pipeline.renderer'), renderer: z.string() }),
  z.strictObject({ event: z.literal('pipeline.ended'), pipeline: z.string(), status: z.string(), frames: z.int() }),
  z.strictObject({ event: z.literal('run.sealed'), outcome: Outcome }),
]);
export type LabEvent = z.infer<typeof LabEvent>;

/** An event with its place in time. `ms` counts from the opening of the run. */
export const StampedEvent = z.object({ at: z.iso.datetime(), ms: z.number(), run: z.string() }).and(LabEvent);
export type StampedEvent = z.infer<typeof StampedEvent>;
