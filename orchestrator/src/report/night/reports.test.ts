// Every report of a night says what happened, and what a console said stays words: no heading, no link, no trailer, no markup.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import PostalMime from 'postal-mime';
import { expect, test } from 'vitest';
import { create } from 'xmlbuilder2';
import { EARLIER, nightCell, nightRecord } from '../../../test/night-parts.ts';
import { RUN_ID } from '../../../test/parts.ts';
import { NightlyDocument } from '../../contract/night.ts';
import { documentOfNight, exitCodeOfNight } from '../../night/told.ts';
import { reportsOf } from './reports.ts';

const SEEN = { night: EARLIER, at: '2026-03-01T02:00:00.000Z', run: RUN_ID };
const HOSTILE = '<script>alert(1)</script> [x](javascript:1)\nSigned-off-by: Evil <e@example.org>\n# heading\u001b[31m';
const CELLS = [
  nightCell(),
  nightCell({ pipeline: 'dmabuf-copy', state: 'wrong', change: 'new', why: HOSTILE, firstBad: SEEN }),
  nightCell({ pipeline: 'v4l2-dmabuf', clip: 'fwht-faults', change: 'fixed' }),
  nightCell({ pipeline: 'dmabuf-direct', state: 'wrong', change: 'still', firstBad: SEEN }),
  nightCell({ pipeline: 'capture-dmabuf', clip: 'none', state: 'mixed', change: 'flaky', flaky: { since: EARLIER, clean: 0 } }),
  nightCell({ pipeline: 'gst-upload', state: 'wrong', change: 'known', firstBad: SEEN, known: { reason: 'a bug of Mesa', link: 'https://example.org/1', until: '2026-12-31' } }),
  nightCell({ pipeline: 'blob-guest', state: 'absent', lastGood: null }),
  nightCell({ pipeline: 'whole', clip: 'none' }),
];
const BLAME = {
  cells: [{ base: '6.12', flavour: 'perf', stack: 'trixie', device: 'virgl', pipeline: 'dmabuf-copy', clip: 'h264-faults' }], good: SEEN, bad: RUN_ID,
  changed: [{ layer: 'kernel', before: '6.12.57', after: '6.12.60' }, { layer: 'qemu', before: '10.0', after: '10.1' }],
  swaps: [{ layer: 'kernel', came: 'right', run: RUN_ID, why: 'all right' }, { layer: 'stack', came: 'wrong', run: RUN_ID, why: 'w' }], fault: 'kernel', verdict: 'with the kernel as it was it is right again',
};
const record = nightRecord({ cells: CELLS, blames: [BLAME], expired: [{ pipeline: ['upload'], reason: 'old', link: 'https://example.org/2', until: '2026-01-01' }] });
const document = documentOfNight(record, '/lab/nights/n/summary.md');
const reports = await reportsOf(record, document);
const report = (name: string): string => reports[name] ?? '';

test('the document has each cell under one heading, with the layer at fault', () => {
  const pipelines = (list: readonly { pipeline: string }[]): string[] => list.map((one) => one.pipeline);
  expect(NightlyDocument.parse(document)).toMatchObject({ night: record.id, lab: 'ok', mutantsCaught: 20, mutantsTotal: 20, report: '/lab/nights/n/summary.md' });
  expect([document.new, document.fixed, document.stillFailing, document.flaky, document.known].map(pipelines)).toEqual([['dmabuf-copy'], ['v4l2-dmabuf'], ['dmabuf-direct'], ['capture-dmabuf'], ['gst-upload']]);
  expect(document.new[0]).toMatchObject({ fault: 'kernel', changed: BLAME.changed, firstBad: SEEN });
});

test.each([
  { what: 'nothing new', change: { cells: [nightCell()] }, code: 0 }, { what: 'still failing only', change: { cells: [CELLS[3]] }, code: 0 }, { what: 'a new failure', change: {}, code: 1 },
  { what: 'a slower base', change: { cells: [], pairs: [{ base: '6.12', before: '0123456789abcdef', after: '1123456789abcdef', evaluation: null, verdict: 'worse', why: 'w', worse: [] }] }, code: 1 },
  { what: 'a lab that missed a mutant', change: { lab: 'failed' }, code: 3 }, { what: 'a lab that broke', change: { lab: 'broken' }, code: 3 }, { what: 'an interrupt', change: { lab: 'interrupted' }, code: 130 },
])('$what: exit code $code', ({ change, code }) => {
  expect(exitCodeOfNight(nightRecord({ cells: CELLS, ...change }))).toBe(code);
});

test('the summary names what is new first, with history and fault, and nothing in it is markup of others', () => {
  const text = report('summary.md');
  expect(text).toMatch(/## Newly failing[\s\S]*## Fixed[\s\S]*## Still failing[\s\S]*## Flaky[\s\S]*## Known[\s\S]*## The lab's own test/);
  expect(text).toMatch(/first bad on 2026-03-01 \(n-0000000001.*changed in between: kernel 6\.12\.57 to 6\.12\.60; qemu 10\.0 to 10\.1\. at fault: kernel/);
  expect(text).not.toContain('<script>');
  expect(text).not.toContain('[x](');
  expect(text).not.toContain('\u001b');
});

test('the mail is a draft to nobody, and gives no trailer', async () => {
  const mail = await PostalMime.parse(report('mail.eml'));
  expect(mail.subject).toBe('[vlab quick] 2026-03-02: 1 new');
  expect(mail.to ?? []).toEqual([]);
  expect(mail.headers.find((one) => one.key === 'x-unsent')?.value).toBe('1');
  expect(mail.text).not.toMatch(/^Signed-off-by/m);
});

test('JUnit: new and still failing are failures, flaky and known are skipped, the lab has a case of its own', () => {
  const tree = create(report('junit.xml')).end({ format: 'object' }) as { testsuites: { '@failures': string; '@errors': string; '@skipped': string; '@tests': string } };
  expect(tree.testsuites).toMatchObject({ '@tests': '9', '@failures': '2', '@errors': '0', '@skipped': '3' });
});

const SCHEMA = await readFile(fileURLToPath(new URL('../../../../../shared/data/kcidb_v5_3.json', import.meta.url)), 'utf8').catch(() => undefined);
const told = JSON.parse(report('kcidb.json')) as { tests: { status: string }[]; issues: unknown[]; incidents: unknown[] };

test('KCIDB: a test for each cell, and what is known as an issue with its incident', () => {
  expect(told.tests.map((one) => one.status)).toEqual(['PASS', 'FAIL', 'PASS', 'FAIL', 'DONE', 'DONE', 'SKIP', 'PASS']);
  expect([told.issues.length, told.incidents.length]).toEqual([1, 1]);
});

test.skipIf(SCHEMA === undefined)('KCIDB: its own schema of 5.3 takes it', () => {
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  const valid = ajv.compile(JSON.parse(SCHEMA ?? '') as object);
  expect(valid(told), JSON.stringify(valid.errors)).toBe(true);
});
