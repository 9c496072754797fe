// A store that hosts share and that stops answering, said on an open page with what to do, and taken back when it is there again. The store is Ceph's gateway;
// between it and the server stands a door that can be shut, since a container that comes back may have another address.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestLab } from '../../orchestrator/test/lab.ts';
import { startStore } from '../../orchestrator/test/test-store.ts';
import { Door } from './door.ts';
import { expectRight, LOOKS, serveTo, takeLook } from './look.ts';

let lab: TestLab;
let door: Door;
let close: () => Promise<void>;
let url: string;
let page: Page;
let misdeeds: string[];

beforeAll(async () => {
  lab = await TestLab.open();
  const store = await startStore(lab);
  const { hostname: host, port } = new URL(store.parts('shared').endpoint);
  door = new Door({ host, port: Number(port) });
  await door.open();
  ({ url, page, misdeeds, close } = await serveTo(lab, { ...store.env, VLAB_STORE: `s3://shared?endpoint=http://127.0.0.1:${String(door.port)}` }));
});

afterAll(async () => {
  await close();
  await door.shut();
  await lab[Symbol.asyncDispose]();
});

async function stateOfStore(): Promise<unknown> {
  return (await (await fetch(`${url}/api/health`)).json() as { store: unknown }).store;
}

test('a store that does not answer is said on the page, with since when, why and what to do, and so is that it is back', async () => {
  await page.goto(url);
  await page.locator('main h1').first().waitFor();
  const said = page.getByText('The store that hosts share is down');
  expect(await said.count()).toBe(0);
  await door.shut();
  await said.waitFor({ timeout: 60_000 });
  const banner = page.getByRole('status').filter({ has: said });
  await banner.getByText(/since .*ECONNREFUSED.*See that what VLAB_STORE names is up and lets this server in/).waitFor();
  expect(await stateOfStore()).toMatchObject({ up: false, why: expect.stringContaining('ECONNREFUSED') as unknown });
  for (const look of LOOKS) {
    await takeLook(page, look);
    await expectRight(page, 'store-down', look);
  }
  await door.open();
  await said.waitFor({ state: 'detached', timeout: 60_000 });
  expect(await stateOfStore()).toMatchObject({ up: true, why: null });
});

test('no page asked anything, logged an error, or threw', () => {
  expect(misdeeds).toEqual([]);
});
