// Two runs side by side.
import { expect, test } from 'vitest';
import type { RunDetail } from '../../api/shapes.ts';
import { differencesOf, figuresOf, sameOf } from './compare.ts';

type Record = NonNullable<RunDetail['record']>;

function run(fps: number | null, world: { [name: string]: string }, over: Partial<Record> = {}): RunDetail {
  const record: Record = {
    version: 1, id: 'r-0123456789' as Record['id'], job: 'j-0123456789' as Record['job'], attempt: 1, title: 't', base: '6.12', series: null, flavour: 'perf', drivers: [], image: 'trixie', stack: 'trixie', device: 'virgl', measure: 'time',
    expect: 'passed', outcome: { kind: 'passed', stage: 'verify', why: '' }, asExpected: true, claim: null, kernel: null, accelerator: 'tcg', display: 'xvfb', renderer: 'virgl', capabilities: null, readyMs: 11_000, guestCpuSeconds: null, conditions: null, lostBoot: null,
    pipelines: [{
      pipeline: 'upload', clip: 'a', fault: null, status: 'passed', why: '', frames: 60, wrong: 0, frameNumbers: null, fps: null, meanMs: {}, kept: [], party: null, defect: null, caught: null, named: null, leaks: null, caps: [], counters: null, instructionsPerFrame: null,
      time: fps === null ? null : { frames: 50, warmup: 10, fps, stepsMs: {}, guestCpuMsPerFrame: 3, hostCpuMsPerFrame: null, bookkeepingShare: 0 },
    }],
    calls: [], properties: [], console: [], kmemleakScans: null, exercise: null, stages: [], startedAt: '2026-01-01T00:00:00.000Z', sealedAt: '2026-01-01T00:01:00.000Z', ...over,
  };
  return { id: record.id, state: 'sealed', request: null, record, events: [], world, argv: null, files: [], siblings: [], commands: [] };
}

test('what differs is told, and what is the same is not among it', () => {
  const [a, b] = [run(30, { qemu: '10.0.13', mesa: '25' }), run(31, { qemu: '10.0.14', mesa: '25' }, { series: 'mutants/slow-fence' })];
  expect(differencesOf(a, b)).toEqual([{ name: 'series', a: 'none', b: 'mutants/slow-fence' }, { name: 'qemu', a: '10.0.13', b: '10.0.14' }]);
  expect(sameOf(a, b).some(([name]) => name === 'mesa')).toBe(true);
});

test('what is known of one only differs too', () => {
  expect(differencesOf(run(1, { qemu: '10' }), run(1, {}))).toEqual([{ name: 'qemu', a: '10', b: 'not known' }]);
});

test('a figure that one of them lacks is no figure of both', () => {
  expect(figuresOf(run(30, {}), run(33, {})).map(({ name, a, b }) => [name, a, b])).toEqual([['ready, ms', 11_000, 11_000], ['wrong frames', 0, 0], ['frames/s', 30, 33], ['guest CPU, ms per frame', 3, 3]]);
  expect(figuresOf(run(30, {}), run(null, {})).map(({ name }) => name)).toEqual(['ready, ms', 'wrong frames']);
});
