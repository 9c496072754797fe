// A limit on how many do something at once: never more, never one left waiting while a slot is free, first come first served.
import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

test('as many as there are slots go on at once, the others wait in the order in which they came', async () => {
  const slots = new Slots(2);
  const [started, given]: [number[], Disposable[]] = [[], []];
  for (let who = 0; who < 5; who++) {
    void slots.take().then((slot) => {
      started.push(who);
      given.push(slot);
    });
  }
  await settled();
  expect(started).toEqual([0, 1]);
  given[1]?.[Symbol.dispose]();
  await settled();
  expect(started).toEqual([0, 1, 2]);
  given[0]?.[Symbol.dispose]();
  given[2]?.[Symbol.dispose]();
  await settled();
  expect(started).toEqual([0, 1, 2, 3, 4]);
});

test('a slot that is handed over cannot be taken in between by one who comes later', async () => {
  const slots = new Slots(1);
  const first = await slots.take();
  const order: string[] = [];
  void slots.take().then(() => { order.push('waited'); });
  first[Symbol.dispose]();
  void slots.take().then(() => { order.push('came later'); });
  await settled();
  expect(order).toEqual(['waited']);
});

test('slots that were given back are free again, and what fails gives its slot back too', async () => {
  const slots = new Slots(1);
  for (let round = 0; round < 3; round++) {
    await expect((async () => {
      using _slot = await slots.take();
      throw new Error('failed');
    })()).rejects.toThrow('failed');
  }
  const last = await slots.take();
  last[Symbol.dispose]();
});

test('several are waited for in one go, and nobody who comes later gets in between', async () => {
  const slots = new Slots(2);
  const first = await slots.take();
  const order: string[] = [];
  const all = slots.takeMany(2).then((both) => {
    order.push('both');
    return both;
  });
  void slots.take().then(() => { order.push('came later'); });
  expect(slots.wanted).toBe(true);
  first[Symbol.dispose]();
  await settled();
  expect(order).toEqual(['both']);
  (await all)[Symbol.dispose]();
  await settled();
  expect([order, slots.wanted]).toEqual([['both', 'came later'], false]);
});

async function settled(): Promise<void> {
  await new Promise((resolve) => { setImmediate(resolve); });
}
