// vlab b4-check: what this lab knows of the patch whose mail is on standard input, as b4 asks for it (b4.review-series-check-cmd and
// b4.review-perpatch-check-cmd). Looks, runs nothing.
import PostalMime from 'postal-mime';
import type { EvaluationRecord } from '../contract/evaluation.ts';
import { isAdded } from '../kernel/series.ts';
import { sentence } from '../report/evaluation/terminal.ts';
import { readAdded } from '../series/added.ts';
import { readStdin } from '../series/read-stdin.ts';
import { listEvaluations } from '../store/evaluations.ts';
import { answer, type Answer, type Context } from './command.ts';

/** An empty list is b4's word for "nothing known". */
export async function b4Check({ lab }: Context): Promise<Answer<'b4-check'>> {
  const mail = await PostalMime.parse(await readStdin());
  const asked = bare(mail.messageId ?? '');
  const checks = asked === '' ? [] : await checksOf(asked, lab.config);
  return answer('b4-check', checks, JSON.stringify(checks));
}

async function checksOf(asked: string, config: Context['lab']['config']): Promise<Check[]> {
  const matching: EvaluationRecord[] = [];
  let whole = 0;
  for (const record of await listEvaluations(config.home)) {
    if (!isAdded(record.series)) continue;
    const source = (await readAdded(config, record.series))?.source;
    const ids = [source?.cover?.messageId, ...(source?.patches.map((patch) => patch.messageId) ?? []), record.messageId];
    if (!ids.some((id) => id !== undefined && id !== null && bare(id) === asked)) continue;
    matching.push(record);
    whole = Math.max(whole, source?.patches.length ?? 0);
  }
  const speaks = speaksFor(matching, whole);
  return speaks === undefined ? [] : [checkOf(speaks)];
}

/** Of the evaluations of a series of `whole` patches, the newest first, the one that speaks for it: what was checked in part only, or of its first patches, vouches for nothing, and one without a verdict hides none that was given. */
export function speaksFor(records: readonly EvaluationRecord[], whole: number): EvaluationRecord | undefined {
  const full = records.filter(({ checked, ofPatches, patches }) => checked === undefined && ofPatches === undefined && patches.length >= whole);
  return full.find(({ verdict }) => verdict !== null) ?? full[0];
}

type Check = { tool: string; status: 'pass' | 'warn' | 'fail'; summary: string; details: string };

function checkOf(record: EvaluationRecord): Check {
  const status = record.verdict === 'better' || record.verdict === 'equivalent' ? 'pass' : record.verdict === 'failed' || record.verdict === 'worse' ? 'fail' : 'warn';
  return { tool: 'vlab', status, summary: sentence(record), details: record.correctness.failures.map((one) => `${one.detector}: ${one.why}`).join('\n') };
}

function bare(id: string): string {
  return id.replaceAll(/[<>\s]/g, '');
}
