import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { expect, test } from 'vitest';
import { aServer, type Own } from '../test/a-server.ts';

type Asked = string | InjectOptions;

async function answers({ server }: Own, count: number, asked: Asked): Promise<number[]> {
  const found: number[] = [];
  for (let n = 0; n < count; n++) found.push((await server.inject(asked)).statusCode);
  return found;
}

function expectTooMany(answer: LightMyRequestResponse): void {
  expect(answer.statusCode).toBe(429);
  const seconds = Number(answer.headers['retry-after']);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
  expect(answer.json()).toMatchObject({ error: 'TOO_MANY_REQUESTS', message: 'this address asks too often, or was wrong about its token too often', next: expect.stringMatching(/^ask again in \d+ (seconds|minute)/) as string });
}

test('one address asks 1200 times a minute, and is told when to ask again; another is answered meanwhile, and the pages come all the same', async () => {
  const own = await aServer();
  const path = '/api/unreadable.json';
  expect(new Set(await answers(own, 1200, path))).toEqual(new Set([200]));
  expectTooMany(await own.server.inject(path));
  // Whoever comes through a proxy is somebody else, and is asked for a token first.
  const authorization = `Bearer ${await own.token('read')}`;
  expect((await own.server.inject({ url: path, remoteAddress: '203.0.113.9', headers: { authorization } })).statusCode).toBe(200);
  expect((await own.server.inject('/no-such.css')).statusCode).toBe(404);
});

test('one address submits 60 times a minute, whatever becomes of it, and is told when to submit again; it may look meanwhile', async () => {
  const own = await aServer();
  const submit = { method: 'POST', url: '/api/jobs', payload: {}, headers: { authorization: `Bearer ${await own.token('submit')}` } } as const;
  // The queue is away, so that nothing comes of them.
  expect(new Set(await answers(own, 60, submit))).toEqual(new Set([503]));
  expectTooMany(await own.server.inject(submit));
  expect((await own.server.inject('/api/unreadable.json')).statusCode).toBe(200);
});
