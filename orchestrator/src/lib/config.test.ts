// What can be set, and what happens to nonsense: settings come from people.
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { expect, test } from 'vitest';
import { CHECKOUT, rejection } from '../../test/parts.ts';
import { configFrom } from './config.ts';
import { exists } from './files.ts';

test('without any setting the lab lives in the user\'s cache, runs one guest and finds its own checkout', async () => {
  const config = configFrom({});
  expect(config).toMatchObject({ home: join(homedir(), '.cache/vlab'), slots: 1, lockMs: 30_000, slowness: 1 });
  expect(config).not.toHaveProperty('accelerator', expect.anything());
  expect(config.redisUrl).toBeUndefined();
  expect(join(config.checkout, '/')).toBe(CHECKOUT);
  expect(await exists(join(config.checkout, 'kernel-patches/bases.yaml'))).toBe(true);
});

test('takes every setting from the environment it is given, numbers as numbers', () => {
  expect(configFrom({
    VLAB_HOME: '/data/vlab', VLAB_CHECKOUT: '/src/lab', REDIS_URL: 'redis://h:1', VLAB_SLOTS: '4', VLAB_LOCK_MS: '5000', VLAB_SLOWNESS: '2.5', VLAB_ACCELERATOR: 'tcg',
  })).toEqual({ home: '/data/vlab', checkout: '/src/lab', redisUrl: 'redis://h:1', slots: 4, lockMs: 5000, slowness: 2.5, accelerator: 'tcg' });
});

test('XDG_CACHE_HOME moves the lab\'s data, VLAB_HOME moves it again', () => {
  expect(configFrom({ XDG_CACHE_HOME: '/cache' }).home).toBe('/cache/vlab');
  expect(configFrom({ XDG_CACHE_HOME: '/cache', VLAB_HOME: '/data' }).home).toBe('/data');
});

test('a relative folder is made absolute, because containers mount it', () => {
  expect(isAbsolute(configFrom({ VLAB_HOME: 'data' }).home)).toBe(true);
});

test.each([
  ['VLAB_SLOTS', 'many'], ['VLAB_SLOTS', '0'], ['VLAB_SLOTS', '1.5'], ['VLAB_SLOWNESS', '-1'], ['VLAB_LOCK_MS', '10'], ['VLAB_ACCELERATOR', 'hvf'],
])('%s=%s is the user\'s mistake, told by the name of the variable', async (name, value) => {
  const error = await rejection(Promise.resolve({ [name]: value }).then(configFrom));
  expect(error).toMatchObject({ blame: 'request', message: expect.stringContaining(name) as string });
});

test('a variable that is set to nothing counts as not set', () => {
  const empty = { VLAB_HOME: '', XDG_CACHE_HOME: '', VLAB_CHECKOUT: '', REDIS_URL: '', VLAB_SLOTS: '', VLAB_LOCK_MS: '', VLAB_SLOWNESS: '', VLAB_ACCELERATOR: '' };
  expect(configFrom(empty)).toEqual(configFrom({}));
});
