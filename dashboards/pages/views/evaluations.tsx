// All evaluations, narrowed by verdict, base, series and time; the address is the filter.
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { EvaluationRow, Problem } from '../../api/shapes.ts';
import { useAsk } from '../app/asking.ts';
import { askEvaluations } from '../app/endpoints.ts';
import { get } from '../app/get.ts';
import { go, usePlace } from '../app/router.ts';
import { useTitle } from '../app/title.ts';
import { fixedList, only, toggled, valuesOf, withValue } from '../format/query.ts';
import { VERDICTS } from '../format/words.ts';
import { Answered, Empty, ProblemBox } from '../parts/answered.tsx';
import { iconOfVerdict } from '../parts/badge.tsx';
import { Chips } from '../parts/chips.tsx';
import { Command } from '../parts/copy.tsx';
import { Exports } from '../parts/exports.tsx';
import { PageHead } from '../parts/frame.tsx';
import { Icon } from '../parts/icon.tsx';
import { PermanentLink } from '../parts/permanent.tsx';
import { SpanFields } from '../parts/span-fields.tsx';
import { EvaluationTable } from './evaluation-table.tsx';

const NAMES = ['verdict', 'base', 'series', 'from', 'to'] as const;

export function EvaluationsPage(): VNode {
  useTitle('Evaluations');
  const filter = only(usePlace().query, NAMES);
  const answer = useAsk(askEvaluations(filter));
  const behind = useBehind(filter);
  const narrow = (query: string): void => { go(query === '' ? '/evaluations' : `/evaluations?${query}`, { stay: true }); };
  return (
    <>
      <PageHead title="Evaluations"><PermanentLink path="/evaluations" fixed={answer.old ? undefined : fixedList(filter, [...(answer.data?.evaluations ?? []), ...behind.rows].map((one) => one.endedAt))} /> <Exports table="evaluations" query={filter} /></PageHead>
      <div class="fields beside"><SpanFields names={['Ended from', 'Ended until']} query={filter} narrow={narrow} /></div>
      <div class="buttons" role="group" aria-label="Verdict">
        {VERDICTS.map((verdict) => <button key={verdict} type="button" aria-pressed={valuesOf(filter, 'verdict').includes(verdict)} onClick={() => { narrow(toggled(filter, 'verdict', verdict)); }}><Icon name={iconOfVerdict(verdict)} />{verdict}</button>)}
      </div>
      <Chips query={filter} names={NAMES} narrow={narrow} />
      <Answered answer={answer} what="the evaluations">
        {({ evaluations, next: first }) => {
          const rows = [...new Map([...evaluations, ...behind.rows].map((row) => [row.id, row])).values()];
          const next = behind.asked ? behind.next : first;
          if (rows.length === 0) return <Empty>{filter === '' ? <><p>No series has been evaluated yet. This one changes nothing, and shows what an evaluation is:</p><Command command="npx vlab evaluate harmless/refactor" /></> : <><p>No evaluation is like that.</p><button type="button" onClick={() => { narrow(''); }}>clear every filter</button></>}</Empty>;
          return (
            <>
              <EvaluationTable rows={rows} />
              {behind.problem === undefined ? null : <ProblemBox problem={behind.problem} />}
              {next === null ? null : <p><button type="button" disabled={behind.loading} onClick={() => { behind.more(next); }}>{behind.loading ? 'loading' : 'load more'}</button></p>}
            </>
          );
        }}
      </Answered>
    </>
  );
}

type Behind = { rows: readonly EvaluationRow[]; next: string | null; asked: boolean; loading: boolean; problem: Problem | undefined; more: (after: string) => void };

/** What lies behind the first rows, fetched once. */
function useBehind(filter: string): Behind {
  const [seen, setSeen] = useState<{ rows: readonly EvaluationRow[]; next: string | null; asked: boolean }>({ rows: [], next: null, asked: false });
  const [loading, setLoading] = useState(false);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const running = useRef<AbortController | undefined>(undefined);
  useEffect(() => {
    setSeen({ rows: [], next: null, asked: false });
    setProblem(undefined);
    setLoading(false);
    return () => { running.current?.abort(); };
  }, [filter]);
  const fetchMore = async (after: string, signal: AbortSignal): Promise<void> => {
    const got = await get(askEvaluations(withValue(filter, 'after', after)), signal);
    if (signal.aborted) return;
    setLoading(false);
    setProblem(got.ok ? undefined : got.problem);
    if (got.ok) setSeen((before) => ({ rows: [...before.rows, ...got.data.evaluations], next: got.data.next, asked: true }));
  };
  return {
    ...seen, loading, problem,
    more: (after) => {
      running.current = new AbortController();
      setLoading(true);
      void fetchMore(after, running.current.signal).catch(() => { setLoading(false); });
    },
  };
}
