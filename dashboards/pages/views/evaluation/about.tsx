// What was evaluated, on what.
import type { VNode } from 'preact';
import type { EvaluationDetail } from '../../../api/shapes.ts';
import { printable } from '../../format/printable.ts';
import { Facts, Fold, Section } from '../../parts/frame.tsx';
import { SeriesName, Text } from '../../parts/ids.tsx';
import { Moment } from '../../parts/when.tsx';

export function About({ record }: { record: EvaluationDetail['record'] }): VNode {
  const { series, title, subject, author, messageId, base, baseVersion, against, patches, kernels, image, stack, device, pipelines, clip, accelerator, renderer, versions, startedAt, endedAt } = record;
  return (
    <Section id="about" title="What was evaluated, and on what">
      <Facts rows={[
        ['series', <span key="s"><SeriesName name={series} />: <Text text={title} /></span>],
        ...(subject === null ? [] : [['subject', <Text key="m" text={subject} />] as const]),
        ...(author === null ? [] : [['author', <Text key="a" text={author} />] as const]),
        ...(messageId === null ? [] : [['message id', <Text key="i" text={messageId} />] as const]),
        ['base', `${printable(base)}${baseVersion === null ? '' : ` (${printable(baseVersion)})`}${against === undefined ? '' : `, against ${printable(against)}`}`],
        ['device, stack, image', `${device}, ${stack}, ${image}`], ['pipelines', pipelines.join(', ')], ['clip', printable(clip)],
        ['accelerator', accelerator ?? 'none'], ['renderer', <Text key="r" text={renderer ?? 'none'} />],
        ['from, to', <span key="t"><Moment at={startedAt} />, <Moment at={endedAt} /></span>],
      ]} />
      <Fold title={`Patches (${String(patches.length)}) and kernels`}>
        <ul class="plain">{patches.map(({ file, sha256 }) => <li key={file}>{printable(file)} <code class="faint">{sha256.slice(0, 12)}</code></li>)}</ul>
        <Facts rows={[['base kernel', kernels.base ?? 'not built'], ['patched kernel', kernels.patched ?? 'not built'], ['compiler', printable(kernels.compiler ?? 'none')]]} />
      </Fold>
      <Fold title="Versions of the host side and the guest"><Facts rows={Object.entries(versions).map(([name, value]) => [name, printable(value)] as const)} /></Fold>
    </Section>
  );
}
