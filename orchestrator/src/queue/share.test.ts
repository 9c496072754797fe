// Fair shares: who asked for much does not keep out who asks for little, and is not kept out for ever either.
import { expect, test } from 'vitest';
import { nextPlace, placeOf, PLACES, priorityOf } from './share.ts';

type Waiting = { who: string; place: number };

/** A queue as BullMQ orders it, and what each submitter took last. */
class Model {
  readonly waiting: Waiting[] = [];
  readonly #last = new Map<string, number>();

  submit(who: string, count: number): void {
    let place = nextPlace(this.#last.get(who) ?? 0, this.waiting[0]?.place);
    for (let n = 0; n < count; n++) this.waiting.push({ who, place: place++ });
    this.#last.set(who, place - 1);
    this.waiting.sort((a, b) => a.place - b.place);
  }

  take(count: number): string {
    return this.waiting.splice(0, count).map(({ who }) => who).join('');
  }
}

test('who asks for three comes to them among the first, though another has asked for thousands before', () => {
  const queue = new Model();
  queue.submit('A', 5000);
  expect(queue.take(10)).toBe('AAAAAAAAAA');
  queue.submit('b', 3);
  expect(queue.take(6)).toBe('AbAbAb');
});

test('two who ask for as much get turns', () => {
  const queue = new Model();
  queue.submit('A', 4);
  queue.submit('b', 4);
  expect(queue.take(8)).toBe('AbAbAbAb');
});

test('many who come again and again do not keep out one who asked for much', () => {
  const queue = new Model();
  queue.submit('A', 50);
  let taken = '';
  for (let n = 0; n < 100; n++) {
    queue.submit('b', 1);
    queue.submit('c', 1);
    taken += queue.take(2);
  }
  expect(taken.replace(/[^A]/g, '').length).toBe(50);
});

test('who asks again before their first is done goes behind it', () => {
  const queue = new Model();
  queue.submit('A', 2);
  queue.submit('A', 1);
  expect(queue.waiting.map(({ place }) => place)).toEqual([1, 2, 3]);
});

test('a night is behind every person, nothing has priority 0, and the last place is as good as any behind it', () => {
  expect(priorityOf('person', 1)).toBe(1);
  expect(priorityOf('night', 1)).toBeGreaterThan(priorityOf('person', 5 * PLACES));
  expect(priorityOf('night', 5 * PLACES)).toBeLessThan(2 ** 21);
  expect([placeOf('night', priorityOf('night', 7)), placeOf('person', priorityOf('night', 7)), placeOf('night', priorityOf('person', 7))]).toEqual([7, undefined, undefined]);
});
