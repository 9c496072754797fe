// By how much the frames of a pass are off, one after another: two small plots, and the figures as a table from which each frame that was kept can be opened.
import type { VNode } from 'preact';
import { frameErrors, rowsOf, sayErrors, sayPlanes, sayWithout, type FrameError } from '../../format/frame-errors.ts';
import type { WrongFrame } from '../../format/kept.ts';
import { counted } from '../../format/number.ts';
import { withValue } from '../../format/query.ts';
import { Exports } from '../../parts/exports.tsx';
import { Section, Wide } from '../../parts/frame.tsx';
import { PsnrOverFrames, TexelsOverFrames } from '../../plots/frame-errors.tsx';
import type { PassRow } from './use-pass.ts';

/** Of so many rows the first are shown. */
const ROWS = 200;

type Props = { run: string; row: PassRow; came: readonly number[]; now: WrongFrame; frames: readonly WrongFrame[]; show: (frame: WrongFrame) => void };

export function FrameErrors({ run, row, came, now, frames, show }: Props): VNode {
  const errors = frameErrors(row, came);
  const told = rowsOf(errors.filter(({ state }) => state === 'wrong' || state === 'free'));
  return (
    <Section id="errors" title="PSNR and texel errors over the frames" aside={<Exports table="errors" query={withValue('', 'run', run)} />}>
      <p>{sayErrors(errors)}. <span class="faint">In the plots ∞ is a right frame, and ? one of which nothing is known.</span></p>
      <div class="charts"><PsnrOverFrames frames={errors} now={now.frame} /><TexelsOverFrames frames={errors} now={now.frame} /></div>
      <Wide label="Errors frame by frame">
        <table>
          <thead><tr><th scope="col">frame</th><th scope="col">PSNR</th><th scope="col">wrong texels</th></tr></thead>
          <tbody>{told.slice(0, ROWS).map(({ error, last }) => <Row key={error.n} error={error} last={last} now={now} kept={frames.find(({ frame }) => frame === error.n)} show={show} />)}</tbody>
        </table>
      </Wide>
      {told.length <= ROWS ? null : <p class="faint">{counted(told.length - ROWS, 'row')} more.</p>}
    </Section>
  );
}

function Row({ error, last, now, kept, show }: { error: FrameError; last: number; now: WrongFrame; kept: WrongFrame | undefined; show: (frame: WrongFrame) => void }): VNode {
  const said = sayPlanes(error);
  const own = error.n === now.frame;
  return (
    <tr {...(own ? { 'aria-current': 'true' } as const : {})}>
      <th scope="row">{kept === undefined ? (last === error.n ? `frame ${String(error.n)}` : `frames ${String(error.n)} to ${String(last)}`) : <button type="button" class="small" aria-pressed={own} onClick={() => { show(kept); }}>frame {error.n}</button>}</th>
      {said === null ? <td colSpan={2} class="faint">{sayWithout(error)}</td> : <><td>{said.psnr}</td><td>{said.texels}</td></>}
    </tr>
  );
}
