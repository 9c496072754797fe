// What the kernel said about itself on its console, each with its lines and the way to them in the log.
import type { VNode } from 'preact';
import type { RunDetail } from '../../../api/shapes.ts';
import { consoleLine } from '../../app/links.ts';
import { printable } from '../../format/printable.ts';
import { withValue } from '../../format/query.ts';
import { Exports } from '../../parts/exports.tsx';
import { Fold, Section } from '../../parts/frame.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Text } from '../../parts/ids.tsx';

type Finding = NonNullable<RunDetail['record']>['console'][number];

export function Findings({ run, findings }: { run: string; findings: readonly Finding[] }): VNode {
  return (
    <Section id="findings" title="What the kernel said about itself" aside={<Exports table="findings" query={withValue('', 'run', run)} />}>
      {findings.map((finding) => (
        <div key={finding.line} class="finding">
          <p><span class="badge s-failed surprise"><Icon name="warn" />{finding.kind}</span> <Text text={finding.text} /> <a href={consoleLine(run, finding.line)}>line {finding.line} of the console</a></p>
          <Fold title="the lines around it"><pre tabIndex={0}>{finding.around.map(printable).join('\n')}</pre></Fold>
        </div>
      ))}
    </Section>
  );
}
