// A service that lives while somebody uses it: who ends it, who starts it again, and what a user that died leaves behind. The service is a variable here.
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { otherProcess } from '../../test/other-process.ts';
import { emptyFolder, rejection } from '../../test/parts.ts';
import { useService, type OwnService } from './own-service.ts';

type Stub = OwnService & { log: string[]; up: boolean };

function stub(): Stub {
  const service: Stub = {
    name: 'stub', title: 'a stub', startMs: 1000, hint: 'none', log: [], up: false,
    answers: () => Promise.resolve(service.up),
    start: () => {
      service.log.push('start');
      service.up = true;
      return Promise.resolve();
    },
    end: () => {
      service.log.push('end');
      service.up = false;
      return Promise.resolve();
    },
  };
  return service;
}

test('is started by the first user, and ended by the last', async () => {
  const home = await emptyFolder();
  const service = stub();
  const first = await useService(home, service);
  const second = await useService(home, service);
  await first.leave();
  expect(service.log).toEqual(['start']);
  await second.leave();
  expect(service.log).toEqual(['start', 'end']);
});

test('is started again where it has gone, but not by who has left it', async () => {
  const home = await emptyFolder();
  const service = stub();
  const user = await useService(home, service);
  service.up = false;
  await user.ensure();
  expect(service.log).toEqual(['start', 'start']);
  await user.leave();
  await user.ensure();
  expect(service.log).toEqual(['start', 'start', 'end']);
});

test('is ended by whoever is left when another user was killed', async () => {
  const home = await emptyFolder();
  const service = stub();
  const other = await otherProcess(`import { useService } from './orchestrator/src/lib/own-service.ts';
    await useService(${JSON.stringify(home)}, { name: 'stub', title: '', startMs: 1, hint: '', answers: async () => true, start: async () => {}, end: async () => {} });
    console.log('in use');
    setInterval(() => undefined, 60_000);`);
  await (await useService(home, service)).leave();
  expect(service.log).toEqual(['start']);
  other.kill('SIGKILL');
  await once(other, 'close');
  // The kernel lets the other's hold go when its helper sees that it is alone.
  await expect.poll(async () => {
    await (await useService(home, service)).leave();
    return service.log.at(-1);
  }).toBe('end');
}, 20_000);

test('that does not come up is an error, and is held by nobody', async () => {
  const home = await emptyFolder();
  const service = { ...stub(), answers: () => Promise.resolve(false), startMs: 50, log: [] as string[], end: () => { service.log.push('end'); return Promise.resolve(); } };
  expect(await rejection(useService(home, service))).toMatchObject({ code: 'TOO_SLOW', message: 'a stub took longer than 50 ms' });
  expect(service.log).toEqual(['end']);
});
