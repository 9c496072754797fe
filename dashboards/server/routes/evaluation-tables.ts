// What one evaluation says, table by table.
import * as z from 'zod';
import { EvaluationId } from '../../../orchestrator/src/contract/ids.ts';
import { countersOf } from '../../pages/format/counters.ts';
import { evaluationIn } from '../queries/evaluation.ts';
import type { Parts } from '../server.ts';
import { serveTable } from '../tables.ts';
import type { Api } from './api.ts';

const VERDICTS = ['metric', 'pipeline', 'kind', 'primary', 'verdict', 'changePct', 'ciLowPct', 'ciHighPct', 'p', 'adjusted', 'pairs', 'dropped', 'limitPct', 'noisePct', 'detectablePct', 'morePairs', 'unit', 'baseMedian', 'patchedMedian', 'baseSdPct', 'patchedSdPct', 'bimodal'] as const;
/** `again`: the boot that confirmed it. */
const FAILURES = ['state', 'detector', 'what', 'why', 'flavour', 'run', 'again'] as const;
const FACTS = ['counter', 'pipeline', 'base', 'patched', 'changePct', 'boots', 'verdict', 'runBase', 'runPatched'] as const;
const PHASES = ['phase', 'seconds', 'workSeconds'] as const;
/** `stepPct`: against one patch fewer. */
const PREFIXES = ['patches', 'file', 'metric', 'pipeline', 'value', 'stepPct', 'run'] as const;
/** `set`: noise is the base against itself. */
const SAMPLES = ['metric', 'pipeline', 'kind', 'unit', 'set', 'n', 'block', 'order', 'host', 'base', 'patched', 'runBase', 'runPatched'] as const;

const OfEvaluation = z.object({ evaluation: EvaluationId });

export function evaluationTables(api: Api, { home }: Parts): void {
  serveTable(api, {
    path: '/verdicts', summary: 'What an evaluation says of each metric', query: OfEvaluation, columns: VERDICTS,
    rows: async ({ evaluation }) => (await evaluationIn(home, evaluation)).metrics.map(({ ci, ...row }) => ({ ...row, ciLowPct: ci?.[0] ?? null, ciHighPct: ci?.[1] ?? null })),
  });

  serveTable(api, {
    path: '/failures', summary: 'What an evaluation found to be wrong: new, known from the base, and what a second boot did not confirm', query: OfEvaluation, columns: FAILURES,
    rows: async ({ evaluation }) => {
      const { failures, known, unconfirmed } = (await evaluationIn(home, evaluation)).correctness;
      return ([['new', failures], ['known', known], ['unconfirmed', unconfirmed]] as const).flatMap(([state, own]) => own.map((one) => ({ state, ...one })));
    },
  });

  serveTable(api, {
    path: '/facts', summary: 'Counters that an evaluation found to have changed', query: OfEvaluation, columns: FACTS,
    rows: async ({ evaluation }) => countersOf(await evaluationIn(home, evaluation)).map(({ runs, ...counter }) => ({ ...counter, runBase: runs?.base ?? null, runPatched: runs?.patched ?? null })),
  });

  serveTable(api, { path: '/phases', summary: 'Where the time of an evaluation went; workSeconds: of them, a guest ran or a compiler did', query: OfEvaluation, columns: PHASES, rows: async ({ evaluation }) => (await evaluationIn(home, evaluation)).phases });

  serveTable(api, {
    path: '/prefixes', summary: 'Figures of an evaluation patch by patch, where it was asked for them', query: OfEvaluation, columns: PREFIXES,
    rows: async ({ evaluation }) => (await evaluationIn(home, evaluation)).prefixes.flatMap(({ figures, ...prefix }) => figures.map((figure) => ({ ...prefix, ...figure }))),
  });

  serveTable(api, {
    path: '/samples', summary: 'Every pair of boots that an evaluation measured', query: OfEvaluation, columns: SAMPLES,
    rows: async ({ evaluation }) => (await evaluationIn(home, evaluation)).samples.flatMap(({ pairs, noise, ...of }) =>
      ([['pair', pairs], ['noise', noise]] as const).flatMap(([set, own]) => own.map(({ runs, ...pair }, n) => ({ ...of, set, n, ...pair, runBase: runs.base, runPatched: runs.patched })))),
  });
}
