// Wheel, drag and keys on pictures that are looked at together.
import { useEffect, useRef, useState } from 'preact/hooks';
import { isForPage } from '../../app/shortcuts.ts';
import { moved, zoomed, type View } from '../../format/pan-zoom.ts';

export const STEP = 1.25;

type Moves = { view: View; look: (next: View) => void; middle: { x: number; y: number }; fit: () => void; point: (at: { x: number; y: number } | undefined) => void };

/** Listeners are set once; what they do is what was drawn last. */
export function useMoves(moves: Moves): (element: HTMLDivElement | null) => void {
  const now = useRef(moves);
  now.current = moves;
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  useEffect(() => {
    if (element === null) return undefined;
    const off = new AbortController();
    const { signal } = off;
    let drag: { x: number; y: number } | undefined;
    element.addEventListener('wheel', (event) => {
      const at = placeIn(event);
      if (at === undefined) return;
      event.preventDefault();
      now.current.look(zoomed(now.current.view, Math.exp(-event.deltaY / 400), at));
    }, { passive: false, signal });
    element.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || placeIn(event) === undefined) return;
      drag = { x: event.clientX, y: event.clientY };
      element.setPointerCapture(event.pointerId);
    }, { signal });
    element.addEventListener('pointermove', (event) => {
      const at = placeIn(event);
      if (at !== undefined) now.current.point(at);
      if (drag === undefined) return;
      now.current.look(moved(now.current.view, event.clientX - drag.x, event.clientY - drag.y));
      drag = { x: event.clientX, y: event.clientY };
    }, { signal });
    for (const name of ['pointerup', 'pointercancel'] as const) element.addEventListener(name, () => { drag = undefined; }, { signal });
    element.addEventListener('pointerleave', () => { now.current.point(undefined); }, { signal });
    document.addEventListener('keydown', (event) => { keyed(event, now.current); }, { signal });
    return () => { off.abort(); };
  }, [element]);
  return setElement;
}

function keyed(event: KeyboardEvent, { view, look, middle, fit }: Moves): void {
  if (!isForPage(event)) return;
  const by = 60;
  const next = event.key === '+' || event.key === '=' ? zoomed(view, STEP, middle)
    : event.key === '-' ? zoomed(view, 1 / STEP, middle)
      : !event.shiftKey ? undefined
        : event.key === 'ArrowLeft' ? moved(view, by, 0) : event.key === 'ArrowRight' ? moved(view, -by, 0) : event.key === 'ArrowUp' ? moved(view, 0, by) : event.key === 'ArrowDown' ? moved(view, 0, -by) : undefined;
  if (event.key === '0') fit();
  else if (next === undefined) return;
  else look(next);
  event.preventDefault();
}

/** Where in its picture's pane the pointer is. While it is captured the pane has to be found by place. */
function placeIn(event: MouseEvent): { x: number; y: number } | undefined {
  const picture = document.elementsFromPoint(event.clientX, event.clientY).find((one) => one.classList.contains('picture'));
  if (picture === undefined) return undefined;
  const box = picture.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}
