// Who goes first. BullMQ takes the lowest priority first, and what has none, or 0, before all that have one: so everything gets one here.
// Fair shares as in start-time fair queueing: a submitter's next piece of work has the place behind their last one, but never before whatever is first in
// the queue now. So fifty that ask for little pass one who asked for thousands, and nobody waits for ever.
import type { Urgency } from '../contract/ticket.ts';

/** BullMQ's priorities go to 2^21 - 1: a band of half of them for a person, and one for the night. */
export const PLACES = 1_000_000;
const BAND: Readonly<Record<Urgency, number>> = { person: 0, night: PLACES };

/** `last`: the last place that this submitter has taken; `first`: of what is first in the queue now. */
export function nextPlace(last: number, first: number | undefined): number {
  return first === undefined ? 1 : Math.max(last + 1, first);
}

/** Behind the last place of its band, work is taken in the order in which it came. */
export function priorityOf(urgency: Urgency, place: number): number {
  return BAND[urgency] + Math.min(place, PLACES - 1);
}

/** The place behind a priority, where it is of this band. */
export function placeOf(urgency: Urgency, priority: number): number | undefined {
  const place = priority - BAND[urgency];
  return place >= 1 && place < PLACES ? place : undefined;
}
