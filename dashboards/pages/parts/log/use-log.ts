// A log of a run, followed from its first byte to its end; after a break it goes on where it was. In a copy of the pages site/use-log.ts stands in its place.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LogName, LogPiece } from '../../../api/shapes.ts';
import { logUrl } from '../../app/endpoints.ts';
import { whileSeen } from '../../app/while-seen.ts';
import { LogLines } from '../../format/log-lines.ts';

/** `cut`: what is to be said where the rest is only in the file. */
export type Log = { lines: readonly string[]; widest: number; state: 'opening' | 'following' | 'broken' | 'ended'; cut: string | null };

const AGAIN_MS = 2000;

export function useLog(run: string, name: LogName): Log {
  const log = useRef(new LogLines());
  const [state, setState] = useState<Log['state']>('opening');
  const [, redraw] = useState(0);

  useEffect(() => {
    log.current = new LogLines();
    setState('opening');
    let to = 0;
    let ended = false;
    let frame = 0;
    const hear = (piece: LogPiece): void => {
      // Told from the start again: then what is there would be there twice.
      if (piece.from < to) log.current.clear();
      log.current.push(piece.text);
      to = piece.to;
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => { redraw((count) => count + 1); });
    };
    const stop = whileSeen(() => {
      let stream: EventSource | undefined;
      let timer: ReturnType<typeof setTimeout> | undefined;
      const open = (): void => {
        if (ended) return;
        const own = new EventSource(logUrl(run, name, to));
        stream = own;
        own.onopen = () => { setState('following'); };
        own.onmessage = ({ data }) => {
          const piece = pieceOf(data);
          if (piece !== undefined) hear(piece);
        };
        own.addEventListener('end', () => {
          ended = true;
          own.close();
          setState('ended');
        });
        // The browser would begin at the first byte again.
        own.onerror = () => {
          own.close();
          setState('broken');
          timer = setTimeout(open, AGAIN_MS);
        };
      };
      open();
      return () => {
        stream?.close();
        clearTimeout(timer);
      };
    });
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [run, name]);

  return { lines: log.current.lines, widest: log.current.widest, state, cut: null };
}

function pieceOf(data: unknown): LogPiece | undefined {
  try {
    const piece: unknown = JSON.parse(String(data));
    return typeof piece === 'object' && piece !== null && 'text' in piece ? (piece as LogPiece) : undefined;
  } catch {
    return undefined;
  }
}
