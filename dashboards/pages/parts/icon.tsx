// Small drawings, each of another shape: they are told apart without colour. They say nothing by themselves; a word stands beside.
import type { VNode } from 'preact';

const SHAPES = {
  check: <path d="M2.5 8.5l3.5 3.5 7.5-8" />,
  cross: <path d="M3.5 3.5l9 9m0-9l-9 9" />,
  slash: <g><circle cx="8" cy="8" r="5.5" /><path d="M4 12l8-8" /></g>,
  bolt: <path d="M9 1.5L4 9h3.5L6.5 14.5 12 6.5H8.5z" />,
  dash: <path d="M3 8h10" />,
  ring: <circle cx="8" cy="8" r="4.5" />,
  dots: <path d="M3 8h.1M8 8h.1M13 8h.1" stroke-width="3" stroke-linecap="round" />,
  stop: <rect x="3.5" y="3.5" width="9" height="9" />,
  up: <path d="M3 11.5h10L8 4z" class="solid" />,
  down: <path d="M3 4.5h10L8 12z" class="solid" />,
  dot: <circle cx="8" cy="8" r="4" class="solid" />,
  equal: <path d="M3 6h10M3 10.5h10" />,
  warn: <path d="M8 2.5L14.5 13.5h-13zM8 6.5v3.5m0 1.5v.6" />,
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { name: IconName }): VNode {
  return <svg class="icon" viewBox="0 0 16 16" width="13" height="13" aria-hidden="true" focusable="false">{SHAPES[name]}</svg>;
}
