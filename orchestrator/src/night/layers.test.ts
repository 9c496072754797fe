// What changed since it was right, what is put back for it, and what the boots with one layer as it was come to.
import { expect, test } from 'vitest';
import { runRequest } from '../../test/parts.ts';
import { RunInputs } from '../contract/inputs.ts';
import { calledBase } from '../contract/job.ts';
import type { Swap, Swappable } from '../contract/night.ts';
import { changedLayers, swapped, swapsFor, verdictOf, type Ground } from './layers.ts';

const KEYS = { a: 'aaaaaaaaaaaaaaaa', b: 'bbbbbbbbbbbbbbbb' } as const;

function inputs(change: { kernel?: 'a' | 'b'; stack?: 'a' | 'b'; guest?: 'a' | 'b'; clip?: 'a' | 'b' } = {}): RunInputs {
  const { kernel = 'a', stack = 'a', guest = 'a', clip = 'a' } = change;
  return RunInputs.parse({
    version: 1, request: runRequest(), kernel: KEYS[kernel], stack: { name: 'trixie', key: KEYS[stack], tag: 't' }, guest: { name: 'trixie', key: KEYS[guest] },
    clips: [{ disk: 'clip0', name: 'h264-640x360', key: KEYS[clip], sha256: '', seek: null, damaged: false }],
  });
}

const WORLD = { 'qemu': '1:10.0.13', 'virglrenderer': '1.1.0', 'mesa of the stack': '25.0.7', 'mesa of the guest': '25.0.7', 'host kernel': '6.1', 'host accelerator': 'tcg', 'host display': 'xvfb' };

function ground(change: Parameters<typeof inputs>[0] = {}, world: Record<string, string> = {}, commit = 'c1'): Ground {
  return { inputs: inputs(change), world: { ...WORLD, ...world }, kernel: change.kernel === 'b' ? '6.12.60' : '6.12.57', commit };
}

test('each layer that differs is named, with what it was and what it is', () => {
  const bad = ground({ kernel: 'b', stack: 'b', guest: 'b', clip: 'b' }, { 'qemu': '1:10.1', 'mesa of the stack': '25.2', 'mesa of the guest': '25.2', 'host kernel': '6.2' }, 'c2');
  expect(changedLayers(ground(), bad)).toEqual([
    { layer: 'kernel', before: `6.12.57, ${KEYS.a}`, after: `6.12.60, ${KEYS.b}` }, { layer: 'qemu', before: '1:10.0.13', after: '1:10.1' }, { layer: 'mesa', before: '25.0.7', after: '25.2' },
    { layer: 'guest', before: `Mesa 25.0.7, ${KEYS.a}`, after: `Mesa 25.2, ${KEYS.b}` }, { layer: 'clip', before: `h264-640x360 ${KEYS.a}`, after: `h264-640x360 ${KEYS.b}` },
    { layer: 'lab', before: 'c1', after: 'c2' }, { layer: 'host', before: '6.1, tcg, xvfb', after: '6.2, tcg, xvfb' },
  ]);
  expect(changedLayers(ground(), ground())).toEqual([]);
});

test('a stack that was built anew with the same versions is still another stack', () => {
  expect(changedLayers(ground(), ground({ stack: 'b' }))).toEqual([{ layer: 'stack', before: KEYS.a, after: KEYS.b }]);
});

test('nothing is put back where one thing changed; where several did, each that can be', () => {
  const swaps = (bad: Ground): Swappable[] => swapsFor(changedLayers(ground(), bad));
  expect(swaps(ground({ kernel: 'b' }))).toEqual([]);
  expect(swaps(ground({ stack: 'b' }, { qemu: '1:10.1', virglrenderer: '1.2' }))).toEqual([]);
  expect(swaps(ground({ kernel: 'b', stack: 'b' }))).toEqual(['kernel', 'stack']);
  expect(swaps(ground({ kernel: 'b' }, {}, 'c2'))).toEqual(['kernel']);
  expect(swaps(ground({}, { 'host kernel': '6.2' }, 'c2'))).toEqual([]);
});

test('a boot with one layer as it was has every other pinned as it is', () => {
  const [good, bad] = [inputs(), inputs({ kernel: 'b', stack: 'b', guest: 'b', clip: 'b' })];
  expect(swapped(bad.request, 'kernel', good, bad).pins).toEqual({ kernel: KEYS.a, stack: KEYS.b, guest: KEYS.b, clips: { 'h264-640x360': KEYS.b } });
  expect(calledBase(swapped(bad.request, 'kernel', good, bad))).toBe('6.12, the kernel as it was');
  expect(swapped(bad.request, 'clip', good, bad).pins).toEqual({ kernel: KEYS.b, stack: KEYS.b, guest: KEYS.b, clips: { 'h264-640x360': KEYS.a } });
});

function swap(layer: Swappable, came: Swap['came']): Swap {
  return { layer, came, run: null, why: '' };
}

test.each([
  { name: 'one layer alone makes it right', swaps: [swap('kernel', 'right'), swap('stack', 'wrong')], fault: 'kernel', says: /^with the kernel as it was it is right again: kernel 6\.12\.57, a+ to 6\.12\.60, b+$/ },
  { name: 'either of two makes it right', swaps: [swap('kernel', 'right'), swap('stack', 'right')], fault: null, says: /they go wrong together/ },
  { name: 'none makes it right', swaps: [swap('kernel', 'wrong'), swap('stack', 'wrong')], fault: null, says: /none of kernel, stack alone: it takes more than one/ },
  { name: 'an old layer is no longer there', swaps: [swap('kernel', 'wrong'), swap('stack', 'gone')], fault: null, says: /^stack as it was is no longer there/ },
  { name: 'the lab lost a boot', swaps: [swap('kernel', 'wrong'), swap('stack', 'unknown')], fault: null, says: /could not put back every layer/ },
  { name: 'no boots were allowed', swaps: [], fault: null, says: /and none was put back/ },
])('where $name, that is what is said', ({ swaps, fault, says }) => {
  const verdict = verdictOf(changedLayers(ground(), ground({ kernel: 'b', stack: 'b' })), swaps);
  expect(verdict.fault).toBe(fault);
  expect(verdict.verdict).toMatch(says);
});

test('what cannot be put back is named when nothing else is at fault, and one change needs no boot', () => {
  expect(verdictOf(changedLayers(ground(), ground({ kernel: 'b' }, {}, 'c2')), [swap('kernel', 'wrong')])).toMatchObject({ fault: null, verdict: 'none of kernel alone; the lab changed too, and cannot be put back' });
  expect(verdictOf(changedLayers(ground(), ground({ kernel: 'b' })), [])).toMatchObject({ fault: 'kernel', verdict: expect.stringMatching(/^only the kernel/) as string });
  expect(verdictOf([], [])).toMatchObject({ fault: null, verdict: expect.stringContaining('nothing that the lab records') as string });
});
