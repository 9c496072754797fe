import { expect, onTestFinished, test, vi } from 'vitest';
import { aServer, listening } from '../test/a-server.ts';

const WORKER = { worker: 'a-host/1:2', host: 'a-host', version: '0.1.0-p0', slots: 2, can: [], facts: null, running: [], since: '2026-01-01T00:00:00.000Z', drains: true, draining: false, why: null };
const queue = { look: () => Promise.resolve({ up: true, version: '0.1.0-p0', counts: {}, workers: [WORKER] }) };
type Told = { noisePct: number | null; noiseWhy: string | null };

test('who is at work is told while the database is away, and why the noise of their hosts is not', async () => {
  const { server } = await aServer({ queue, database: 'away' });
  const told = { worker: 'a-host/1:2', noisePct: null, noiseWhy: 'the record\'s database does not answer: it is being started' };
  expect((await server.inject('/api/queue')).json<{ workers: Told[] }>().workers).toMatchObject([told]);
  expect((await server.inject('/api/workers.json')).json<{ rows: Told[] }>().rows).toMatchObject([told]);
});

test('a host without an evaluation has no noise floor, and nothing is wrong with that', async () => {
  const { server } = await aServer({ queue });
  expect((await server.inject('/api/queue')).json<{ workers: Told[] }>().workers).toMatchObject([{ noisePct: null, noiseWhy: null }]);
});

test('an open page looks again after an order, though the worker is by then what it was before it', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] });
  onTestFinished(() => { vi.useRealTimers(); });
  const { server, token } = await aServer({ queue: { ...queue, order: () => Promise.resolve('asked') } });
  const heard = await listening(server);
  const told = async (times: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(2000);
    await expect.poll(() => heard('queue')).toBe(times);
  };
  await told(1);
  await told(1);
  const order = await server.inject({ method: 'POST', url: '/api/workers/a-host%2F1:2/drain', headers: { authorization: `Bearer ${await token('admin')}` } });
  expect(order.statusCode).toBe(202);
  await told(2);
});
