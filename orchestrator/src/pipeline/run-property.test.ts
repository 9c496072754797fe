// Properties are asked one after another; what was heard before an end is kept.
import { expect, test } from 'vitest';
import { rejection } from '../../test/parts.ts';
import { StubProber } from '../../test/stub-prober.ts';
import type { PropertyCommand } from '../contract/probe.ts';
import { LabError } from '../lib/lab-error.ts';
import type { PropertyEvidence } from '../verify/properties.ts';
import { runProperties } from './run-property.ts';

const DEPS = { slowness: 1, onProperty: () => undefined };

test('each property gets a command of its own, and the facts that bear its id', async () => {
  const prober = new StubProber<PropertyCommand>(({ id, property }, stub) => {
    stub.say({ t: 'fact', id, of: property, is: { n: 1 } }, { t: 'fact', id: id + 7, of: 'other', is: {} }, { t: 'end', id, status: 'done', frames: 0 }, { t: 'leaks', id, fds: 0, dmabufs: 0 });
  });
  const gathered: PropertyEvidence[] = [];
  await runProperties(['id', 'dma'], prober, gathered, DEPS, new AbortController().signal);
  expect(prober.sent.map((command) => command.property)).toEqual(['id', 'dma']);
  expect(gathered).toMatchObject([{ property: 'id', facts: [{ of: 'id' }], end: { status: 'done' } }, { property: 'dma', facts: [{ of: 'dma' }] }]);
});

test('a guest that dies in the middle leaves the facts that it told', async () => {
  const prober = new StubProber<PropertyCommand>(({ id }, stub) => { stub.say({ t: 'fact', id, of: 'importer', is: { edu: 1 } }); });
  const gathered: PropertyEvidence[] = [];
  const over = runProperties(['dma', 'id'], prober, gathered, DEPS, new AbortController().signal);
  const gone = new LabError('GUEST_SPLAT', 'oops: BUG', { blame: 'kernel' });
  prober.die(gone);
  expect(await rejection(over)).toBe(gone);
  expect(gathered).toMatchObject([{ property: 'dma', facts: [{ of: 'importer' }], end: undefined }]);
});
