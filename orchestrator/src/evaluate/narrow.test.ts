// What of all checks is needed to see one defect again.
import { expect, test } from 'vitest';
import { runRecord } from '../../test/parts.ts';
import type { Failure } from '../contract/evaluation.ts';
import { RunId } from '../contract/ids.ts';
import { emptyResult } from '../contract/run.ts';
import { narrowOf } from './narrow.ts';

const ALL = ['upload', 'dmabuf-copy', 'v4l2-upload'] as const;
const RUN = RunId.parse('r-0123456789');
const failure = (change: Partial<Failure> = {}): Failure => ({ detector: 'frames', why: '', what: 'rows-missing', flavour: 'perf', run: RUN, again: null, ...change });
const wrong = runRecord({ id: RUN, pipelines: [{ ...emptyResult('upload', 'c'), status: 'passed' }, { ...emptyResult('dmabuf-copy', 'c'), status: 'failed', defect: 'rows-missing' }] });

test('frames that are wrong are looked for by one way that was wrong', () => {
  const twice = { ...wrong, pipelines: [...wrong.pipelines, { ...emptyResult('v4l2-upload', 'c'), status: 'failed' as const, defect: 'rows-missing' as const }] };
  expect(narrowOf([failure()], [twice], ALL)).toEqual({ pipelines: ['dmabuf-copy'], close: false });
  expect(narrowOf([failure()], [wrong], ALL)).toEqual({ pipelines: ['dmabuf-copy'], close: false });
});

test('what ends the kernel, or stands on its console, may show by any way', () => {
  expect(narrowOf([failure(), failure({ detector: 'console' })], [wrong], ALL)).toEqual({ pipelines: ALL, close: false });
});

test('what only debugging or the test importer has shown takes everything', () => {
  expect(narrowOf([failure({ flavour: 'debug' })], [{ ...wrong, flavour: 'debug' }], ALL)).toBeUndefined();
  expect(narrowOf([failure({ detector: 'properties' })], [{ ...wrong, drivers: ['vlab-importer'] }], ALL)).toBeUndefined();
});
