// Stands in the place of parts/log/use-log.ts in a copy: a log as it was when the copy was made.
import { useEffect, useState } from 'preact/hooks';
import type { LogName } from '../../api/shapes.ts';
import { logKey } from '../../api/site-paths.ts';
import { LogLines } from '../format/log-lines.ts';
import { bytes } from '../format/number.ts';
import type { Log } from '../parts/log/use-log.ts';
import { copy, pieceText } from './stored.ts';

const OPENING: Log = { lines: [], widest: 0, state: 'opening', cut: null };

export function useLog(run: string, name: LogName): Log {
  const [log, setLog] = useState<Log>(OPENING);
  useEffect(() => {
    let wanted = true;
    setLog(OPENING);
    void read(run, name).then((found) => { if (wanted) setLog(found); });
    return () => { wanted = false; };
  }, [run, name]);
  return log;
}

async function read(run: string, name: LogName): Promise<Log> {
  const kept = copy().logs[logKey(run, name)];
  const text = kept === undefined ? undefined : await pieceText(kept.piece);
  if (text === undefined) return { lines: [], widest: 0, state: 'ended', cut: 'not in this copy' };
  const lines = new LogLines();
  lines.push(text);
  return { lines: lines.lines, widest: lines.widest, state: 'ended', cut: kept === undefined || kept.cutOf === null ? null : `cut here: the file has all ${bytes(kept.cutOf)}` };
}
