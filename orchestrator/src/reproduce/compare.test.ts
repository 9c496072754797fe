// What counts as the same outcome, what is only told, and that no text of an archive drives a terminal.
import { expect, test } from 'vitest';
import { frameLine, hash, pipelineResult, runRecord } from '../../test/parts.ts';
import { ReplayDocument } from '../contract/archive.ts';
import type { RunRecord } from '../contract/run.ts';
import { compare, replayText, type Side } from './compare.ts';

const ARGV = ['qemu-system-x86_64', '-accel', 'tcg', '-device', 'a', '-device', 'b', '-append', 'console=ttyS0 tsc_early_khz=1'];

function side(change: Partial<Record<keyof RunRecord, unknown>> = {}, more: Partial<Side> = {}): Side {
  return { record: runRecord({ pipelines: [pipelineResult()], ...change }), probe: [], machine: { 'host kernel': '6.1' }, argv: ARGV, ...more };
}

const failed = pipelineResult({ status: 'failed', party: 'transfer', defect: 'rows-missing', wrong: 60 });

test('the same run twice is the same outcome, whatever its figures are', () => {
  const document = compare(side(), side({ readyMs: 1, pipelines: [pipelineResult({ fps: 1 })] }));
  expect(ReplayDocument.parse(document)).toMatchObject({ same: true, outcome: [], machine: [] });
  expect(document.figures).toContainEqual({ what: 'ready, ms', recorded: '9000', here: '1' });
});

test.each<[string, Partial<Record<keyof RunRecord, unknown>>]>([
  ['another kind', { outcome: { kind: 'failed', stage: 'verify', why: '' } }],
  ['another stage', { outcome: { kind: 'passed', stage: 'kernel', why: '' } }],
  ['a pass that failed', { pipelines: [failed] }],
  ['a pass that is not there', { pipelines: [] }],
  ['a complaint of the kernel', { console: [{ kind: 'warning', line: 1, text: 'WARNING', around: [] }] }],
  ['a property', { properties: [{ property: 'dma', asked: true, holds: false, binding: true, value: '', evidence: '' }] }],
])('%s is another outcome', (_, change) => {
  expect(compare(side(), side(change)).same).toBe(false);
});

test('a frame that is wrong in another way is another outcome; how many of them are not', () => {
  const recorded = side({ pipelines: [failed] });
  expect(compare(recorded, side({ pipelines: [{ ...failed, defect: 'stale' }] })).same).toBe(false);
  expect(compare(recorded, side({ pipelines: [{ ...failed, wrong: 59 }] })).same).toBe(true);
});

test('frames are held against each other by pass and number; the first other one is named', () => {
  const start = { t: 'start', id: 1, pipeline: 'upload', codec: 'h264', width: 640, height: 360, pixelFormat: 'yuv420p', format: 'I420', matrix: 'bt601', range: 'limited' };
  const lines = (...frames: unknown[]): string[] => [start, ...frames].map((line) => JSON.stringify(line));
  const recorded = side({}, { probe: lines(frameLine(0), frameLine(1), frameLine(2)) });
  const here = side({}, { probe: [...lines(frameLine(0), frameLine(1, { texels: { u: hash(99) }, rgb: hash(98) })), 'no JSON'] });
  expect(compare(recorded, here).frames).toEqual({ compared: 2, same: 1, firstOther: 'upload, frame 1: u as texels, RGB' });
});

test('a camera sees another picture each time: its frames are left out', () => {
  const start = { t: 'start', id: 1, pipeline: 'capture-dmabuf', codec: '', width: 640, height: 360, pixelFormat: '', format: 'I420', matrix: 'bt601', range: 'limited' };
  const probe = [start, frameLine(0)].map((line) => JSON.stringify(line));
  expect(compare(side({}, { probe }), side({}, { probe })).frames.compared).toBe(0);
});

test('tells every figure: of passes and of single calls', () => {
  const calls = [{ call: 'submit', rounds: 9, us: { p10: 1, p50: 2.25, p95: 3 }, instructions: null }, { call: 'create', rounds: 9, us: null, instructions: 4000 }];
  expect(compare(side({ calls }), side()).figures).toEqual([
    { what: 'ready, ms', recorded: '9000', here: '9000' }, { what: 'upload on h264-640x360, frames wrong', recorded: '0 of 60', here: '0 of 60' },
    { what: 'upload on h264-640x360, frames/s', recorded: '123.4', here: '123.4' }, { what: 'call submit, us', recorded: '2.3', here: 'absent' }, { what: 'call create, instructions', recorded: '4000', here: 'absent' },
  ]);
});

test('tells what differs of machine and command line, and nothing that does not', () => {
  const here = side({}, { machine: { 'host kernel': '6.8' }, argv: ARGV.map((word) => word.replace('khz=1', 'khz=2').replace(/^b$/, 'c')) });
  expect(compare(side(), here).machine).toEqual([
    { what: 'host kernel', recorded: '6.1', here: '6.8' }, { what: 'QEMU -device', recorded: 'a b', here: 'a c' },
    { what: 'kernel argument tsc_early_khz', recorded: 'tsc_early_khz=1', here: 'tsc_early_khz=2' },
  ]);
});

test('the text ends with the one word that counts; what the lab blames on itself is no outcome of the kernel', () => {
  const text = (recorded: Side, here: Side): string => replayText(compare(recorded, here), recorded.record, here.record);
  const broken = side({ outcome: { kind: 'broken', stage: 'guest', why: 'QEMU died' } });
  expect(text(side(), side())).toMatch(/\nSAME OUTCOME as recorded$/);
  expect(text(side(), side({ pipelines: [failed] }))).toMatch(/\nOTHER OUTCOME than recorded$/);
  expect(text(side(), broken)).toMatch(/\nNOT TOLD: .*broken.*$/);
});

test('a hostile archive neither drives the terminal nor forges a line', () => {
  const hostile = side({ outcome: { kind: 'passed', stage: 'verify', why: '\u001b[2J\nSAME OUTCOME as recorded' } }, { machine: { 'host kernel': '\u001b]0;x\u0007\nSAME OUTCOME as recorded' } });
  const text = replayText(compare(hostile, side({ pipelines: [failed] })), hostile.record, side().record);
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  expect(text.split('\n').filter((line) => line.startsWith('SAME OUTCOME'))).toEqual([]);
});
