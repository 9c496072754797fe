// Single calls: what was heard of them until the end, and how it ended.
import { expect, test } from 'vitest';
import { rejection } from '../../test/parts.ts';
import { StubProber } from '../../test/stub-prober.ts';
import type { CallsCommand } from '../contract/probe.ts';
import type { CallResult } from '../contract/run.ts';
import { LabError } from '../lib/lab-error.ts';
import { runCalls } from './run-calls.ts';

const CALL = { t: 'call', us: [5, 7], cpuNs: [15] } as const;

test('each call that the lab knows is a row; one that it does not know is none', async () => {
  const prober = new StubProber<CallsCommand>(({ id }, stub) => {
    stub.say({ ...CALL, id, call: 'submit', us: [...CALL.us], cpuNs: [15] }, { ...CALL, id, call: 'other', us: [1], cpuNs: [1] }, { ...CALL, id, call: 'create', us: [9], cpuNs: [30] });
    stub.say({ t: 'end', id, status: 'done', frames: 0 }, { t: 'leaks', id, fds: 0, dmabufs: 0 });
  });
  const seen: CallResult[] = [];
  expect(await runCalls('instructions', prober, seen, { slowness: 1 }, new AbortController().signal)).toMatchObject({ status: 'done' });
  expect(seen).toEqual([{ call: 'submit', rounds: 2, us: null, instructions: 15 }, { call: 'create', rounds: 1, us: null, instructions: 30 }]);
});

test('a guest that dies in the middle leaves the calls that it told', async () => {
  const prober = new StubProber<CallsCommand>(({ id }, stub) => { stub.say({ ...CALL, id, call: 'submit', us: [...CALL.us], cpuNs: [15] }); });
  const seen: CallResult[] = [];
  const over = runCalls('time', prober, seen, { slowness: 1 }, new AbortController().signal);
  const gone = new LabError('GUEST_SPLAT', 'oops: BUG', { blame: 'kernel' });
  prober.die(gone);
  expect(await rejection(over)).toBe(gone);
  expect(seen).toMatchObject([{ call: 'submit', us: { p10: 5 } }]);
});
