// When each stage of a run was, as a waterfall wants it. Pure.
import type { RunDetail } from '../../api/shapes.ts';

/** `ms` null: it has not ended. `at`: milliseconds since the run was opened; null where only its length is known. */
export type Span = { stage: string; at: number | null; ms: number | null; ok: boolean; progress: string | null };
export type Mark = { at: number; what: string; ok: boolean };

type Events = RunDetail['events'];
type Event = Events[number];

/** From the events, which know when; from the record where there are none. Of an ended stage, `ms` in its event is how long it took, and not when. */
export function spansOf(events: Events, recorded: readonly { stage: string; ms: number }[]): Span[] {
  const spans: Span[] = [];
  for (const event of events) {
    if (event.event === 'stage.started') spans.push({ stage: event.stage, at: event.ms, ms: null, ok: true, progress: null });
    const open = 'stage' in event ? spans.findLast((span) => span.stage === event.stage && span.ms === null) : undefined;
    if (open === undefined) continue;
    if (event.event === 'stage.ended') Object.assign(open, { ms: lengthOf(event, open.at ?? 0, events), ok: event.ok, progress: null });
    if (event.event === 'stage.progress') open.progress = `${event.what} ${String(event.done)}${event.of === null ? '' : ` of ${String(event.of)}`}`;
  }
  if (spans.length === 0) return recorded.map(({ stage, ms }) => ({ stage, at: null, ms, ok: true, progress: null }));
  const sealed = events.find((event) => event.event === 'run.sealed');
  if (sealed !== undefined) for (const span of spans) span.ms ??= Math.max(0, sealed.ms - (span.at ?? 0));
  return spans;
}

/** By the clock, since the field of the same name may be either. */
function lengthOf(ended: Event, startedAt: number, events: Events): number {
  const [first] = events;
  const origin = first === undefined ? NaN : Date.parse(first.at) - first.ms;
  const byClock = Date.parse(ended.at) - origin - startedAt;
  return Number.isFinite(byClock) ? Math.max(0, byClock) : ended.ms;
}

/** What happened at one moment: the guest's life. */
export function marksOf(events: Events): Mark[] {
  return events.flatMap((event): Mark[] => {
    switch (event.event) {
      case 'guest.started': return [{ at: event.ms, what: `guest started (${event.accelerator}, ${event.display})`, ok: true }];
      case 'guest.ready': return [{ at: event.ms, what: `guest ready, Linux ${event.kernel}`, ok: true }];
      case 'guest.splat': return [{ at: event.ms, what: `${event.kind}: ${event.text}`, ok: false }];
      case 'guest.again': return [{ at: event.ms, what: `booted again: ${event.why}`, ok: false }];
      case 'guest.gone': return [{ at: event.ms, what: `guest gone: ${event.how}`, ok: event.wanted }];
      case 'pipeline.ended': return [{ at: event.ms, what: `${event.pipeline} ${event.status}, ${String(event.frames)} frames`, ok: event.status !== 'failed' }];
      case 'run.opened': case 'run.sealed': case 'stage.started': case 'stage.ended': case 'stage.progress': case 'pipeline.renderer': return [];
    }
  });
}

/** How long the whole is: up to `now` (milliseconds since the opening) while a stage is open. */
export function extentOf(spans: readonly Span[], now: number): number {
  const ends = spans.map((span) => (span.at === null ? (span.ms ?? 0) : span.at + (span.ms ?? Math.max(0, now - span.at))));
  return Math.max(1, ...ends);
}
