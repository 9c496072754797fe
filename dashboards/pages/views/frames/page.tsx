// The wrong frames that a run kept, one at a time: what was expected, what came, and where they differ.
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import type { RunDetail } from '../../../api/shapes.ts';
import { useAsk } from '../../app/asking.ts';
import { askRun } from '../../app/endpoints.ts';
import { framesLink, runLink } from '../../app/links.ts';
import { go, usePlace } from '../../app/router.ts';
import { isForPage, singleKeys } from '../../app/shortcuts.ts';
import { useStore } from '../../app/store.ts';
import { useTitle } from '../../app/title.ts';
import { chosen, step, wrongFrames, type Chosen, type Kept, type WrongFrame } from '../../format/kept.ts';
import { counted } from '../../format/number.ts';
import { valueOf } from '../../format/query.ts';
import { printable } from '../../format/printable.ts';
import { Answered, Empty } from '../../parts/answered.tsx';
import { Command } from '../../parts/copy.tsx';
import { Exports } from '../../parts/exports.tsx';
import { PageHead } from '../../parts/frame.tsx';
import { RunId } from '../../parts/ids.tsx';
import { FrameErrors } from './errors.tsx';
import { Keys } from './keys.tsx';
import { FrameStrip } from './strip.tsx';
import { usePass } from './use-pass.ts';
import { MODES, Viewer, type Mode } from './viewer.tsx';

export function FramesPage({ id }: { id: string }): VNode {
  useTitle(`Wrong frames of ${id}`);
  const answer = useAsk(askRun(id));
  return (
    <>
      <PageHead title={<>Wrong frames of <RunId id={id} /></>}><Exports table="frames" query={`run=${encodeURIComponent(id)}`} /></PageHead>
      <Answered answer={answer} what="the run">{(run) => <Body run={run} />}</Answered>
    </>
  );
}

function Body({ run }: { run: RunDetail }): VNode {
  const { query } = usePlace();
  const frames = wrongFrames(run.record?.pipelines ?? []);
  const now = chosen(frames, query);
  const mode = MODES.find((one) => one === valueOf(query, 'mode')) ?? 'side';

  const show = (frame: WrongFrame | undefined, kept: Kept | undefined, as: Mode = mode): void => {
    if (frame === undefined || kept === undefined) return;
    go(framesLink(run.id, {
      pipeline: frame.pipeline, clip: frame.clip, ...(frame.fault === null ? {} : { fault: frame.fault }), frame: String(frame.frame), plane: kept.plane, oracle: kept.oracle, mode: as,
    }), { replace: true, stay: true });
  };
  const walk = (by: number): void => {
    if (now === undefined) return;
    const next = frames[step(frames.length, now.at, by)];
    show(next, next?.kept.find(({ plane, oracle }) => plane === now.kept.plane && oracle === now.kept.oracle) ?? next?.kept[0]);
  };
  useKeys(walk);
  const pass = usePass(run, now?.frame);

  if (now === undefined) return <Nothing run={run} />;
  const ofPass = frames.filter(({ pipeline, clip, fault }) => pipeline === now.frame.pipeline && clip === now.frame.clip && fault === now.frame.fault);
  const open = (frame: WrongFrame): void => { show(frame, frame.kept[0]); };
  return (
    <>
      <Choice frames={frames} now={now} mode={mode} show={show} walk={walk} />
      <Viewer key={mode} run={run.id} kept={now.kept} mode={mode} />
      <Keys />
      <FrameStrip pass={pass} now={now.frame} kept={ofPass} show={open} />
      {pass.row === undefined ? null : <FrameErrors run={run.id} row={pass.row} came={pass.told?.frames.map(({ n }) => n) ?? []} now={now.frame} frames={ofPass} show={open} />}
    </>
  );
}

function Nothing({ run: { id, record } }: { run: RunDetail }): VNode {
  const wrong = (record?.pipelines ?? []).reduce((sum, row) => sum + row.wrong, 0);
  return (
    <Empty>
      <p>This run kept no pictures: {record === null ? 'it is not sealed.' : wrong === 0 ? 'no frame of it was wrong.' : `of its ${counted(wrong, 'wrong frame')} none could be drawn.`} <a href={runLink(id)}>The run</a></p>
      <Command command={record === null ? `npx vlab logs ${id} --follow` : `npx vlab show ${id}`} />
    </Empty>
  );
}

/** As in a list of files that differ: n and p, or the arrows. */
function useKeys(walk: (by: number) => void): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.shiftKey || !isForPage(event)) return;
      const by = { n: 1, ArrowRight: 1, p: -1, ArrowLeft: -1 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      walk(by);
    };
    document.addEventListener('keydown', pressed);
    return () => { document.removeEventListener('keydown', pressed); };
  });
}

type ChoiceProps = { frames: readonly WrongFrame[]; now: Chosen; mode: Mode; show: (frame: WrongFrame | undefined, kept: Kept | undefined, mode?: Mode) => void; walk: (by: number) => void };

function Choice({ frames, now, mode, show, walk }: ChoiceProps): VNode {
  const keys = useStore(singleKeys);
  const name = ({ pipeline, clip, fault, frame }: WrongFrame): string => printable(`${pipeline}, ${clip}${fault === null ? '' : `, ${fault}`}, frame ${String(frame)}`);
  return (
    <div class="frame-choice">
      <div class="row-of">
        <button type="button" onClick={() => { walk(-1); }} aria-keyshortcuts={keys ? 'p ArrowLeft' : 'ArrowLeft'}>previous{keys ? ' (p)' : ''}</button>
        <label class="unlabelled"><span class="unseen">Wrong frame</span>
          <select value={String(now.at)} onChange={({ currentTarget }) => { const frame = frames[Number(currentTarget.value)]; show(frame, frame?.kept[0]); }}>
            {frames.map((frame, at) => <option key={name(frame)} value={String(at)}>{name(frame)}</option>)}
          </select>
        </label>
        <button type="button" onClick={() => { walk(1); }} aria-keyshortcuts={keys ? 'n ArrowRight' : 'ArrowRight'}>next{keys ? ' (n)' : ''}</button>
        <span class="faint figures" role="status">{now.at + 1} of {frames.length}</span>
      </div>
      <div class="row-of">
        <div class="buttons" role="group" aria-label="Plane">
          {now.frame.kept.map((kept) => <button key={`${kept.oracle} ${kept.plane}`} type="button" aria-pressed={kept === now.kept} onClick={() => { show(now.frame, kept); }}>{kept.plane}, as {kept.oracle}</button>)}
        </div>
        <div class="buttons" role="group" aria-label="How to look">
          {MODES.map((one) => <button key={one} type="button" aria-pressed={one === mode} onClick={() => { show(now.frame, now.kept, one); }}>{one === 'side' ? 'side by side' : one}</button>)}
        </div>
      </div>
      <p class="defect"><strong>{printable(now.kept.defect)}</strong></p>
    </div>
  );
}
