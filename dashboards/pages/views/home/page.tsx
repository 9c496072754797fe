// What is new: the newest matrix, what changed in it, evaluations, jobs, and who is at work.
import type { VNode } from 'preact';
import type { EvaluationRow, Home, JobSummary, QueueView } from '../../../api/shapes.ts';
import { useAsk } from '../../app/asking.ts';
import { askHome } from '../../app/endpoints.ts';
import { jobLink, nightLink, whereShown } from '../../app/links.ts';
import { useTitle } from '../../app/title.ts';
import { counted, grouped, sayChange } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { Answered, Empty } from '../../parts/answered.tsx';
import { StatusBadge } from '../../parts/badge.tsx';
import { Command } from '../../parts/copy.tsx';
import { Exports } from '../../parts/exports.tsx';
import { PageHead, Section, Wide } from '../../parts/frame.tsx';
import { JobId, Text } from '../../parts/ids.tsx';
import { When } from '../../parts/when.tsx';
import { EvaluationTable } from '../evaluation-table.tsx';
import { Changes } from './changes.tsx';
import { MatrixHead } from './matrix-head.tsx';
import { MatrixTable } from './matrix-table.tsx';
import { Night, NightAlarm } from './night.tsx';

/** What the queue counts and does not hold: these wait for nothing. */
const ENDED: ReadonlySet<string> = new Set(['completed', 'failed']);

export function HomePage(): VNode {
  useTitle('Home');
  const answer = useAsk(askHome(), ['record', 'queue', 'night', 'alerts']);
  return <><h1 class="unseen">Virgil Lab</h1><Answered answer={answer} what="what is new">{(home) => <Body home={home} />}</Answered></>;
}

function Body({ home: { matrix, changes, night, nightAlarm, alerts, jobs, evaluations, queue } }: { home: Home }): VNode {
  if (matrix === null && jobs.length === 0 && evaluations.length === 0) return <><PageHead title="Nothing has run yet" /><NightAlarm alarm={nightAlarm} /><FirstSteps /><QueueInShort queue={queue} /></>;
  return (
    <>
      <NightAlarm alarm={nightAlarm} />
      {night === null ? null : <Night night={night} title="Newest night" own={nightLink(night.id)} />}
      {matrix === null ? null : (
        <Section id="matrix" title={night === null ? 'Newest matrix' : 'Its matrix'} aside={<><a href={jobLink(matrix.job.id)}>the whole job</a> <Exports table="cells" query={`job=${encodeURIComponent(matrix.job.id)}`} /></>}>
          <MatrixHead matrix={matrix} />
          {night === null ? <Changes changes={changes} before={matrix.before} /> : null}
          <MatrixTable matrix={matrix} />
        </Section>
      )}
      <div class="two">
        <div>
          <OpenAlerts open={alerts.open} newest={alerts.newest} />
          <Evaluations rows={evaluations} />
        </div>
        <div>
          <QueueInShort queue={queue} />
          <Jobs jobs={jobs} />
        </div>
      </div>
    </>
  );
}

function OpenAlerts({ open, newest }: Home['alerts']): VNode {
  return (
    <Section id="alerts" title="Open alerts" aside={<><a href="/alerts">{open === 0 ? 'all' : `all ${String(open)}`}</a> <Exports table="alerts" query="state=new" /></>}>
      {open === 0 ? <p>No level became worse that nobody has said anything of.</p> : (
        <ul class="plain">
          {newest.map((alert) => <li key={alert.id}><a href={whereShown(alert)}>{printable(`${alert.metric}, ${alert.subject}`)}</a> {sayChange(alert.changePct)} <span class="faint">{printable(alert.group)}, <When at={alert.at} /></span></li>)}
        </ul>
      )}
    </Section>
  );
}

function FirstSteps(): VNode {
  return (
    <Empty>
      <p>A job is one YAML file; this one builds kernels, boots them and checks every frame:</p>
      <Command command="npx vlab run jobs/first-look.yaml" />
      <p>What a patch series costs, and whether it is right:</p>
      <Command command="npx vlab evaluate harmless/refactor" />
      <p>What is new since last night, and again every night:</p>
      <Command command="npx vlab nightly --wait --profile quick" />
      <p class="faint">What they find appears here by itself.</p>
    </Empty>
  );
}

function Evaluations({ rows }: { rows: EvaluationRow[] }): VNode {
  return (
    <Section id="evaluations" title="Newest evaluations" aside={<><a href="/evaluations">all</a> <Exports table="evaluations" /></>}>
      {rows.length === 0 ? <Empty><p>None yet. To hold a series against its base:</p><Command command="npx vlab evaluate harmless/refactor" /></Empty> : <EvaluationTable rows={rows} short />}
    </Section>
  );
}

function Jobs({ jobs }: { jobs: JobSummary[] }): VNode {
  return (
    <Section id="jobs" title="Newest jobs" aside={<Exports table="jobs" />}>
      {jobs.length === 0 ? <Empty><p>None yet. This one is quick:</p><Command command="npx vlab run jobs/first-look.yaml" /></Empty> : (
        <Wide label="Newest jobs">
          <table>
            <thead><tr><th scope="col">job</th><th scope="col">title</th><th scope="col">as expected</th><th scope="col">when</th></tr></thead>
            <tbody>{jobs.map((job) => (
              <tr key={job.id}><th scope="row"><JobId id={job.id} /></th><td class="long"><Text text={job.title} /></td><td><Expected job={job} /></td><td class="when"><When at={job.submittedAt} /></td></tr>
            ))}</tbody>
          </table>
        </Wide>
      )}
    </Section>
  );
}

function Expected({ job: { runs, sealed, asExpected } }: { job: JobSummary }): VNode {
  const waiting = runs - sealed;
  const surprises = sealed - asExpected;
  return (
    <span class="row-of">
      <span class="figures">{asExpected} of {runs}</span>
      {surprises > 0 ? <span class="badge surprise s-failed">{counted(surprises, 'surprise')}</span> : null}
      {waiting > 0 ? <StatusBadge status="waiting" note={` for ${String(waiting)}`} /> : null}
    </span>
  );
}

function QueueInShort({ queue }: { queue: QueueView }): VNode {
  const running = queue.workers.reduce((sum, worker) => sum + worker.running.length, 0);
  const waiting = Object.entries(queue.counts).filter(([name, count]) => count > 0 && !ENDED.has(name));
  return (
    <Section id="queue" title="Queue and workers" aside={<><a href="/workers">look closer</a> <Exports table="workers" /></>}>
      {queue.up ? (
        <p>{counted(queue.workers.length, 'worker')}, {running === 0 ? 'none at work' : `${grouped(running)} at work`}. {waiting.length === 0 ? 'Nothing is queued.' : `In the queue: ${waiting.map(([name, count]) => `${name} ${grouped(count)}`).join(', ')}.`}</p>
      ) : <p>The queue does not answer: what waits in it, and who is at work, is not known. <code>npx vlab doctor</code> says what is missing.</p>}
    </Section>
  );
}
