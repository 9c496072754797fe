// What the run depended on: versions of the host side and the guest, what the guest's GPU says it can, and QEMU's command line.
import type { VNode } from 'preact';
import type { RunDetail } from '../../../api/shapes.ts';
import { printable } from '../../format/printable.ts';
import { CopyButton } from '../../parts/copy.tsx';
import { Facts, Fold } from '../../parts/frame.tsx';
import { shellLine } from '../../format/shell.ts';

export function Capabilities({ run: { world, record, argv } }: { run: RunDetail }): VNode {
  const worlds = Object.entries(world);
  const capabilities = record?.capabilities ?? null;
  return (
    <>
      {worlds.length === 0 ? null : <Fold title="Versions of the host side and the guest"><Facts rows={worlds.map(([name, value]) => [name, printable(value)] as const)} /></Fold>}
      {capabilities === null ? null : <Fold title="What the guest's GPU says it can"><Facts rows={Object.entries(capabilities).map(([name, value]) => [name, <code key={name} class="theirs">{said(value)}</code>] as const)} /></Fold>}
      {argv === null ? null : <Fold title="QEMU's command line"><p><CopyButton text={shellLine(argv)} what="QEMU's command line" /></p><pre tabIndex={0}>{printable(shellLine(argv, ' \\\n  '))}</pre></Fold>}
    </>
  );
}

function said(value: unknown): string {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value) && value.every((one) => typeof one === 'string' || typeof one === 'number')) return printable(value.join(' '));
  return printable(JSON.stringify(value, null, 1));
}
