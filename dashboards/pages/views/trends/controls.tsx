// Which figure, which time, which scales.
import type { VNode } from 'preact';
import { go } from '../../app/router.ts';
import { printable } from '../../format/printable.ts';
import { valueOf, withValue } from '../../format/query.ts';
import { SpanFields } from '../../parts/span-fields.tsx';

export const FIRST_METRIC = 'frames per second';

export function Controls({ query, metrics, shown }: { query: string; metrics: readonly string[]; shown: string | undefined }): VNode {
  const change = (name: string, value: string | undefined): void => { go(`/trends?${withValue(query, name, value)}`, { stay: true }); };
  const metric = valueOf(query, 'metric') ?? shown ?? FIRST_METRIC;
  const names = metrics.includes(metric) ? metrics : [metric, ...metrics];
  return (
    <div class="fields">
      <label>Metric<select value={metric} onChange={({ currentTarget }) => { change('metric', currentTarget.value); }}>{names.map((name) => <option key={name} value={name}>{printable(name)}</option>)}</select></label>
      <SpanFields names={['From', 'Until']} query={query} narrow={(next) => { go(`/trends?${next}`, { stay: true }); }} />
      <label>Scale<select value={valueOf(query, 'scale') === 'log' ? 'log' : 'linear'} onChange={({ currentTarget }) => { change('scale', currentTarget.value === 'log' ? 'log' : undefined); }}><option value="linear">linear</option><option value="log">logarithmic</option></select></label>
      <label>Along<select value={valueOf(query, 'along') === 'order' ? 'order' : 'time'} onChange={({ currentTarget }) => { change('along', currentTarget.value === 'order' ? 'order' : undefined); }}><option value="time">time</option><option value="order">order of runs</option></select></label>
    </div>
  );
}
