// Where along a series a cost comes in, as rows of cells: how many patches, the change of each figure against one patch fewer, and the last of the patches,
// whose name stands where it may be cut.
import type { EvaluationRecord } from '../../contract/evaluation.ts';
import { CallName } from '../../contract/run.ts';

export const PREFIX_TITLE = 'instructions, patch by patch, from one boot each';

/** The header first; nothing where no prefixes were booted. */
export function prefixCells({ prefixes }: EvaluationRecord): string[][] {
  const [base] = prefixes;
  if (base === undefined) return [];
  const names = base.figures.map(({ pipeline }) => (CallName.safeParse(pipeline).success ? `call ${pipeline}` : pipeline));
  return [
    ['patches', ...names, 'the last of them'],
    ...prefixes.map(({ patches, file, figures }) => [String(patches), ...figures.map(({ value, stepPct }) => (stepPct === null ? String(value) : `${stepPct >= 0 ? '+' : ''}${stepPct.toFixed(2)} %`)), patches === 0 ? 'none: the base' : file]),
  ];
}
