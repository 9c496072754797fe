// When a night is due, over clock changes too, and when somebody must be told that one did not happen.
import { expect, test } from 'vitest';
import { rejection } from '../../test/parts.ts';
import { NightSchedule } from '../contract/night.ts';
import { alarmOf, checkSchedule, GRACE_MS, nextDue } from './due.ts';

const SCHEDULE = NightSchedule.parse({ at: '0 2 * * *', tz: 'UTC', plan: 'jobs/nightly.yaml', profile: 'quick', since: '2026-03-01T12:00:00.000Z' });
const alarm = (now: string, begun: Parameters<typeof alarmOf>[1] = []): string | undefined => alarmOf(SCHEDULE, begun, new Date(now))?.why;

test('the next night is at its hour in its own zone, whichever the season', () => {
  const berlin = { ...SCHEDULE, tz: 'Europe/Berlin' };
  expect(nextDue(berlin, new Date('2026-03-01T12:00:00Z')).toISOString()).toBe('2026-03-02T01:00:00.000Z');
  expect(nextDue(berlin, new Date('2026-07-01T12:00:00Z')).toISOString()).toBe('2026-07-02T00:00:00.000Z');
});

test.each([['0 25 * * *', 'UTC'], ['tonight', 'UTC'], ['0 2 * * *', 'Mars/Olympus'], ['', 'UTC']])('"%s" in %s is refused with what would do', async (at, tz) => {
  expect(await rejection(Promise.resolve().then(() => { checkSchedule(at, tz); }))).toMatchObject({ code: 'BAD_SCHEDULE', blame: 'request', hint: expect.stringContaining('--at "0 2 * * *"') as string });
});

test('no alarm before the first night is due, nor while one may still begin', () => {
  expect(alarm('2026-03-02T01:59:00.000Z')).toBeUndefined();
  expect(alarm(new Date(Date.parse('2026-03-02T02:00:00Z') + GRACE_MS - 1000).toISOString())).toBeUndefined();
});

test('a night that did not begin is told from then on, with what must be there', () => {
  expect(alarm('2026-03-02T02:16:00.000Z')).toMatch(/due at 2026-03-02T02:00:00\.000Z did not begin: vlab serve or a vlab worker/);
  expect(alarm('2026-03-05T01:00:00.000Z', [{ startedAt: '2026-03-02T02:00:01.000Z', endsBy: '2026-03-02T03:00:00.000Z', sealed: true }])).toMatch(/due at 2026-03-04/);
});

test('one that began is waited for as long as it may take, and told when it comes to no end', () => {
  const begun = { startedAt: '2026-03-02T02:00:01.000Z', endsBy: '2026-03-02T14:00:01.000Z' };
  expect(alarm('2026-03-02T13:00:00.000Z', [{ ...begun, sealed: false }])).toBeUndefined();
  expect(alarm('2026-03-02T15:00:00.000Z', [{ ...begun, sealed: false }])).toMatch(/began at 2026-03-02T02:00:01\.000Z and came to no end/);
  expect(alarm('2026-03-02T15:00:00.000Z', [{ ...begun, sealed: true }])).toBeUndefined();
});
