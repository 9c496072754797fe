// Expected, got and difference of one plane, seen together: what is zoomed or moved in one is so in all.
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { fileUrl } from '../../app/files.ts';
import { singleKeys } from '../../app/shortcuts.ts';
import { useStore } from '../../app/store.ts';
import { useWidth } from '../../app/width.ts';
import type { Kept } from '../../format/kept.ts';
import { fitted, kept as inSight, pixelAt, zoomed, type Box, type View } from '../../format/pan-zoom.ts';
import { printable } from '../../format/printable.ts';
import { STEP, useMoves } from './moves.ts';
import { Pane, Picture } from './pane.tsx';
import { sayPixels, usePixels } from './pixels.ts';

export const MODES = ['side', 'slider', 'blink'] as const;
export type Mode = (typeof MODES)[number];

const BLINK_MS = 500;
/** CSS pixels that one of a preview may be, which the widest page keeps to: from there on, or where a pixel is asked for, the pictures themselves are fetched. */
const COARSE = 1.75;

export function Viewer({ run, kept, mode }: { run: string; kept: Kept; mode: Mode }): VNode {
  const [came, setCame] = useState<Box>({ width: 16, height: 9 });
  const picture: Box = kept.previews ?? came;
  const [measure, room] = useWidth(Math.min(900, innerWidth));
  const columns = mode !== 'side' ? 1 : room >= 640 ? 3 : 1;
  const width = Math.max(1, Math.floor((room - 10 * (columns - 1)) / columns));
  const pane: Box = { width, height: Math.round(Math.min((width * picture.height) / picture.width, innerHeight * (columns === 1 && mode === 'side' ? 0.4 : 0.68))) };
  // What was looked at in a picture of another size is no place in this one.
  const [own, setOwn] = useState<{ view: View; of: Box } | undefined>(undefined);
  const view = own?.of.width === picture.width && own.of.height === picture.height ? own.view : fitted(picture, pane);
  const [point, setPoint] = useState<{ x: number; y: number } | undefined>(undefined);
  const [wipe, setWipe] = useState(50);
  const { shown, running, hold } = useBlink(mode === 'blink');
  const [closer, setCloser] = useState(false);
  const closely = point !== undefined || view.zoom * (kept.previews?.side ?? 0) > COARSE;
  const previews = closer || closely ? null : kept.previews;
  useEffect(() => { if (closely) setCloser(true); }, [closely]);
  const names = previews ?? kept;
  const urls = { expected: fileUrl(run, names.expected), got: fileUrl(run, names.got), difference: fileUrl(run, names.difference) };
  const pixels = { expected: usePixels(previews === null ? urls.expected : undefined), got: usePixels(previews === null ? urls.got : undefined) };
  const drawn = { view, size: picture, smooth: previews !== null };
  const keys = useStore(singleKeys);

  const look = (next: View): void => { setOwn({ view: inSight(next, picture, pane), of: picture }); };
  const middle = { x: pane.width / 2, y: pane.height / 2 };
  const box = useMoves({ view, look, middle, fit: () => { setOwn(undefined); }, point: setPoint });

  const loaded = (w: number, h: number): void => {
    if (kept.previews !== null || (w === picture.width && h === picture.height)) return;
    setCame({ width: w, height: h });
  };
  const alt = `plane ${kept.plane} of frame ${String(kept.frame)}, ${kept.pipeline}`;
  const name = <p class="defect-over">{printable(kept.defect)}</p>;
  const pixel = point === undefined ? undefined : pixelAt(view, point, picture);
  return (
    <div class="viewer" ref={measure}>
      <div ref={box} class={`panes columns-${String(columns)}`} tabIndex={0} role="group" aria-label={`Pictures. ${keys ? 'Plus and minus zoom, 0 fits, shift' : 'Shift'} with an arrow moves`}>
        {mode === 'side' ? (
          <>
            <Pane name="expected" height={pane.height}><Picture url={urls.expected} alt={`Expected: ${alt}`} {...drawn} loaded={loaded} /></Pane>
            <Pane name="got" height={pane.height}><Picture url={urls.got} alt={`Got: ${alt}`} {...drawn} />{name}</Pane>
            <Pane name="difference" height={pane.height}><Picture url={urls.difference} alt={`Difference: ${alt}`} {...drawn} /></Pane>
          </>
        ) : mode === 'slider' ? (
          <Pane name="expected on the left, got on the right" height={pane.height}>
            <Picture url={urls.expected} alt={`Expected: ${alt}`} {...drawn} loaded={loaded} />
            <Picture url={urls.got} alt={`Got: ${alt}`} {...drawn} clip={`inset(0 0 0 ${String(wipe)}%)`} />
            <i class="divider" style={{ left: `${String(wipe)}%` }} />{name}
          </Pane>
        ) : (
          <Pane name={shown} height={pane.height}>
            <Picture url={urls.expected} alt={`Expected: ${alt}`} {...drawn} loaded={loaded} hidden={shown !== 'expected'} />
            <Picture url={urls.got} alt={`Got: ${alt}`} {...drawn} hidden={shown !== 'got'} />{name}
          </Pane>
        )}
      </div>
      <div class="row-of">
        <button type="button" class="small" onClick={() => { look(zoomed(view, 1 / STEP, middle)); }} aria-label="Zoom out">−</button>
        <span class="figures">{(view.zoom * 100).toFixed(0)} %</span>
        <button type="button" class="small" onClick={() => { look(zoomed(view, STEP, middle)); }} aria-label="Zoom in">+</button>
        <button type="button" class="small" onClick={() => { setOwn(undefined); }}>fit{keys ? ' (0)' : ''}</button>
        <button type="button" class="small" onClick={() => { look(zoomed(view, 1 / view.zoom, middle)); }}>1:1</button>
        {mode === 'slider' ? <label class="grow">divider<input type="range" min={0} max={100} step={0.5} value={wipe} onInput={({ currentTarget }) => { setWipe(Number(currentTarget.value)); }} /></label> : null}
        {mode === 'blink' ? <button type="button" class="small" onClick={hold}>{running ? 'hold' : 'blink'}</button> : null}
        <span class="faint figures">{picture.width} x {picture.height}{pixel === undefined ? '' : sayPixels(pixels.expected, pixels.got, pixel)}</span>
      </div>
    </div>
  );
}

/** Who wants nothing to move gets it still, and may let it blink. */
function useBlink(on: boolean): { shown: 'expected' | 'got'; running: boolean; hold: () => void } {
  const [shown, setShown] = useState<'expected' | 'got'>('got');
  const [running, setRunning] = useState(!matchMedia('(prefers-reduced-motion: reduce)').matches);
  useEffect(() => {
    if (!on || !running) return undefined;
    const timer = setInterval(() => { setShown((now) => (now === 'got' ? 'expected' : 'got')); }, BLINK_MS);
    return () => { clearInterval(timer); };
  }, [on, running]);
  return { shown, running, hold: () => { setRunning((now) => !now); } };
}
