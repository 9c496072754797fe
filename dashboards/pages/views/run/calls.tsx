// Single calls of the driver, as this boot measured them.
import type { VNode } from 'preact';
import type { RunDetail } from '../../../api/shapes.ts';
import { figure } from '../../format/number.ts';
import { withValue } from '../../format/query.ts';
import { Exports } from '../../parts/exports.tsx';
import { Section, Wide } from '../../parts/frame.tsx';

type Call = NonNullable<RunDetail['record']>['calls'][number];
const DOES: Readonly<Record<Call['call'], string>> = {
  submit: '4 KiB of commands, until their fence comes', transfer: '16 KiB to the host, until it has them', create: 'an object, until the host has it, and its end',
};
const COLUMNS: readonly { name: string; of: (call: Call) => number | null | undefined }[] = [
  { name: 'p10 us', of: ({ us }) => us?.p10 }, { name: 'p50 us', of: ({ us }) => us?.p50 }, { name: 'p95 us', of: ({ us }) => us?.p95 },
  { name: 'instructions', of: ({ instructions }) => instructions },
  { name: 'commands', of: ({ counters }) => counters?.commands }, { name: 'kicks', of: ({ counters }) => counters?.kicks }, { name: 'fences', of: ({ counters }) => counters?.fences },
  { name: 'bytes', of: ({ counters }) => counters?.bytes }, { name: 'pages', of: ({ counters }) => counters?.pages },
];

export function Calls({ run, calls }: { run: string; calls: readonly Call[] }): VNode | null {
  if (calls.length === 0) return null;
  const columns = COLUMNS.filter(({ of }) => calls.some((call) => typeof of(call) === 'number'));
  return (
    <Section id="calls" title="Calls of the driver" aside={<Exports table="calls" query={withValue('', 'run', run)} />}>
      <Wide label="Calls of the driver">
        <table>
          <thead><tr><th scope="col">call</th><th scope="col" class="figure">rounds</th>{columns.map(({ name }) => <th key={name} scope="col" class="figure">{name}</th>)}</tr></thead>
          <tbody>{calls.map((call) => <tr key={call.call}><th scope="row">{call.call}<div class="faint">{DOES[call.call]}</div></th><td class="figure">{call.rounds}</td>{columns.map(({ name, of }) => <td key={name} class="figure">{figure(of(call) ?? null)}</td>)}</tr>)}</tbody>
        </table>
      </Wide>
    </Section>
  );
}
