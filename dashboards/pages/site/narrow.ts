// What the server does with a filter of runs, done in the page: a copy has nobody to ask. Pure.
import type { Facets, RunRow } from '../../api/shapes.ts';
import { valueOf, valuesOf } from '../format/query.ts';

/** How a missing value is called. */
const NONE = 'none';

/** Dimensions that a row has. */
export const DIMENSIONS = ['outcome', 'base', 'version', 'series', 'flavour', 'pipeline', 'clip', 'defect', 'device', 'stack', 'image', 'measure', 'host', 'accelerator', 'renderer'] as const;
type Dimension = (typeof DIMENSIONS)[number];
/** Of these a run may have several. */
const OF_PASSES = { pipeline: 'pipelines', clip: 'clips', defect: 'defects' } as const satisfies Partial<Record<Dimension, keyof RunRow>>;

export function narrowed(rows: readonly RunRow[], query: string): RunRow[] {
  const [expected, text, from, to] = ['expected', 'text', 'from', 'to'].map((name) => valueOf(query, name));
  const ticked = DIMENSIONS.map((dimension) => [dimension, valuesOf(query, dimension)] as const).filter(([, values]) => values.length > 0);
  return rows.filter((row) => ticked.every(([dimension, values]) => valuesIn(row, dimension).some((one) => values.includes(one)))
    && (expected === undefined || row.asExpected === (expected === 'yes'))
    && (text === undefined || `${row.title}\n${row.why}`.toLowerCase().includes(text.toLowerCase()))
    && (from === undefined || Date.parse(row.sealedAt) >= Date.parse(from)) && (to === undefined || Date.parse(row.sealedAt) <= Date.parse(to)));
}

/** What there is to tick, the commonest first. */
export function facetsOf(rows: readonly RunRow[]): Facets {
  return DIMENSIONS.map((dimension) => {
    const counts = new Map<string, number>();
    for (const value of rows.flatMap((row) => valuesIn(row, dimension))) counts.set(value, (counts.get(value) ?? 0) + 1);
    return { dimension, values: [...counts].map(([value, runs]) => ({ value, runs })).sort((a, b) => b.runs - a.runs), more: 0 };
  });
}

function valuesIn(row: RunRow, dimension: Dimension): readonly string[] {
  return dimension === 'pipeline' || dimension === 'clip' || dimension === 'defect' ? row[OF_PASSES[dimension]] : [row[dimension] ?? NONE];
}
