// A status as drawing, word and colour. What is as expected is calm, a surprise is filled.
import type { VNode } from 'preact';
import type { CellStatus, Kind, Verdict } from '../format/words.ts';
import { Icon, type IconName } from './icon.tsx';

const OF_STATUS: Readonly<Record<CellStatus, IconName>> = {
  passed: 'check', failed: 'cross', rejected: 'slash', broken: 'bolt', cancelled: 'stop', unavailable: 'ring', 'not-run': 'dash', waiting: 'dots',
};

const OF_VERDICT: Readonly<Record<Verdict, IconName>> = { failed: 'cross', worse: 'up', better: 'down', equivalent: 'equal', inconclusive: 'ring' };

export function iconOfStatus(status: string): IconName {
  return status in OF_STATUS ? OF_STATUS[status as CellStatus] : 'dash';
}

export function iconOfVerdict(verdict: Verdict): IconName {
  return OF_VERDICT[verdict];
}

/** `asExpected` left out: nothing was expected, the word stands for itself. */
export function StatusBadge({ status, asExpected, note }: { status: string; asExpected?: boolean; note?: string }): VNode {
  const tone = asExpected === undefined ? '' : asExpected ? ' expected' : ' surprise';
  return <span class={`badge s-${status}${tone}`}><Icon name={iconOfStatus(status)} />{status}{note === undefined ? null : <span class="note">{note}</span>}</span>;
}

/** The outcome of a run, with what was expected where that needs saying. */
export function OutcomeBadge({ kind, expect, asExpected }: { kind: Kind; expect: string; asExpected: boolean }): VNode {
  const note = asExpected ? (kind === 'passed' ? undefined : ', as expected') : expect === 'passed' ? undefined : `, ${expect} expected`;
  return <StatusBadge status={kind} asExpected={asExpected} {...(note === undefined ? {} : { note })} />;
}

export function VerdictBadge({ verdict, outcome }: { verdict: Verdict | null; outcome: Kind }): VNode {
  if (verdict === null) return <StatusBadge status={outcome} note=", no verdict" />;
  return <span class={`badge v-${verdict}`}><Icon name={OF_VERDICT[verdict]} />{verdict}</span>;
}
