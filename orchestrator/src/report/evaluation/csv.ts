// Raw samples as CSV: a line per pair, of the series and of the base against itself.
import type { EvaluationRecord } from '../../contract/evaluation.ts';

export async function csvOf({ id, samples }: EvaluationRecord): Promise<string> {
  const { stringify } = await import('csv-stringify/sync');
  const rows = samples.flatMap((one) => ([['pair', one.pairs], ['noise', one.noise]] as const).flatMap(([set, pairs]) => pairs.map((pair, n) => ({
    evaluation: id, metric: one.metric, pipeline: one.pipeline, kind: one.kind, unit: one.unit, set, n, block: pair.block, order: pair.order, host: pair.host,
    base: pair.base, patched: pair.patched, run_base: pair.runs.base, run_patched: pair.runs.patched,
  }))));
  const columns = ['evaluation', 'metric', 'pipeline', 'kind', 'unit', 'set', 'n', 'block', 'order', 'host', 'base', 'patched', 'run_base', 'run_patched'];
  // A host name that begins with = must stay text in a spreadsheet.
  return stringify(rows, { header: true, columns, escape_formulas: true, cast: { number: (value) => String(value) } });
}
