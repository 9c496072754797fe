// What the same metric was in the past, on the same base, device, stack, clip and hosts, with the boots of this evaluation marked; or why there is no past, and what makes one.
import type { VNode } from 'preact';
import type { EvaluationDetail, RunDetail, Trends } from '../../../api/shapes.ts';
import { useAsk } from '../../app/asking.ts';
import { askRun, askTrends } from '../../app/endpoints.ts';
import { historyQuery, ownRuns, pastOf } from '../../format/history.ts';
import { counted } from '../../format/number.ts';
import { quoted } from '../../format/shell.ts';
import { fixedSpan } from '../../format/trend.ts';
import { Answered, Empty } from '../../parts/answered.tsx';
import { Command } from '../../parts/copy.tsx';
import { History } from '../../plots/history.tsx';
import type { Samples } from '../../plots/pairs.ts';

type Evaluation = EvaluationDetail['record'];
type Boot = NonNullable<RunDetail['record']>;

export function MetricHistory({ evaluation, samples }: { evaluation: Evaluation; samples: Samples }): VNode | null {
  const boot = samples.pairs.find((pair) => pair.base !== null)?.runs.base ?? samples.noise[0]?.runs.base;
  const answer = useAsk(boot === undefined ? null : askRun(boot), []);
  if (boot === undefined) return null;
  return <Answered answer={answer} what="a boot of it">{({ record }) => (record === null ? <p>The history cannot be asked for: boot {boot} is not sealed.</p> : <Asked evaluation={evaluation} samples={samples} boot={record} />)}</Answered>;
}

function Asked({ evaluation, samples, boot }: { evaluation: Evaluation; samples: Samples; boot: Boot }): VNode {
  const query = historyQuery(evaluation, samples, boot);
  return <Answered answer={useAsk(askTrends(query))} what="the history">{(trends) => <Told evaluation={evaluation} samples={samples} boot={boot} trends={trends} query={query} />}</Answered>;
}

function Told({ evaluation, samples, boot, trends: whole, query }: { evaluation: Evaluation; samples: Samples; boot: Boot; trends: Trends; query: string }): VNode {
  const { trends } = whole;
  const past = pastOf(trends, evaluation, boot, ownRuns(samples, evaluation));
  const [first] = trends;
  const others = past.filter(({ own }) => !own).length;
  if (first === undefined || past.length === 0) return <Empty><p>The record has no sample of this metric, not even those of this evaluation. To read every folder again:</p><Command command="npx vlab reindex" /></Empty>;
  return (
    <>
      <div class="charts"><History past={past} metric={first.metric} unit={first.unit} /></div>
      {others > 0 ? <p>{counted(others, 'point')} of the same metric, kernels, device, stack, clip and {new Set(past.map(({ host }) => host)).size === 1 ? 'host' : 'hosts'} from outside of this evaluation, whose own boots are on the band. <a href={`/trends?${fixedSpan(query, whole) ?? query}`}>Look closer</a></p>
        : <Empty><p>There is no history yet: all of these samples are of this evaluation. {evaluation.against === undefined ? 'Every further evaluation on this base' : 'Every night'} adds to it:</p><Command command={againCommand(evaluation)} /></Empty>}
    </>
  );
}

function againCommand({ series, base, against, device, stack }: Evaluation): string {
  if (against !== undefined) return 'npx vlab nightly --wait';
  return ['npx vlab evaluate', ...(series === '' ? ['SERIES'] : [quoted(series)]), '--base', quoted(base), '--device', quoted(device), '--stack', quoted(stack)].join(' ');
}
