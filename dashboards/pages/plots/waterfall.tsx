// The stages of a run one under another, each where it was in time. Rows of a table, so that it can be read without seeing it.
import type { VNode } from 'preact';
import { useNowWhile } from '../app/clock.ts';
import { extentOf, type Mark, type Span } from '../format/stages.ts';
import { duration } from '../format/time.ts';
import { printable } from '../format/printable.ts';
import { Icon } from '../parts/icon.tsx';

/** `openedAt`: the moment, in milliseconds, from which `at` of the spans counts. */
export function Waterfall({ spans, marks, openedAt }: { spans: readonly Span[]; marks: readonly Mark[]; openedAt: number }): VNode {
  const now = useNowWhile(spans.some(({ ms }) => ms === null)) - openedAt;
  const whole = Math.max(extentOf(spans, now), ...marks.map(({ at }) => at));
  const share = (ms: number): string => `${((100 * Math.max(0, ms)) / whole).toFixed(3)}%`;
  return (
    <table class="waterfall">
      <caption class="unseen">Stages, and how long each took</caption>
      <thead class="unseen"><tr><th scope="col">stage</th><th scope="col">took</th><th scope="col">when</th></tr></thead>
      <tbody>
        {spans.map((span, row) => (
          <tr key={`${span.stage} ${String(row)}`}>
            <th scope="row">{span.ok ? null : <span class="bad"><Icon name="cross" /><span class="unseen">did not end well: </span></span>}{span.stage}</th>
            <td class="figure">{span.ms === null ? <span class="faint">{span.progress ?? 'under way'}</span> : duration(span.ms)}</td>
            <td class="bar" aria-hidden="true">
              <span class="track">
                <i class={span.ok ? (span.ms === null ? 'open' : '') : 'bad'} style={{ left: span.at === null ? '0' : `min(${share(span.at)}, 100% - 2px)`, width: share(span.ms ?? now - (span.at ?? 0)) }} />
                {marks.filter(({ at }) => within(at, span, now)).map(({ at, what, ok }) => <b key={`${String(at)} ${what}`} class={ok ? '' : 'bad'} style={{ left: share(at) }} title={`${duration(at)}: ${printable(what)}`} />)}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function within(at: number, span: Span, now: number): boolean {
  const from = span.at ?? 0;
  return at >= from && at < from + (span.ms ?? Math.max(0, now - from));
}
