// What the run left behind, to download.
import type { VNode } from 'preact';
import type { RunDetail } from '../../../api/shapes.ts';
import { fileUrl } from '../../app/files.ts';
import { bytes, counted } from '../../format/number.ts';
import { printable } from '../../format/printable.ts';
import { Section } from '../../parts/frame.tsx';

export function Files({ run: { id, files } }: { run: RunDetail }): VNode | null {
  if (files.length === 0) return null;
  const whole = files.reduce((sum, { bytes: one }) => sum + one, 0);
  return (
    <Section id="evidence" title="Evidence" aside={<span class="faint">{counted(files.length, 'file')}, {bytes(whole)}</span>}>
      <ul class="files plain">{files.map(({ name, bytes: size }) => <li key={name}><a href={fileUrl(id, name)} download={name.split('/').at(-1)}>{printable(name)}</a> <span class="faint figures">{bytes(size)}</span></li>)}</ul>
    </Section>
  );
}
