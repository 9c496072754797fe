// One series: what it is, its versions, how it was judged, and its runs.
import type { VNode } from 'preact';
import type { SeriesDetail } from '../../../api/shapes.ts';
import { useAsk } from '../../app/asking.ts';
import { askSeries } from '../../app/endpoints.ts';
import { runsLink } from '../../app/links.ts';
import { usePlace } from '../../app/router.ts';
import { useTitle } from '../../app/title.ts';
import { fixedList, valueOf, withValue, withValues } from '../../format/query.ts';
import { printable } from '../../format/printable.ts';
import { Answered, Empty } from '../../parts/answered.tsx';
import { Command } from '../../parts/copy.tsx';
import { Exports } from '../../parts/exports.tsx';
import { Facts, PageHead, Section } from '../../parts/frame.tsx';
import { SeriesName, Text } from '../../parts/ids.tsx';
import { PermanentLink } from '../../parts/permanent.tsx';
import { quoted } from '../../format/shell.ts';
import { Prefixes } from '../evaluation/prefixes.tsx';
import { EvaluationTable } from '../evaluation-table.tsx';
import { RunTable } from '../run-table.tsx';
import { Designs } from './designs.tsx';
import { Newest } from './table.tsx';

export function SeriesPage(): VNode {
  const name = valueOf(usePlace().query, 'name') ?? '';
  useTitle(`Series ${printable(name)}`);
  const answer = useAsk(name === '' ? null : askSeries(name));
  if (name === '') return <><PageHead title="Series" /><p>No series is named here. <a href="/series">All series</a></p></>;
  return (
    <>
      <PageHead title={<>Series <span class="name">{printable(name)}</span></>}><a href={runsLink({ series: name })}>its runs</a></PageHead>
      <Answered answer={answer} what="the series">{(detail) => <Body key={name} detail={detail} />}</Answered>
    </>
  );
}

function Body({ detail: { name, title, kind, summary, appliesTo, patches, versions, source, perPatch, history, runsOf } }: { detail: SeriesDetail }): VNode {
  return (
    <>
      <p class="lede"><Text text={title} /></p>
      {summary === null ? null : <p class="theirs"><Text text={summary} /></p>}
      <Facts rows={[['kind', kind], ['applies to', appliesTo.map(printable).join(', ')], ...(source === null ? [] : [['from', <Text key="s" text={source} />] as const])]} />
      <Section id="patches" title="Patches">
        {patches.length === 0 ? <p class="faint">None: the base under a name of its own.</p> : <ol>{patches.map(({ file, subject }) => <li key={file}><Text text={subject} /> <code class="faint">{printable(file)}</code></li>)}</ol>}
      </Section>
      {versions.length < 2 ? null : (
        <Section id="versions" title="Versions" aside={<Exports table="versions" query={withValue('', 'name', name)} />}>
          <ul class="plain">{versions.map((one) => <li key={one.name}>v{one.version} <SeriesName name={one.name} /> <Newest row={one} /></li>)}</ul>
        </Section>
      )}
      {perPatch === null ? null : <Prefixes evaluation={perPatch.evaluation} prefixes={perPatch.prefixes} elsewhere />}
      {kind === 'designs' ? <Designs /> : null}
      <Section id="history" title="Evaluations" aside={<><PermanentLink path="/evaluations" fixed={fixedList(withValue('', 'series', name), history.map((one) => one.endedAt))} /> <Exports table="evaluations" query={withValue('', 'series', name)} /></>}>
        {history.length === 0 ? <Empty><p>It has not been evaluated:</p><Command command={`npx vlab evaluate ${quoted(name)}`} /></Empty> : <EvaluationTable rows={history} />}
      </Section>
      <Section id="runs" title="Newest runs" aside={<><PermanentLink path="/runs" fixed={fixedList(withValues('', 'series', [name]), runsOf.map((one) => one.sealedAt))} /> <Exports table="runs" query={withValues('', 'series', [name])} /></>}>{runsOf.length === 0 ? <Empty><p>It has not run yet. To evaluate it boots it:</p><Command command={`npx vlab evaluate ${quoted(name)}`} /></Empty> : <RunTable rows={runsOf} />}</Section>
    </>
  );
}
