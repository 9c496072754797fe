// Whoever submits over the network gets the words that vlab run would give them, and no way to a file of the server.
import { expect, test } from 'vitest';
import { PaintedClip } from '../contract/job.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Catalogue } from './catalogue.ts';
import { checkOutsideJob, MOST_RUNS } from './outside-job.ts';

const CATALOGUE: Catalogue = {
  bases: { '6.12': { package: 'linux-source-6.12', suite: 'trixie' }, mainline: { git: 'https://git.example.org/linux.git', ref: 'v6.12' }, mine: { folder: '/src/linux' }, cloned: { git: '/src/linux.git', ref: 'HEAD' } },
  clips: { 'h264-640x360': PaintedClip.parse({ codec: 'h264', width: 640, height: 360, frames: 60 }) },
  series: ['designs/upcast-resource-id', 'added/a-series'], drivers: [], images: ['trixie'], stacks: ['trixie'],
};
const GOOD = { title: 'a look', kernels: [{ base: '6.12' }, { base: 'mainline', series: 'added/a-series' }], pipelines: ['upload'], clip: 'h264-640x360' };

function refusal(change: Record<string, unknown>): string {
  try {
    checkOutsideJob({ ...GOOD, ...change }, CATALOGUE);
  } catch (error) {
    expect(error).toBeInstanceOf(LabError);
    expect(error).toMatchObject({ code: 'BAD_JOB', blame: 'request' });
    return (error as LabError).message;
  }
  throw new Error('Expected a refusal');
}

test('a job as a file has it is taken, with its defaults', () => {
  expect(checkOutsideJob(GOOD, CATALOGUE)).toMatchObject({ title: 'a look', device: 'virgl', stack: 'trixie', kernels: [{ base: '6.12', expect: 'passed' }, { series: 'added/a-series' }] });
});

test.each([
  { name: 'a key', change: { devcie: 'virgl' }, says: 'devcie: unknown key "devcie"; did you mean "device"?' },
  { name: 'a base', change: { kernels: [{ base: '6.11' }] }, says: 'kernels.0.base: unknown base "6.11"; did you mean "6.12"?' },
  { name: 'a series', change: { kernels: [{ base: '6.12', series: 'added/a-seires' }] }, says: 'kernels.0.series: unknown series "added/a-seires"; did you mean "added/a-series"?' },
  { name: 'a pipeline', change: { pipelines: ['uplaod'] }, says: 'pipelines.0: unknown pipeline "uplaod"; did you mean "upload"?' },
  { name: 'a clip', change: { clip: 'h264-640x350' }, says: 'clip: unknown clip "h264-640x350"; did you mean "h264-640x360"?' },
  { name: 'no title', change: { title: undefined }, says: '"title": ' },
])('what is wrong with $name is told with its place and the nearest word', ({ change, says }) => {
  expect(refusal(change).startsWith(says)).toBe(true);
});

test.each([
  { name: 'a file as a clip', change: { clip: { file: '/etc/passwd' } }, says: /^clip: a clip that is a file/ },
  { name: 'one among clips', change: { clip: undefined, clips: ['h264-640x360', { file: '../../tokens.json' }] }, says: /^clips\.1: a clip that is a file/ },
  { name: 'a base that is a folder', change: { kernels: [{ base: 'mine' }] }, says: /^kernels\.0\.base: base "mine" is a folder of the server/ },
  { name: 'a base that is a repository of the server', change: { kernels: [{ base: 'cloned' }] }, says: /^kernels\.0\.base: base "cloned" is a folder/ },
  { name: 'a base of its own', change: { kernels: [{ base: { folder: '/' } }] }, says: /"kernels\.0\.base": Invalid input/ },
  { name: 'a path as a base', change: { kernels: [{ base: '../../etc' }] }, says: /unknown base/ },
  { name: 'a source as a series', change: { kernels: [{ base: '6.12', series: 'git:/src/linux HEAD~1..HEAD' }] }, says: /unknown series/ },
  { name: 'a file that is there as a series', change: { kernels: [{ base: '6.12', series: './package.json' }] }, says: /unknown series/ },
  { name: 'a path as a stack', change: { stack: '../../..' }, says: /^stack: unknown stack/ },
  { name: 'a path as an image', change: { image: '/' }, says: /^image: unknown image/ },
  { name: 'a prototype', change: JSON.parse('{ "__proto__x": 1, "constructor": { "prototype": 1 } }') as Record<string, unknown>, says: /unknown key/ },
])('$name is no way to a file of the server', ({ change, says }) => {
  expect(refusal(change)).toMatch(says);
});

test('a job cannot be larger than it says, nor a refusal larger than a line', () => {
  const kernels = Array.from({ length: 200 }, () => ({ base: '6.12' }));
  expect(refusal({ kernels, devices: ['virgl', '2d'], measure: ['time', 'counters', 'instructions'] })).toBe(`the job: Expected a job of at most ${String(MOST_RUNS)} runs, got 1200`);
  expect(refusal({ kernels: [{ base: 'x'.repeat(100_000) }] }).length).toBeLessThan(500);
  expect(refusal({ [`y${'x'.repeat(100_000)}`]: 1 }).length).toBeLessThan(1000);
});

test.each([null, 5, 'a job', [], [GOOD]])('%j is not a job', (data) => {
  expect(() => checkOutsideJob(data, CATALOGUE)).toThrow(/^the job: /);
});
