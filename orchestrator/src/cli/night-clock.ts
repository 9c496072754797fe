// What a server and a worker do about nights while they live: whichever of them leads begins those that are due, or were asked for.
import { hostname } from 'node:os';
import { LabError } from '../lib/lab-error.ts';
import type { RedisPlace } from '../queue/redis.ts';
import { NightClock } from '../queue/schedule.ts';
import { Progress } from '../report/progress.ts';
import { readSchedule } from '../store/nights.ts';
import type { Context } from './command.ts';
import { counting } from './counting.ts';
import { wholeNight } from './nightly.ts';
import { OWN_PLAN, plannedNight } from './planned-night.ts';
import { withQueue } from './working.ts';

/** The work itself is the workers': a leader only asks for it and waits. */
export function startNightClock(context: Context, redis: RedisPlace): NightClock {
  const { lab, talk } = context;
  return new NightClock({
    redis: redis.options, name: `${hostname()}-${String(process.pid)}`, lockMs: lab.config.lockMs, shared: !redis.own, say: talk,
    wanted: () => readSchedule(lab.config.home),
    begin: async ({ profile, scheduled }, signal) => {
      const schedule = scheduled ? await readSchedule(lab.config.home) : undefined;
      if (scheduled && schedule === undefined) throw new LabError('UNSCHEDULED', 'nights are no longer scheduled here', { blame: 'request', stage: 'queue' });
      talk(`a night of profile ${profile} begins${scheduled ? ', by schedule' : ''}`);
      const night = await plannedNight(context, { plan: schedule?.plan ?? OWN_PLAN, profile, notify: [] });
      const progress = new Progress(process.stderr, true);
      const record = await withQueue(counting(context), (queue, place) => wholeNight({ context, night, queue, redis: place, progress, work: false, signal, scheduled }), { urgency: 'night' });
      talk(`night ${record.id} is over, the lab ${record.lab}: vlab nightly show ${record.id}`);
    },
  });
}
