// When a night is due, and whether one that was due has happened. Pure: the clock is handed in.
import { CronExpressionParser } from 'cron-parser';
import type { NightAlarm, NightSchedule } from '../contract/night.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';

/** A night that has begun; `endsBy`: its record must be there then. */
export type Begun = { startedAt: string; sealed: boolean; endsBy: string };

/** So long after its time a night must have begun, and so long after its limit its record must be there. */
export const GRACE_MS = 15 * 60_000;
/** A clock that is a little ahead of the one that said when. */
const EARLY_MS = 60_000;

export function checkSchedule(at: string, tz: string): void {
  try {
    // What is left out the parser takes for any: a slip of the finger would be a night each minute.
    if (!/^\S+( \S+){4}$/.test(at)) throw new Error('five fields are wanted: minute, hour, day, month, weekday');
    CronExpressionParser.parse(at, { tz }).next();
  } catch (cause) {
    throw new LabError('BAD_SCHEDULE', `Expected --at as cron has it and --tz as Europe/Berlin, got "${at}" and "${tz}": ${messageOf(cause)}`, { blame: 'request', stage: 'request', hint: 'vlab nightly schedule --at "0 2 * * *" --tz Europe/Berlin', cause });
  }
}

export function nextDue({ at, tz }: Pick<NightSchedule, 'at' | 'tz'>, now: Date): Date {
  return CronExpressionParser.parse(at, { tz, currentDate: now }).next().toDate();
}

/** Undefined where all is well, or nothing was due yet. */
export function alarmOf(schedule: NightSchedule, begun: readonly Begun[], now: Date): NightAlarm | undefined {
  const due = CronExpressionParser.parse(schedule.at, { tz: schedule.tz, currentDate: new Date(now.getTime() - GRACE_MS) }).prev().toDate();
  if (due.getTime() < Date.parse(schedule.since)) return undefined;
  const night = begun.find((one) => Date.parse(one.startedAt) >= due.getTime() - EARLY_MS);
  if (night === undefined) return { due: due.toISOString(), why: `the night that was due at ${due.toISOString()} did not begin: vlab serve or a vlab worker must be there to begin it` };
  if (night.sealed || now.getTime() < Date.parse(night.endsBy) + GRACE_MS) return undefined;
  return { due: due.toISOString(), why: `the night that was due at ${due.toISOString()} began at ${night.startedAt} and came to no end` };
}
