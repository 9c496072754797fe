// Progress of a single long step for people: what, how far, how long.
import type { Making } from '../lib/lab.ts';
import { duration } from '../report/text.ts';
import type { Context } from './command.ts';

const EVERY_MS = 2000;

export function counting({ lab, signal, talk }: Context): Making {
  const started = Date.now();
  let saidWhat = '';
  let saidAt = 0;
  return {
    lab, signal,
    progress: (what, done, of) => {
      const now = Date.now();
      if (what === saidWhat && now - saidAt < EVERY_MS && done !== of) return;
      saidWhat = what;
      saidAt = now;
      talk(`${what}${of === null ? (done > 0 ? ` ${String(done)}` : '') : ` ${String(done)}/${String(of)}`} (${duration(now - started)})`);
    },
  };
}
