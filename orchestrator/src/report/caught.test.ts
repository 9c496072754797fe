// What caught a kernel, and under which name, told from its sealed record alone.
import { describe, expect, test } from 'vitest';
import { pipelineResult, runRecord } from '../../test/parts.ts';
import type { Detector } from '../contract/job.ts';
import type { Stage } from '../contract/outcome.ts';
import type { Property, PropertyResult } from '../contract/property.ts';
import { ALL_RIGHT_BUT, type ConsoleFinding, type Exercise, type PipelineResult, type RunRecord } from '../contract/run.ts';
import { isNamed, sightingsOf, type Sighting } from './caught.ts';

const NOTHING_LEFT = { fds: 0, dmabufs: 0, hostResources: 0 };

test('a kernel that passed was caught by nothing, whatever is in its record', () => {
  expect(sightingsOf(runRecord({ console: [finding('warning')] }))).toEqual([]);
  expect(sightingsOf(runRecord({ outcome: { kind: 'broken', stage: 'guest', why: 'QEMU died' } }))).toEqual([]);
});

test.each<{ name: string; record: RunRecord; seen: Sighting[] }>([
  { name: 'a patch that does not apply', record: failed('kernel', 'series mutants/x: patch 0001-x.patch does not apply: virtgpu_prime.c:71, hunk #1'), seen: [{ by: 'apply', as: [] }] },
  { name: 'a patch that does not compile', record: failed('kernel', 'virtgpu_ioctl.c:329:17: error: implicit declaration'), seen: [{ by: 'build', as: [] }] },
  { name: 'a panic in boot, which is also a word on the console', record: failed('guest', 'Kernel panic', { console: [finding('panic')] }), seen: [{ by: 'boot', as: ['panic'] }, { by: 'console', as: ['panic'] }] },
  { name: 'silence in boot', record: failed('guest', 'the guest hung in boot'), seen: [{ by: 'boot', as: ['hang'] }] },
  { name: 'wrong frames', record: failed('verify', 'dmabuf-copy: 2 of 16 frames wrong', { pipelines: [row({ defect: 'stale-frame', wrong: 2 })] }), seen: [{ by: 'frames', as: ['stale-frame'] }] },
  { name: 'a step that came to nothing', record: failed('verify', 'x', { pipelines: [row({ why: 'error in wait: VIRTGPU_WAIT: Device or resource busy' })] }), seen: [{ by: 'frames', as: ['wait-error'] }] },
  { name: 'a pipeline that died', record: failed('verify', 'x', { pipelines: [row({ why: 'crashed: killed by signal 11' })] }), seen: [{ by: 'frames', as: ['crash'] }] },
  { name: 'frames that did not come', record: failed('verify', 'x', { pipelines: [row({ why: 'it ended after 4 frames' })] }), seen: [{ by: 'frames', as: ['frames-missing'] }] },
  { name: 'silence in a pipeline', record: failed('pipeline', 'pipeline upload went silent for 40 s after 0 frames'), seen: [{ by: 'frames', as: ['hang'] }] },
  {
    name: 'resources that are left on the host',
    record: failed('verify', 'x', { pipelines: [row({ why: `${ALL_RIGHT_BUT}2 host resources were left behind`, leaks: { ...NOTHING_LEFT, hostResources: 2 } })] }),
    seen: [{ by: 'leaks', as: ['host-resource'] }],
  },
  {
    name: 'a check of the exercise, and what it left behind',
    record: failed('verify', 'x', { exercise: exercise({ dumb: 'failed', context: 'unavailable' }, { ...NOTHING_LEFT, dmabufs: 1 }) }),
    seen: [{ by: 'leaks', as: ['dmabuf'] }, { by: 'exercise', as: ['dumb'] }],
  },
  {
    name: 'a property that does not hold, where one that binds nobody does not either',
    record: failed('verify', 'x', { properties: [property('scatterlist', true, false), property('early', false, false), property('id', true, true)] }),
    seen: [{ by: 'properties', as: ['scatterlist'] }],
  },
  {
    name: 'frames and the kernel\'s own word, which comes first',
    record: failed('verify', 'x', { console: [finding('kasan'), finding('warning'), finding('kasan')], pipelines: [row({ defect: 'torn' })] }),
    seen: [{ by: 'console', as: ['kasan', 'warning'] }, { by: 'frames', as: ['torn'] }],
  },
])('$name', ({ record, seen }) => {
  expect(sightingsOf(record)).toEqual(seen);
});

test('a fault that the probe made on purpose is not the kernel\'s', () => {
  const record = failed('verify', 'x', { pipelines: [row({ fault: 'skip-transfer', defect: 'stale-frame' }), row({ defect: 'torn' })] });
  expect(sightingsOf(record)).toEqual([{ by: 'frames', as: ['torn'] }]);
});

describe('the right name', () => {
  const seen: Sighting[] = [{ by: 'console', as: ['warning'] }, { by: 'exercise', as: ['foreign-import', 'wait'] }];

  test.each<{ detector: Detector; seenAs: string | null; named: boolean }>([
    { detector: 'console', seenAs: 'warning', named: true },
    { detector: 'console', seenAs: null, named: true },
    { detector: 'exercise', seenAs: 'wait', named: true },
    { detector: 'console', seenAs: 'kasan', named: false },
    { detector: 'frames', seenAs: null, named: false },
    { detector: 'frames', seenAs: 'warning', named: false },
  ])('$detector $seenAs: $named', ({ detector, seenAs, named }) => {
    expect(isNamed(seen, { detector, seenAs })).toBe(named);
  });
});

function failed(stage: Stage, why: string, change: Partial<Record<keyof RunRecord, unknown>> = {}): RunRecord {
  return runRecord({ outcome: { kind: 'failed', stage, why }, ...change });
}

function row(change: Partial<PipelineResult>): PipelineResult {
  return pipelineResult({ status: 'failed', why: 'x', ...change });
}

function property(name: Property, binding: boolean, holds: boolean): PropertyResult {
  return { property: name, asked: true, holds, binding, value: 'x', evidence: 'x' };
}

function finding(kind: ConsoleFinding['kind']): ConsoleFinding {
  return { kind, line: 1, text: kind, around: [] };
}

function exercise(checks: Record<string, 'passed' | 'failed' | 'unavailable'>, leaks: Exercise['leaks']): Exercise {
  return { status: 'failed', why: 'x', checks: Object.entries(checks).map(([check, status]) => ({ check, status, why: '' })), leaks };
}
