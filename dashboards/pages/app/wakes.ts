// What has changed, told to whoever shows it. Told often, heard seldom: a burst is one.
import type { LiveEvent } from '../../api/shapes.ts';

export type Topic = LiveEvent['what'] | 'everything';

const CALM_MS = 400;
const hearers = new Set<{ topics: ReadonlySet<Topic>; hear: () => void }>();
const told = new Set<Topic>();
let timer: ReturnType<typeof setTimeout> | undefined;

export function onWake(topics: readonly Topic[], hear: () => void): () => void {
  const hearer = { topics: new Set<Topic>([...topics, 'everything']), hear };
  hearers.add(hearer);
  return () => { hearers.delete(hearer); };
}

export function wake(topic: Topic): void {
  told.add(topic);
  timer ??= setTimeout(tell, CALM_MS);
}

/** A page that nobody sees asks for nothing; it asks when it is seen again. */
function tell(): void {
  timer = undefined;
  if (document.hidden) {
    document.addEventListener('visibilitychange', () => { timer ??= setTimeout(tell, 0); }, { once: true });
    return;
  }
  const topics = [...told];
  told.clear();
  for (const { topics: wanted, hear } of [...hearers]) if (topics.some((topic) => wanted.has(topic))) hear();
}
