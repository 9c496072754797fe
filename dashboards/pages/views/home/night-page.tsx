// One night, at an address that stays its own: what Home shows of the newest.
import type { VNode } from 'preact';
import { useAsk } from '../../app/asking.ts';
import { askNight } from '../../app/endpoints.ts';
import { jobLink } from '../../app/links.ts';
import { useTitle } from '../../app/title.ts';
import { printable } from '../../format/printable.ts';
import { withValue } from '../../format/query.ts';
import { Answered } from '../../parts/answered.tsx';
import { Exports } from '../../parts/exports.tsx';
import { PageHead, Section } from '../../parts/frame.tsx';
import { MatrixHead } from './matrix-head.tsx';
import { MatrixTable } from './matrix-table.tsx';
import { Night } from './night.tsx';

export function NightPage({ id }: { id: string }): VNode {
  useTitle(`Night ${id}`);
  const answer = useAsk(askNight(id), ['record']);
  return (
    <>
      <PageHead title={<>Night <span class="id">{id}</span></>} />
      <Answered answer={answer} what="the night">
        {({ night, matrix, noMatrix }) => (
          <>
            <Night night={night} title="What it found" />
            {matrix === null ? <p class="faint">Its matrix is not shown: {printable(noMatrix ?? '')}.</p> : (
              <Section id="matrix" title="Its matrix" aside={<><a href={jobLink(matrix.job.id)}>the whole job</a> <Exports table="cells" query={withValue('', 'job', matrix.job.id)} /></>}>
                <MatrixHead matrix={matrix} />
                <MatrixTable matrix={matrix} />
              </Section>
            )}
          </>
        )}
      </Answered>
    </>
  );
}
