// One run: what came of it, where the time went, what every pipeline did, and all that it left behind.
import type { VNode } from 'preact';
import type { RunDetail } from '../../../api/shapes.ts';
import { useAsk } from '../../app/asking.ts';
import { useEvery } from '../../app/clock.ts';
import { askRun } from '../../app/endpoints.ts';
import { framesLink } from '../../app/links.ts';
import { useTitle } from '../../app/title.ts';
import { counted } from '../../format/number.ts';
import { withValue } from '../../format/query.ts';
import { marksOf, spansOf } from '../../format/stages.ts';
import { STATES } from '../../format/words.ts';
import { Waterfall } from '../../plots/waterfall.tsx';
import { Answered } from '../../parts/answered.tsx';
import { Command } from '../../parts/copy.tsx';
import { Exports } from '../../parts/exports.tsx';
import { PageHead, Section } from '../../parts/frame.tsx';
import { JobId, RunId, Text } from '../../parts/ids.tsx';
import { Calls } from './calls.tsx';
import { Capabilities } from './capabilities.tsx';
import { Exercise } from './exercise.tsx';
import { Files } from './files.tsx';
import { Findings } from './findings.tsx';
import { KernelBuild } from './kernel-build.tsx';
import { Logs } from './logs.tsx';
import { RunOutcome } from './outcome.tsx';
import { Passes } from './passes.tsx';
import { Properties } from './properties.tsx';
import { Steps } from './steps.tsx';

const LIVE_MS = 3000;

export function RunPage({ id }: { id: string }): VNode {
  useTitle(`Run ${id}`);
  const answer = useAsk(askRun(id), ['record', 'queue']);
  // Nobody tells how far a run is: it is asked while it lives.
  useEvery(LIVE_MS, answer.data?.state === 'live' || answer.data?.state === 'waiting', answer.again);
  return (
    <>
      <PageHead title={<>Run <span class="id">{id}</span></>}><KeptLink run={answer.data} /></PageHead>
      <Answered answer={answer} what="the run">{(run) => <Body run={run} />}</Answered>
    </>
  );
}

function KeptLink({ run }: { run: RunDetail | undefined }): VNode | null {
  const kept = (run?.record?.pipelines ?? []).reduce((sum, row) => sum + row.kept.length, 0);
  return run === undefined || kept === 0 ? null : <a class="button" href={framesLink(run.id)}>{counted(kept, 'picture')} of wrong frames</a>;
}

/** There is no log, no file and no figure of it yet. */
function Waiting({ run: { state, request, commands } }: { run: RunDetail }): VNode {
  return (
    <>
      <p class="outcome s-waiting">{STATES[state]}</p>
      {request === null ? null : <p><Text text={request.title} />, <JobId id={request.job} />. What works: <a href="/workers">workers and queue</a></p>}
      <Section id="commands" title="In a terminal">{commands.map(({ what, command }) => <div key={what}><p class="faint">{what}</p><Command command={command} what={what} /></div>)}</Section>
    </>
  );
}

function Body({ run }: { run: RunDetail }): VNode {
  const { record, events } = run;
  const [first] = events;
  const spans = spansOf(events, record?.stages ?? []);
  if (run.state === 'waiting') return <Waiting run={run} />;
  return (
    <>
      {record === null ? <p class={`outcome ${run.state === 'lost' ? 's-broken' : 's-waiting'}`}>{STATES[run.state]}</p> : <RunOutcome record={record} />}
      {record === null || record.console.length === 0 ? null : <Findings run={run.id} findings={record.console} />}
      <Section id="stages" title="Stages" aside={spans.length === 0 ? null : <Exports table="stages" query={withValue('', 'run', run.id)} />}>
        {spans.length === 0 ? <p class="faint">No stage has begun.</p> : <Waterfall spans={spans} marks={marksOf(events)} openedAt={first === undefined ? 0 : Date.parse(first.at) - first.ms} />}
      </Section>
      {record === null ? null : (
        <>
          {record.pipelines.length === 0 ? null : <Section id="pipelines" title="Pipelines" aside={<Exports table="passes" query={withValue('', 'run', run.id)} />}><Passes run={run.id} rows={record.pipelines} /></Section>}
          <Steps run={run.id} rows={record.pipelines} />
          <Calls run={run.id} calls={record.calls} />
          <Properties run={run.id} properties={record.properties} />
          <Exercise run={run.id} exercise={record.exercise} />
        </>
      )}
      <Logs run={run} />
      {record?.kernel === undefined || record.kernel === null ? null : <KernelBuild run={run.id} kernel={record.kernel} />}
      <Capabilities run={run} />
      <Files run={run} />
      {run.siblings.length === 0 ? null : <Section id="siblings" title="Other boots of the same job and kernel"><ul class="plain files">{run.siblings.map(({ id, what }) => <li key={id}><RunId id={id} /> {what}</li>)}</ul></Section>}
      {run.commands.length === 0 ? null : <Section id="commands" title="In a terminal">{run.commands.map(({ what, command }) => <div key={what}><p class="faint">{what}</p><Command command={command} what={what} /></div>)}</Section>}
    </>
  );
}
