// The lines of a log that can be seen, out of however many there are: all rows are of one height, so that a place is a number.
import type { VNode } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { cutAt, WIDEST } from '../../format/log-lines.ts';
import { printable } from '../../format/printable.ts';

const ROW = 18;
const SPARE = 20;

export type Shown = {
  label: string; prefix: string; lines: readonly string[]; widest: number; sought: string;
  /** Kind of a finding by line, from 1. */
  splats: ReadonlyMap<number, string>;
  /** The line that is pointed at, from 1, and a number that changes when it is to be brought into view. */
  at: number | undefined; turn: number;
  follow: boolean; unfollow: () => void;
};

export function LogWindow({ label, prefix, lines, widest, sought, splats, at, turn, follow, unfollow }: Shown): VNode {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 480 });
  const look = useCallback(() => {
    const { current } = box;
    if (current !== null) setView({ top: current.scrollTop, height: current.clientHeight });
  }, []);

  useEffect(() => {
    if (box.current === null) return undefined;
    const watch = new ResizeObserver(look);
    watch.observe(box.current);
    return () => { watch.disconnect(); };
  }, []);

  // The line may not have come yet when it is first pointed at.
  const there = at !== undefined && at <= lines.length;
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null || !there) return;
    current.scrollTop = Math.max(0, (at - 0.5) * ROW - current.clientHeight / 2);
    look();
  }, [at, turn, there]);

  useLayoutEffect(() => {
    const { current } = box;
    if (current === null || !follow) return;
    current.scrollTop = current.scrollHeight;
    look();
  }, [follow, lines.length]);

  const scrolled = (): void => {
    look();
    const { current } = box;
    if (follow && current !== null && current.scrollHeight - current.scrollTop - current.clientHeight > 3 * ROW) unfollow();
  };

  const first = Math.max(0, Math.floor(view.top / ROW) - SPARE);
  const last = Math.min(lines.length, Math.ceil((view.top + view.height) / ROW) + SPARE);
  const digits = String(lines.length).length;
  return (
    <div ref={box} class="log-window" tabIndex={0} role="region" aria-label={label} onScroll={scrolled}>
      <div class="log-all" style={{ height: `${String(lines.length * ROW)}px`, minWidth: `${String(widest + digits + 4)}ch`, '--digits': String(digits) }}>
        {lines.slice(first, last).map((line, n) => {
          const number = first + n + 1;
          const splat = splats.get(number);
          return (
            <div key={number} class={`log-line${splat === undefined ? '' : ' splat'}${number === at ? ' here' : ''}`} style={{ top: `${String((number - 1) * ROW)}px` }} {...(number === at ? { 'aria-current': 'true' } as const : {})}>
              <a class="log-number" href={`#${prefix}:${String(number)}`} tabIndex={-1} aria-label={`line ${String(number)}`}>{number}</a>
              <span>{splat === undefined ? null : <strong class="splat-kind">{splat}</strong>}<Line text={line} sought={sought} /></span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Line({ text, sought }: { text: string; sought: string }): VNode {
  const shown = text.length > WIDEST ? text.slice(0, WIDEST) : text;
  const more = text.length - shown.length;
  return <>{cutAt(printable(shown), sought).map((piece, at) => (piece.sought ? <mark key={at}>{piece.text}</mark> : piece.text))}{more > 0 ? <span class="faint"> and {more} characters more, in the file</span> : null}</>;
}
