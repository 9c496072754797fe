// What building the kernel told: prefixes, new warnings, checkpatch, sizes.
import type { VNode } from 'preact';
import type { RunDetail } from '../../../api/shapes.ts';
import { bytes, grouped } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { withValue } from '../../format/query.ts';
import { duration } from '../../format/time.ts';
import { Exports } from '../../parts/exports.tsx';
import { Facts, Fold, Wide } from '../../parts/frame.tsx';
import { Text } from '../../parts/ids.tsx';

type Kernel = NonNullable<NonNullable<RunDetail['record']>['kernel']>;

export function KernelBuild({ run, kernel }: { run: string; kernel: Kernel }): VNode {
  const { prefixes, warnings, checkpatch, bloat } = kernel;
  return (
    <Fold title={`Kernel ${kernel.kernel}${warnings.length === 0 ? '' : `, ${String(warnings.length)} new warnings`}`}>
      <Facts rows={[
        ['version', printable(kernel.version)], ['compiler', printable(kernel.compiler)], ['builder', printable(kernel.builder)],
        ['patches', kernel.patches.length === 0 ? 'none' : <ul key="p" class="plain">{kernel.patches.map(({ file, sha256 }) => <li key={file}>{printable(file)} <code class="faint">{sha256.slice(0, 12)}</code></li>)}</ul>],
        ['build', `${duration(kernel.seconds * 1000)}${kernel.identicalToBase ? '; byte for byte its base' : ''}`], ['vmlinux', bytes(kernel.vmlinuxBytes)],
      ]} />
      {prefixes.length === 0 ? null : <><h3>Every prefix of the series</h3><ul class="plain">{prefixes.map(({ patch, kernel: key, seconds, why }) => <li key={patch}>{printable(patch)}: {key === null ? <span class="bad">does not build</span> : `builds, ${duration(seconds * 1000)}`}{why === null ? null : <pre tabIndex={0}>{printable(why)}</pre>}</li>)}</ul></>}
      {warnings.length === 0 ? null : <><h3>Warnings that the base does not have</h3><ul class="plain">{warnings.map(({ file, line, text }) => <li key={`${file} ${String(line)} ${text}`}><code>{printable(file)}:{line}</code> <Text text={text} /></li>)}</ul></>}
      {checkpatch.length === 0 ? null : <><h3>checkpatch</h3>{checkpatch.map(({ patch, errors, warnings: few, checks, lines }) => <Fold key={patch} title={`${printable(patch)}: ${String(errors)} errors, ${String(few)} warnings, ${String(checks)} checks`}><pre tabIndex={0}>{lines.map(printable).join('\n')}</pre></Fold>)}</>}
      {bloat.length === 0 ? null : (
        <><div class="section-head"><h3>Bytes of code and data</h3><Exports table="sizes" query={withValue('', 'run', run)} /></div><Wide label="Sizes of object files"><table>
          <thead><tr><th scope="col">object</th><th scope="col" class="figure">base</th><th scope="col" class="figure">patched</th></tr></thead>
          <tbody>{bloat.map(({ object, before, after }) => <tr key={object}><th scope="row"><code>{printable(object)}</code></th><td class="figure">{before === null ? 'not built' : grouped(before)}</td><td class="figure">{after === null ? 'not built' : grouped(after)}</td></tr>)}</tbody>
        </table></Wide></>
      )}
    </Fold>
  );
}
