// Every frame of the pass in a row: how long it took, where texels and memory differ, and which were kept.
import type { VNode } from 'preact';
import type { WrongFrame } from '../../format/kept.ts';
import { bytes } from '../../format/number.ts';
import type { ProbePass } from '../../format/probe-frames.ts';
import { Section } from '../../parts/frame.tsx';
import { FILE, type Pass } from './use-pass.ts';

type Props = { pass: Pass; now: WrongFrame; kept: readonly WrongFrame[]; show: (frame: WrongFrame) => void };

export function FrameStrip({ pass: { told, unasked, ask }, now, kept, show }: Props): VNode | null {
  if (unasked > 0) return <p><button type="button" onClick={ask}>draw every frame, from {bytes(unasked)} of {FILE}</button></p>;
  if (told === undefined) return null;
  return (
    <Section id="strip" title="Every frame of this pass" aside={<span class="faint">time per frame; marked where texels differ from memory, framed where pictures were kept</span>}>
      <Strip pass={told} now={now} kept={kept} show={show} />
    </Section>
  );
}

function Strip({ pass, now, kept, show }: { pass: ProbePass; now: WrongFrame; kept: readonly WrongFrame[]; show: (frame: WrongFrame) => void }): VNode {
  // The first frame takes many times as long as the others: shaders are compiled.
  const sorted = pass.frames.map(({ ms }) => ms).sort((a, b) => a - b);
  const most = Math.max(0.001, 1.15 * (sorted[Math.floor(sorted.length * 0.97)] ?? 0));
  const width = 100 / pass.frames.length;
  const different = pass.frames.filter(({ differs }) => differs.length > 0).length;
  return (
    <>
      <svg class="strip" width="100%" height="84" role="img" aria-label={`${String(pass.frames.length)} frames; in ${String(different)} of them texels differ from memory`}>
        {pass.frames.map(({ n, ms, differs }, at) => {
          const height = Math.min(60, (60 * ms) / most);
          return (
            <g key={n}>
              <rect class={differs.length > 0 ? 'differs' : 'same'} x={`${(at * width).toFixed(3)}%`} width={`${(width * 0.84).toFixed(3)}%`} y={(62 - height).toFixed(1)} height={height.toFixed(1)}><title>{`frame ${String(n)}: ${ms.toFixed(2)} ms${differs.length === 0 ? '' : `; texels differ from memory in ${differs.join(', ')}`}`}</title></rect>
              {differs.length > 0 ? <rect class="differs" x={`${(at * width).toFixed(3)}%`} width={`${(width * 0.84).toFixed(3)}%`} y="66" height="4" /> : null}
              {kept.some(({ frame }) => frame === n) ? <rect class={n === now.frame ? 'kept now' : 'kept'} x={`${(at * width).toFixed(3)}%`} width={`${(width * 0.84).toFixed(3)}%`} y="1" height="72" /> : null}
            </g>
          );
        })}
      </svg>
      <div class="row-of">{kept.map((frame) => <button key={frame.frame} type="button" class="small" aria-pressed={frame.frame === now.frame} onClick={() => { show(frame); }}>frame {frame.frame}</button>)}</div>
    </>
  );
}
