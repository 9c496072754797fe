// vlab reindex: the record anew from the sealed folders, which are the truth.
import { postgresImage } from '../image/images.ts';
import { emptyRecord, openDatabase } from '../record/database.ts';
import { KeepUp } from '../record/keep-up.ts';
import { postgresPlace } from '../record/postgres.ts';
import { counted, duration } from '../report/text.ts';
import { counting } from './counting.ts';
import { answer, type Answer, type Context } from './command.ts';

const PER_LINE = 5000;

export async function reindex(context: Context): Promise<Answer<'reindex'>> {
  const { lab, signal, talk } = context;
  const started = performance.now();
  const making = counting(context);
  const place = await postgresPlace(lab, async () => (await postgresImage(making)).tag);
  try {
    const db = await openDatabase(place.options);
    try {
      await emptyRecord(db);
      let next = PER_LINE;
      const { runs, jobs, evaluations, unreadable } = await new KeepUp(db, lab.config.home).look((done, of) => {
        signal.throwIfAborted();
        if (done < next && done < of) return;
        next += PER_LINE;
        talk(`${String(done)} of ${counted(of, 'run folder')}`);
      });
      const ms = performance.now() - started;
      const told = unreadable === 0 ? '' : `; ${counted(unreadable, 'folder')} cannot be read, and the page Workers says why`;
      return answer('reindex', { runs, jobs, evaluations, unreadable, seconds: Math.round(ms / 100) / 10 },
        `${counted(runs, 'run')}, ${counted(jobs, 'job')} and ${counted(evaluations, 'evaluation')} in ${duration(ms)}${told}`);
    } finally {
      await db.destroy();
    }
  } finally {
    await place.leave();
  }
}
