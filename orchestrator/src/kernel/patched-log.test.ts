// What a build of a series says, taken apart by patch: which prefixes build, which warnings are new, what checkpatch and bloat-o-meter say.
import { expect, test } from 'vitest';
import { PatchedLog } from './patched-log.ts';

const VQ = 'drivers/gpu/drm/virtio/virtgpu_vq.c';
const UNUSED = `${VQ}:30:7: warning: unused variable 'a' [-Wunused-variable]`;

function heard(...lines: string[]): PatchedLog {
  const log = new PatchedLog();
  lines.forEach((line, at) => { log.hear(line, at * 1000); });
  return log;
}

test('each patch has its own lines, its own end and its own seconds', () => {
  const log = heard('vlab-patch: 0001-a.patch', '  CC      a.o', 'vlab-built: 0001-a.patch', 'vlab-patch: 0002-b.patch', 'b.c:1: error: x', 'vlab-broken: 0002-b.patch', 'vlab-patch: 0003-c.patch', 'error: no');
  expect(log.patches.map(({ patch, status, lines, startedAt, endedAt }) => [patch, status, lines, endedAt - startedAt])).toEqual([
    ['0001-a.patch', 'built', ['  CC      a.o'], 2000], ['0002-b.patch', 'broken', ['b.c:1: error: x'], 2000], ['0003-c.patch', 'applied', ['error: no'], 0],
  ]);
});

test('a patch that took a three-way merge is told, and the bytes of the objects that it changed', () => {
  const log = heard('vlab-patch: 0001-a.patch', 'vlab-merged: 0001-a.patch', 'vlab-bloat: drivers/a.o 100 140', 'vlab-bloat: drivers/new.o - 7', 'vlab-bloat: nonsense', 'vlab-built: 0001-a.patch');
  expect(log.patches[0]).toMatchObject({ merged: true, bloat: [{ object: 'drivers/a.o', before: 100, after: 140 }, { object: 'drivers/new.o', before: null, after: 7 }] });
});

test('a warning that the base has too is not new, wherever its line went', () => {
  const log = heard('vlab-patch: 0001-a.patch', UNUSED.replace(':30:', ':34:'), `${VQ}:50:1: warning: label 'out' defined but not used`, 'vlab-built: 0001-a.patch');
  expect(log.newWarnings(0, [UNUSED])).toEqual([{ file: VQ, line: 50, text: "label 'out' defined but not used" }]);
  expect(log.newWarnings(0, [])).toHaveLength(2);
});

test('the second of two equal warnings is new where the base has one', () => {
  const log = heard('vlab-patch: 0001-a.patch', UNUSED, UNUSED.replace(':30:', ':60:'), 'vlab-built: 0001-a.patch');
  expect(log.newWarnings(0, [UNUSED]).map(({ line }) => line)).toEqual([60]);
});

test('one warning of a header that many files include is one warning', () => {
  const line = "include/linux/dma-buf.h:9:1: warning: 'x' defined but not used";
  expect(heard('vlab-patch: 0001-a.patch', line, line, line, 'vlab-built: 0001-a.patch').newWarnings(0, [])).toHaveLength(1);
});

test('a warning of an earlier prefix stands until its file is compiled again', () => {
  const log = heard(
    'vlab-patch: 0001-a.patch', '  CC      drivers/gpu/drm/virtio/virtgpu_vq.o', UNUSED, 'vlab-built: 0001-a.patch', 'vlab-patch: 0002-b.patch', '  CC      other.o', 'vlab-built: 0002-b.patch',
    'vlab-patch: 0003-c.patch', '  CC      drivers/gpu/drm/virtio/virtgpu_vq.o', 'vlab-built: 0003-c.patch',
  );
  expect([0, 1, 2].map((index) => log.newWarnings(index, []).length)).toEqual([1, 1, 0]);
});

test('checkpatch is counted by level, and a patch without a word is there too', () => {
  const log = heard('vlab-checkpatch: 0001-a.patch /patches/0001-a.patch:12: ERROR: code indent', 'vlab-checkpatch: 0001-a.patch /patches/0001-a.patch:40: WARNING: line length', 'vlab-patch: 0001-a.patch');
  expect(log.checkpatch(['0001-a.patch', '0002-b.patch'])).toEqual([
    { patch: '0001-a.patch', errors: 1, warnings: 1, checks: 0, lines: ['12: ERROR: code indent', '40: WARNING: line length'] },
    { patch: '0002-b.patch', errors: 0, warnings: 0, checks: 0, lines: [] },
  ]);
});

test('lines before the first patch and marks about nothing are heard and change nothing', () => {
  const log = heard('hello', 'vlab-built: 0001-a.patch', 'vlab-bloat: a.o 1 2');
  expect([log.patches, log.lines.length]).toEqual([[], 3]);
});

test('a build that says more than a build has to is loud, and no more is kept of it', () => {
  const log = heard('vlab-patch: 0001-a.patch');
  for (let n = 0; n < 2000; n++) log.hear('x'.repeat(64 * 1024), 0);
  expect(log.loud).toBe(true);
  expect(log.lines.length).toBeLessThan(1100);
});

test('warnings, objects and words of checkpatch are kept up to a number and a length, and a number that is none is no line', () => {
  const log = heard('vlab-checkpatch: 0001-a.patch x', 'vlab-patch: 0001-a.patch', `a.c:1: warning: ${'w'.repeat(5000)}`, `a.c:${'9'.repeat(400)}: warning: w`, `vlab-bloat: a.o ${'9'.repeat(400)} 1`);
  for (let n = 0; n < 3000; n++) {
    log.hear(`f${String(n)}.c:1: warning: w`, 0);
    log.hear(`vlab-bloat: f${String(n)}.o 1 2`, 0);
    log.hear('vlab-checkpatch: 0001-a.patch x', 0);
  }
  const warnings = log.newWarnings(0, []);
  expect([warnings.length, log.patches[0]?.bloat.length, log.checkpatch(['0001-a.patch'])[0]?.lines.length]).toEqual([1000, 1000, 1000]);
  expect(warnings[0]?.text).toHaveLength(1000);
});
