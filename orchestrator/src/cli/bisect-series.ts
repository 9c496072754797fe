// The prefixes of a series as kernels that come one after another.
import type { EvaluationRecord } from '../contract/evaluation.ts';
import { line } from '../evaluate/bisect.ts';
import type { BisectOptions } from './bisect.ts';
import type { Context } from './command.ts';
import { evaluate, seriesAsked } from './evaluate.ts';
import type { Hunt } from './hunt.ts';

export async function seriesHunt(context: Context, words: readonly string[], options: BisectOptions): Promise<Hunt> {
  const { series, baseName } = await seriesAsked(context, words, options.base);
  const files = series.patches.map((patch) => patch.file);
  const subjectOf = (file: string): string => /^Subject: (?:\[[^\]]*\] *)?(.*)$/m.exec(series.patches.find((one) => one.file === file)?.text ?? '')?.[1] ?? file;
  return {
    what: 'series', of: series.name, base: baseName, unit: 'patch', identity: { patches: series.patches.map((patch) => patch.sha256) }, places: line(files),
    described: (id) => ({ id, subject: subjectOf(id), author: null, date: null }),
    called: (id) => `the first ${String(files.indexOf(id) + 1)} of ${String(files.length)}, up to ${id}`,
    evaluate: async (id, metric, narrow) => (await evaluate(context, [series.name], { ...options, base: baseName, patches: String(files.indexOf(id) + 1), metric, ...(narrow === undefined ? {} : { narrow }) })).document as EvaluationRecord,
  };
}
