// When a host takes itself out, and when not.
import { expect, test } from 'vitest';
import type { Outcome, OutcomeKind } from '../contract/outcome.ts';
import { Health } from './health.ts';

const of = (kind: OutcomeKind): Outcome => ({ kind, stage: 'guest', why: `${kind}\nand more` });

function after(...kinds: OutcomeKind[]): Health {
  const health = new Health();
  for (const kind of kinds) health.saw(of(kind));
  return health;
}

test('three runs in a row that broke take a host out, and it says what broke the last', () => {
  expect(after('broken', 'broken').why).toBeNull();
  expect(after('broken', 'broken', 'broken').why).toBe('3 runs in a row broke here, the last at guest: broken');
});

test('a kernel or a request that is at fault says that the host is well; one that was cancelled says nothing', () => {
  expect(after('broken', 'broken', 'failed', 'broken').why).toBeNull();
  expect(after('broken', 'broken', 'rejected', 'broken').why).toBeNull();
  expect(after('broken', 'broken', 'cancelled', 'broken').why).not.toBeNull();
});

test('what still ran then does not bring it back; somebody does', () => {
  const health = after('broken', 'broken', 'broken', 'passed');
  expect(health.why).not.toBeNull();
  health.forget();
  expect(health.why).toBeNull();
});
