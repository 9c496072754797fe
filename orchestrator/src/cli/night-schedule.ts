// vlab nightly schedule, unschedule: when nights begin by themselves. What is wanted is a file of the lab's folder; whoever leads tells the queue.
import { relative, resolve } from 'node:path';
import { nightAlarm } from '../night/alarm.ts';
import { checkSchedule, nextDue } from '../night/due.ts';
import { readSchedule, writeSchedule } from '../store/nights.ts';
import { answer, type Answer, type Context } from './command.ts';
import { OWN_PLAN, plannedNight } from './planned-night.ts';

export type ScheduleOptions = { at?: string; tz?: string; plan: string; profile: string };

/** Without --at only says what is scheduled. */
export async function nightlySchedule(context: Context, { at, tz, plan, profile }: ScheduleOptions): Promise<Answer<'nightly-schedule'>> {
  const { home } = context.lab.config;
  if (at !== undefined) {
    const zone = tz ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    checkSchedule(at, zone);
    await plannedNight(context, { plan, profile, notify: [] });
    await writeSchedule(home, { at, tz: zone, plan: plan === OWN_PLAN ? plan : resolve(plan), profile, since: new Date().toISOString() });
  }
  return told(context);
}

export async function nightlyUnschedule(context: Context): Promise<Answer<'nightly-schedule'>> {
  await writeSchedule(context.lab.config.home, undefined);
  return told(context);
}

async function told({ lab }: Context): Promise<Answer<'nightly-schedule'>> {
  const { home } = lab.config;
  const schedule = await readSchedule(home);
  if (schedule === undefined) return answer('nightly-schedule', { schedule: null, next: null, alarm: null }, 'no nights are scheduled; to do so: vlab nightly schedule --at "0 2 * * *"');
  const next = nextDue(schedule, new Date()).toISOString();
  const alarm = await nightAlarm(home);
  const text = [
    `profile ${schedule.profile} of ${schedule.plan === OWN_PLAN ? OWN_PLAN : relative('.', schedule.plan)} at "${schedule.at}", ${schedule.tz}; next at ${next}`,
    'begun by vlab serve or a vlab worker of this lab folder, whichever leads', ...(alarm === undefined ? [] : [`ALARM: ${alarm.why}`]),
  ].join('\n');
  return answer('nightly-schedule', { schedule, next, alarm: alarm ?? null }, text);
}
