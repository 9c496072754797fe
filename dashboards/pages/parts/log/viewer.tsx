// A log as a person reads it: it follows, can be searched, marks what the kernel said about itself, and each line has an address.
import type { TargetedEvent, VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LogName } from '../../../api/shapes.ts';
import { fileUrl } from '../../app/files.ts';
import { go } from '../../app/router.ts';
import { matchesIn, nextOf } from '../../format/log-lines.ts';
import { counted, grouped } from '../../format/number.ts';
import { LogWindow } from './window.tsx';
import { useLog, type Log } from './use-log.ts';

type Props = { run: string; name: LogName; file: string | undefined; live: boolean; at: number | undefined; splatsOf: (lines: readonly string[]) => ReadonlyMap<number, string> };

const SAID: Readonly<Record<Log['state'], string>> = { opening: 'opening', following: 'following', broken: 'interrupted, trying again', ended: 'complete' };

export function LogViewer({ run, name, file, live, at, splatsOf }: Props): VNode {
  const log = useLog(run, name);
  const [sought, setSought] = useState('');
  const [follow, setFollow] = useState(live && at === undefined);
  const [turn, setTurn] = useState(0);
  const found = useMemo(() => matchesIn(log.lines, sought), [log.lines.length, log.lines, sought]);
  const splats = useMemo(() => splatsOf(log.lines), [log.lines.length, log.lines, splatsOf]);
  const splatLines = useMemo(() => [...splats.keys()].sort((a, b) => a - b), [splats]);

  useEffect(() => { if (at !== undefined) setFollow(false); }, [at]);

  const point = (line: number | undefined): void => {
    if (line === undefined) return;
    setFollow(false);
    setTurn((count) => count + 1);
    go(`#${name}:${String(line)}`, { replace: true, stay: true });
  };
  const step = (by: 1 | -1): void => {
    const next = nextOf(found, (at ?? 0) - 1, by);
    point(next === undefined ? undefined : next + 1);
  };

  return (
    <div class="log">
      <div class="log-tools">
        <Search found={found} at={at} sought={sought} seek={setSought} step={step} />
        {splatLines.length === 0 ? null : <button type="button" onClick={() => { point(nextOf(splatLines, at ?? 0, 1)); }}>next of {counted(splatLines.length, 'finding')}</button>}
        <GoTo lines={log.lines.length} point={point} />
        <label class="tick"><input type="checkbox" checked={follow} onChange={({ currentTarget }) => { setFollow(currentTarget.checked); }} />follow</label>
        <span class="faint" role="status">{counted(log.lines.length, 'line')}, {log.cut ?? SAID[log.state]}</span>
        {file === undefined ? null : <a href={fileUrl(run, file)} download>the file</a>}
      </div>
      <LogWindow label={`${name} log`} prefix={name} lines={log.lines} widest={log.widest} sought={sought} splats={splats} at={at} turn={turn} follow={follow} unfollow={() => { setFollow(false); }} />
    </div>
  );
}

type SearchProps = { found: readonly number[]; at: number | undefined; sought: string; seek: (words: string) => void; step: (by: 1 | -1) => void };

function Search({ found, at, sought, seek, step }: SearchProps): VNode {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => { clearTimeout(timer.current); }, []);
  const typed = ({ currentTarget: { value } }: TargetedEvent<HTMLInputElement>): void => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => { seek(value); }, 150);
  };
  const place = at === undefined ? -1 : found.indexOf(at - 1);
  return (
    <form class="row-of" role="search" onSubmit={(event) => { event.preventDefault(); step(1); }}>
      <label>Search<input type="search" defaultValue={sought} onInput={typed} onKeyDown={(event) => { if (event.key === 'Enter' && event.shiftKey) { event.preventDefault(); step(-1); } }} /></label>
      {sought === '' ? null : (
        <>
          <span class="faint figures" role="status">{place === -1 ? grouped(found.length) : `${grouped(place + 1)} of ${grouped(found.length)}`}</span>
          <button type="button" class="small" onClick={() => { step(-1); }} disabled={found.length === 0} aria-label="Previous match">previous</button>
          <button type="submit" class="small" disabled={found.length === 0} aria-label="Next match">next</button>
        </>
      )}
    </form>
  );
}

function GoTo({ lines, point }: { lines: number; point: (line: number | undefined) => void }): VNode {
  const [line, setLine] = useState('');
  return (
    <form class="row-of" onSubmit={(event) => { event.preventDefault(); if (Number(line) >= 1) point(Math.min(lines, Number(line))); }}>
      <label>Line<input type="number" min={1} max={Math.max(1, lines)} value={line} onInput={({ currentTarget }) => { setLine(currentTarget.value); }} /></label>
    </form>
  );
}
