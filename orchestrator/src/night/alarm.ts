// Whether a night that was due did not happen, for whoever shows it.
import type { NightAlarm } from '../contract/night.ts';
import { listBegun, readSchedule } from '../store/nights.ts';
import { alarmOf } from './due.ts';

/** Asks the disk alone: an alarm must not need what may be down. */
export async function nightAlarm(home: string, now = new Date()): Promise<NightAlarm | undefined> {
  const schedule = await readSchedule(home);
  return schedule === undefined ? undefined : alarmOf(schedule, await listBegun(home), now);
}
