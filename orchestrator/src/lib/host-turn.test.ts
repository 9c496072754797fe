// Whose turn it is on a host: those who share it do so at once, whoever wants it alone gets it alone, and in time.
import { expect, test } from 'vitest';
import { emptyFolder, rejection } from '../../test/parts.ts';
import { HostTurn } from './host-turn.ts';
import { LabError } from './lab-error.ts';

const NEVER = new AbortController().signal;

/** As of two processes: a lock is held by a process of its own, however many there are in this one. */
async function twoProcesses(): Promise<[HostTurn, HostTurn]> {
  const home = await emptyFolder();
  return [new HostTurn(home), new HostTurn(home)];
}

test('guests of two processes share the host, and one that is measured waits for both and keeps out all who come later', async () => {
  const [one, other] = await twoProcesses();
  const order: string[] = [];
  const [first, second, third] = [await one.share(NEVER), await one.share(NEVER), await other.share(NEVER)];
  const alone = one.alone(NEVER).then((turn) => {
    order.push('alone');
    return turn;
  });
  await first[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  await standsInTheDoor(other);
  const later = one.share(NEVER).then((turn) => {
    order.push('later');
    return turn;
  });
  await third[Symbol.asyncDispose]();
  const turn = await alone;
  order.push('alone ends');
  await turn[Symbol.asyncDispose]();
  await (await later)[Symbol.asyncDispose]();
  expect(order).toEqual(['alone', 'alone ends', 'later']);
});

test('of those whose time is taken there is one, and others may share the host with it', async () => {
  const [one, other] = await twoProcesses();
  const timing = await one.timing(NEVER);
  await (await other.share(NEVER))[Symbol.asyncDispose]();
  const given = new AbortController();
  const second = other.timing(given.signal);
  const why = new LabError('CANCELLED', 'somebody cancelled it', { blame: 'user' });
  given.abort(why);
  expect(await rejection(second)).toBe(why);
  await timing[Symbol.asyncDispose]();
  await (await other.timing(NEVER))[Symbol.asyncDispose]();
});

test('who gives up waiting lets others by', async () => {
  const [one, other] = await twoProcesses();
  const shared = await one.share(NEVER);
  const given = new AbortController();
  const alone = other.alone(given.signal);
  given.abort(new LabError('CANCELLED', 'somebody cancelled it', { blame: 'user' }));
  await rejection(alone);
  await (await other.share(NEVER))[Symbol.asyncDispose]();
  await shared[Symbol.asyncDispose]();
});

/** Once nobody new comes to share the host. */
async function standsInTheDoor(turn: HostTurn): Promise<void> {
  await expect.poll(async () => {
    const given = AbortSignal.timeout(100);
    const came = await new HostTurn(turn.home).share(given).then(async (share) => {
      await share[Symbol.asyncDispose]();
      return true;
    }, () => false);
    return came;
  }, { timeout: 10_000 }).toBe(false);
}
