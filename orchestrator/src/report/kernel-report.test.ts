// A built kernel as people read it: what a reviewer wants to know of a series stands there, and a hostile compiler line drives no terminal.
import { expect, test } from 'vitest';
import { KernelBuildDocument } from '../contract/documents.ts';
import { kernelText, remarksOn } from './kernel-report.ts';

const PATCHES = [{ file: '0001-a.patch', sha256: 'a' }, { file: '0002-b.patch', sha256: 'b' }];

function built(change: Partial<Record<keyof KernelBuildDocument, unknown>> = {}): KernelBuildDocument {
  return KernelBuildDocument.parse({
    kernel: '0123456789abcdef', base: '6.12', version: '6.12.117 (6.12.117-1)', series: null, flavour: 'perf', compiler: 'gcc', builder: 'b', patches: [], seconds: 400, cleanSeconds: 400,
    vmlinuxBytes: 1, builtAt: '2026-11-25T00:00:00.000Z', cached: false, vmlinux: '/kernels/vmlinux', ...change,
  });
}

test('a base is one line, its ccache figures where it has them, and the path of the kernel', () => {
  expect(kernelText(built({ ccache: { hits: 3, compiled: 1500 }, drivers: ['vlab-importer'] })).split('\n')).toEqual([
    'kernel 0123456789abcdef: 6.12.117 (6.12.117-1) with vlab-importer, unpatched, perf; built in 6 min 40 s', 'ccache: 3 hits for 1500 files', '/kernels/vmlinux',
  ]);
});

test('a series says what the clean build of its base took, and which of its prefixes do not build', () => {
  const prefixes = [{ patch: '0001-a.patch', kernel: null, seconds: 6, why: 'a.c:1: error: x' }, { patch: '0002-b.patch', kernel: '0123456789abcdef', seconds: 8, why: null }];
  const text = kernelText(built({ series: 'mine', patches: PATCHES, prefixes, seconds: 14 }));
  expect(text).toContain('mine, perf; built in 14 s, the clean build of its base took 6 min 40 s');
  expect(text).toMatch(/^1-1 +DOES NOT BUILD +6 s +0001-a\.patch$/m);
  expect(text).toMatch(/^1-2 +0123456789abcdef +8 s +0002-b\.patch$/m);
});

test('warnings, checkpatch and sizes are told; more than ten are counted', () => {
  const warnings = Array.from({ length: 12 }, (_, line) => ({ file: 'drivers/a.c', line, text: 'unused \u001b[31m' }));
  const checkpatch = [{ patch: '0001-a.patch', errors: 1, warnings: 0, checks: 0, lines: ['3: ERROR: code indent'] }, { patch: '0002-b.patch', errors: 0, warnings: 0, checks: 0, lines: [] }];
  const bloat = [{ object: 'drivers/a.o', before: 100, after: 140 }, { object: 'drivers/other.o', before: null, after: null }];
  const text = kernelText(built({ series: 'mine', patches: PATCHES, warnings, checkpatch, bloat }));
  expect(text).toContain('compiler: 12 new warnings\n    drivers/a.c:0: unused \\x1b[31m');
  expect(text).toContain('    and 2 more (--json)');
  expect(text).toContain('checkpatch: 0001-a.patch: 1 error, 0 warnings, 0 checks\n    3: ERROR: code indent\ncheckpatch: 0002-b.patch: nothing');
  expect(text).toMatch(/^drivers\/a\.o +100 +140 +\+40$/m);
  expect(text).toMatch(/^drivers\/other\.o +not built +in this +flavour$/m);
});

test('a kernel that is the base\'s says so', () => {
  expect(kernelText(built({ series: 'mine', patches: PATCHES, identicalToBase: true }))).toContain('byte for byte: there is nothing to run');
});

test('what a reviewer should hear of a series is said in a sentence each, and nothing where there is nothing', () => {
  expect(remarksOn(built({ series: 'mine', patches: PATCHES, checkpatch: [{ patch: '0001-a.patch', errors: 0, warnings: 0, checks: 3, lines: ['1: CHECK: x'] }] }))).toEqual([]);
  expect(remarksOn(built({
    prefixes: [{ patch: '0001-a.patch', kernel: null, seconds: 6, why: 'a.c:1: error: x' }], warnings: [{ file: 'a.c', line: 3, text: 'unused' }],
    checkpatch: [{ patch: '0001-a.patch', errors: 1, warnings: 2, checks: 0, lines: ['3: ERROR: code indent'] }], bloat: [{ object: 'drivers/other.o', before: null, after: null }],
  }))).toEqual([
    'the series builds, but not up to 0001-a.patch: it cannot be bisected there', '1 new compiler warning, the first: a.c:3: unused',
    'checkpatch on 0001-a.patch: 1 error, 2 warnings, the first: 3: ERROR: code indent', 'this flavour does not build drivers/other.o: what changed there was not run',
  ]);
});
