// Every frame of the pass in a row: how long it took, where texels and memory differ, and which were kept.
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { RunDetail } from '../../../api/shapes.ts';
import { probeText } from '../../app/files.ts';
import type { WrongFrame } from '../../format/kept.ts';
import { bytes } from '../../format/number.ts';
import { passesIn, type ProbePass } from '../../format/probe-frames.ts';
import { Section } from '../../parts/frame.tsx';

const FILE = 'probe.ndjson';
/** More is fetched only when asked for. */
const FETCHED_TO = 8e6;

type Props = { run: RunDetail; now: WrongFrame; frames: readonly WrongFrame[]; show: (frame: WrongFrame) => void };

export function FrameStrip({ run, now, frames, show }: Props): VNode | null {
  const size = run.files.find(({ name }) => name === FILE)?.bytes ?? 0;
  const [wanted, setWanted] = useState(size > 0 && size <= FETCHED_TO);
  const passes = usePasses(run.id, wanted);
  if (size === 0) return null;
  if (!wanted) return <p><button type="button" onClick={() => { setWanted(true); }}>draw every frame, from {bytes(size)} of {FILE}</button></p>;
  const pass = passOf(run, now, passes ?? []);
  if (pass === undefined) return null;
  return (
    <Section id="strip" title="Every frame of this pass" aside={<span class="faint">time per frame; marked where texels differ from memory, framed where pictures were kept</span>}>
      <Strip pass={pass} now={now} kept={frames.filter(({ pipeline, clip, fault }) => pipeline === now.pipeline && clip === now.clip && fault === now.fault)} show={show} />
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

function usePasses(run: string, wanted: boolean): ProbePass[] | undefined {
  const [passes, setPasses] = useState<ProbePass[] | undefined>(undefined);
  useEffect(() => {
    if (!wanted) return undefined;
    const own = new AbortController();
    const read = async (): Promise<void> => {
      const text = await probeText(run, own.signal);
      if (text !== undefined && !own.signal.aborted) setPasses(passesIn(text));
    };
    // Without it the page lacks one drawing.
    void read().catch(() => undefined);
    return () => { own.abort(); };
  }, [run, wanted]);
  return passes;
}

/** Lines name pipelines and not clips: a pass is found by its turn among those of its pipeline that had frames. */
function passOf({ record }: RunDetail, { pipeline, clip, fault }: WrongFrame, passes: readonly ProbePass[]): ProbePass | undefined {
  const rows = (record?.pipelines ?? []).filter((row) => row.pipeline === pipeline && row.frames > 0);
  const told = passes.filter((pass) => pass.pipeline === pipeline);
  return rows.length === told.length ? told[rows.findIndex((row) => row.clip === clip && row.fault === fault)] : undefined;
}
