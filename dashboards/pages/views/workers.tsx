// Who is at work, at what, and what waits.
import type { VNode } from 'preact';
import type { QueueView } from '../../api/shapes.ts';
import { useAsk } from '../app/asking.ts';
import { askQueue } from '../app/endpoints.ts';
import { health } from '../app/health.ts';
import { useStore } from '../app/store.ts';
import { useTitle } from '../app/title.ts';
import { counted, grouped } from '../format/number.ts';
import { printable } from '../format/printable.ts';
import { Answered, Empty } from '../parts/answered.tsx';
import { Command } from '../parts/copy.tsx';
import { Exports } from '../parts/exports.tsx';
import { Fold, PageHead, Section, Wide } from '../parts/frame.tsx';
import { RunId, Text } from '../parts/ids.tsx';
import { Since } from '../parts/when.tsx';
import { Drain } from './drain.tsx';

export function WorkersPage(): VNode {
  useTitle('Workers and queue');
  const answer = useAsk(askQueue(), ['queue', 'record']);
  return (
    <>
      <PageHead title="Workers and queue"><Exports table="workers" /> <a href="/queues">every job of the queue (bull-board, read only)</a></PageHead>
      <Answered answer={answer} what="the queue">{(queue) => <Body queue={queue} again={answer.again} />}</Answered>
      <Unreadable />
    </>
  );
}

/** Folders that hold something, and not what is expected: told, not passed over. */
function Unreadable(): VNode | null {
  const { unreadable } = useStore(health);
  if (unreadable.length === 0) return null;
  return (
    <Section id="unreadable" title="Folders that could not be read" aside={<Exports table="unreadable" />}>
      <p>Each is read again as soon as it changes: put its record back from a copy, or remove it from the lab's folder.</p>
      <Fold title={`${counted(unreadable.length, 'folder')}: no page shows them`}><ul class="plain">{unreadable.map(({ path, why }) => <li key={path}><code>{printable(path)}</code> <Text text={why} /></li>)}</ul></Fold>
    </Section>
  );
}

function Body({ queue: { up, version, counts, workers }, again }: { queue: QueueView; again: () => void }): VNode {
  if (!up) return <Empty><p>The queue does not answer: what waits in it, and who is at work, is not known. This page asks again by itself. What is missing is said by:</p><Command command="npx vlab doctor" /></Empty>;
  const noiseWhy = workers.map((one) => one.noiseWhy).find((why) => why !== null);
  return (
    <>
      <Section id="queue" title="Queue">
        <dl class="counts">{Object.entries(counts).map(([name, count]) => <div key={name}><dt>{name}</dt><dd class={count === 0 ? 'faint' : ''}>{grouped(count)}</dd></div>)}</dl>
      </Section>
      <Section id="workers" title="Workers" aside={<span class="faint">{counted(workers.length, 'worker')}, {counted(workers.reduce((sum, { slots }) => sum + slots, 0), 'slot')}</span>}>
        {noiseWhy === undefined ? null : <p>How much the hosts scatter could not be looked up: <Text text={noiseWhy} /></p>}
        {workers.length === 0 ? <Empty><p>Nobody is at work. What is asked for waits until somebody is:</p><Command command="npx vlab worker" /></Empty> : <WorkerTable workers={workers} version={version} again={again} />}
      </Section>
    </>
  );
}

function WorkerTable({ workers, version, again }: { workers: QueueView['workers']; version: string; again: () => void }): VNode {
  return (
    <Wide label="Workers">
      <table>
        <thead><tr><th scope="col">worker</th><th scope="col">host</th><th scope="col" class="figure">slots</th><th scope="col">host has</th><th scope="col">running</th><th scope="col" class="figure">noise floor of frame time</th><th scope="col">up for</th><th scope="col">takes work</th></tr></thead>
        <tbody>{workers.map(({ worker, host, slots, can, facts, running, since, noisePct, drains, draining, why, version: its }) => (
          <tr key={worker}>
            <th scope="row">{printable(worker)}</th><td>{printable(host)}</td><td class="figure">{running.length} of {slots}</td><td>{factsOf(facts, can)}</td>
            <td>{running.length === 0 ? <span class="faint">idle</span> : running.map((id) => <div key={id}>{/^r-[0-9a-z]{10}$/.test(id) ? <RunId id={id} /> : printable(id)}</div>)}</td>
            <td class="figure">{noisePct === null ? <span class="faint">not known</span> : `${noisePct.toFixed(2)} %`}</td><td class="when"><Since at={since} /></td>
            <td>
              {its === version ? null : <div>only that of lab {printable(its)}; this is lab {version}</div>}
              {draining ? <div>none</div> : null}{why === null ? null : <div class="faint"><Text text={why} /></div>}
              {drains ? <Drain worker={worker} draining={draining} asked={again} /> : null}
            </td>
          </tr>
        ))}</tbody>
      </table>
    </Wide>
  );
}

/** null: not tried yet. */
function factsOf(facts: QueueView['workers'][number]['facts'], can: readonly string[]): string {
  if (facts === null) return can.length === 0 ? 'nothing special' : can.join(', ');
  const { accelerator, display, virgl, blob, venus, cores, memoryMiB } = facts;
  const devices = [virgl === true ? 'virgl' : '', blob ? 'blob' : '', venus ? 'venus' : ''].filter((word) => word !== '');
  return [accelerator === null ? 'not tried yet' : `${accelerator}, ${display ?? 'no display'}`, ...devices, counted(cores, 'core'), `${(memoryMiB / 1024).toFixed(0)} GiB`].join(', ');
}
