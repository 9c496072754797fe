// A moment: how long ago, and exactly when the pointer rests on it.
import type { VNode } from 'preact';
import { useNow } from '../app/clock.ts';
import { ago, duration, moment } from '../format/time.ts';

export function When({ at }: { at: string }): VNode {
  const now = useNow();
  return <time dateTime={at} title={`${moment(at)} (${at})`}>{ago(Date.parse(at), now)}</time>;
}

export function Moment({ at }: { at: string }): VNode {
  return <time dateTime={at} title={at}>{moment(at)}</time>;
}

/** Since when something has been going on. */
export function Since({ at }: { at: string }): VNode {
  const now = useNow();
  return <time dateTime={at} title={at}>{duration(Math.max(0, now - Date.parse(at)))}</time>;
}
