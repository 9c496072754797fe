// What a person said of an alert: one line of alerts.ndjson in the lab's folder, which is only ever added to. What raised it is worked out from the samples.
import * as z from 'zod';
import { RunId } from './ids.ts';

/** `new` is what nobody has said anything of; said again, it takes back what was said. */
export const AlertState = z.enum(['new', 'acknowledged', 'fixed', 'noise']);
export type AlertState = z.infer<typeof AlertState>;

/** `a-` and ten hex digits of a hash over the series of samples that it is of, and the first run of the new level. */
export const AlertId = z.string().regex(/^a-[0-9a-f]{10}$/).brand<'AlertId'>();
export type AlertId = z.infer<typeof AlertId>;

export const AlertNote = z.strictObject({
  alert: AlertId,
  series: z.string().describe('of samples, by its labels'), run: RunId.describe('the first of the new level'),
  state: AlertState, who: z.string().min(1).max(100), when: z.iso.datetime(), why: z.string().max(2000),
});
export type AlertNote = z.infer<typeof AlertNote>;
