// What the dma-bufs of this kernel are, as the test importer saw it.
import type { VNode } from 'preact';
import type { RunDetail } from '../../../api/shapes.ts';
import { withValue } from '../../format/query.ts';
import { Exports } from '../../parts/exports.tsx';
import { Section, Wide } from '../../parts/frame.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Text } from '../../parts/ids.tsx';

type Property = NonNullable<RunDetail['record']>['properties'][number];

export function Properties({ run, properties }: { run: string; properties: readonly Property[] }): VNode | null {
  if (properties.length === 0) return null;
  return (
    <Section id="properties" title="Properties of dma-bufs" aside={<Exports table="properties" query={withValue('', 'run', run)} />}>
      <Wide label="Properties of dma-bufs">
        <table>
          <thead><tr><th scope="col">property</th><th scope="col">holds</th><th scope="col">value</th><th scope="col">evidence</th></tr></thead>
          <tbody>{properties.map((one) => <tr key={one.property}><th scope="row">{one.property}</th><td><Holds one={one} /></td><td class="long"><Text text={one.value} /></td><td class="evidence faint"><Text text={one.evidence} /></td></tr>)}</tbody>
        </table>
      </Wide>
    </Section>
  );
}

/** Without a property that is not binding a kernel has not failed. */
function Holds({ one: { asked, holds, binding } }: { one: Property }): VNode {
  if (!asked) return <span class="s-unavailable"><Icon name="ring" />not asked</span>;
  if (holds === null) return <span class="s-unavailable"><Icon name="ring" />no claim</span>;
  if (holds) return <span class="s-passed"><Icon name="check" />yes</span>;
  return binding ? <span class="badge s-failed surprise"><Icon name="cross" />no</span> : <span class="s-rejected"><Icon name="dash" />no, and need not</span>;
}
