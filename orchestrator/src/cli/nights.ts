// vlab nightly list, show: nights as they were.
import { join } from 'node:path';
import { documentOfNight, exitCodeOfNight, isFlaky } from '../night/told.ts';
import { nightText } from '../report/night/terminal.ts';
import { table } from '../report/text.ts';
import { layout } from '../store/layout.ts';
import { listNights, NIGHT_FILES, readNight } from '../store/nights.ts';
import { answer, type Answer, type Context } from './command.ts';

const LISTED = 50;

export async function nightlyList({ lab }: Context): Promise<Answer<'nightly-list'>> {
  const nights = (await listNights(lab.config.home, LISTED)).map(({ id, profile, startedAt, lab: state, cells, selfTest }) => {
    const count = (change: string): number => cells.filter((cell) => cell.change === change).length;
    return { night: id, profile, startedAt, lab: state, new: count('new'), fixed: count('fixed'), still: count('still'), flaky: cells.filter(isFlaky).length, mutantsCaught: selfTest.caught, mutantsTotal: selfTest.total };
  });
  const rows = nights.map((one) => [one.night, one.startedAt.slice(0, 16).replace('T', ' '), one.profile, one.lab, ...[one.new, one.fixed, one.still, one.flaky].map(String), `${String(one.mutantsCaught)}/${String(one.mutantsTotal)}`]);
  return answer('nightly-list', { nights }, rows.length === 0 ? 'no night yet; begin with: vlab nightly --wait --profile quick' : table([['night', 'begun', 'profile', 'lab', 'new', 'fixed', 'still', 'flaky', 'mutants'], ...rows]));
}

export async function nightlyShow({ lab }: Context, given: string): Promise<Answer<'nightly'>> {
  const { home } = lab.config;
  const record = await readNight(home, given);
  const document = documentOfNight(record, join(layout.night(home, record.id), NIGHT_FILES.summary));
  return answer('nightly', document, nightText(record, document), exitCodeOfNight(record));
}
