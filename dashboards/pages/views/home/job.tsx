// One job: its matrix, and what changed since the job before of the same file.
import type { VNode } from 'preact';
import { useAsk } from '../../app/asking.ts';
import { askJob } from '../../app/endpoints.ts';
import { runsLink } from '../../app/links.ts';
import { useTitle } from '../../app/title.ts';
import { Answered } from '../../parts/answered.tsx';
import { StatusBadge } from '../../parts/badge.tsx';
import { Command } from '../../parts/copy.tsx';
import { Exports } from '../../parts/exports.tsx';
import { PageHead, Section } from '../../parts/frame.tsx';
import { Changes } from './changes.tsx';
import { MatrixHead } from './matrix-head.tsx';
import { MatrixTable } from './matrix-table.tsx';

export function JobPage({ id }: { id: string }): VNode {
  useTitle(`Job ${id}`);
  const answer = useAsk(askJob(id), ['record']);
  return (
    <>
      <PageHead title={<>Job <span class="id">{id}</span></>}><a href={runsLink({ job: id })}>its runs</a> <Exports table="cells" query={`job=${encodeURIComponent(id)}`} /></PageHead>
      <Answered answer={answer} what="the job">
        {({ matrix, changes }) => (
          <>
            <MatrixHead matrix={matrix} />
            <p class="row-of">{Object.entries(matrix.job.outcomes).map(([kind, count]) => <a key={kind} class="quiet" href={runsLink({ job: id, outcome: kind })}><StatusBadge status={kind} note={` ${String(count)}`} /></a>)}</p>
            <Section id="changes" title="Since the job before" aside={<Exports table="changes" query={`job=${encodeURIComponent(id)}`} />}><Changes changes={changes} before={matrix.before} told /></Section>
            <Section id="matrix" title="Kernel by pipeline"><MatrixTable matrix={matrix} /></Section>
            <Section id="again" title="In a terminal"><Command command={`npx vlab show ${id}`} /></Section>
          </>
        )}
      </Answered>
    </>
  );
}
