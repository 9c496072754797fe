// Every report format, of every end that an evaluation may have: well-formed, saying what happened, and deaf to what a hostile title would have it do.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse as parseCsv } from 'csv-parse/sync';
import PostalMime from 'postal-mime';
import { expect, test } from 'vitest';
import { create } from 'xmlbuilder2';
import { casesOf } from './cases.ts';
import { csvOf } from './csv.ts';
import { ENDS, evaluationOf, HOSTILE } from './fixture.ts';
import { htmlOf } from './html.ts';
import { junitOf } from './junit.ts';
import { kcidbOf } from './kcidb.ts';
import { ktapOf } from './ktap.ts';
import { mailOf } from './mail.ts';
import { evaluationText } from './terminal.ts';

const ends = Object.entries(ENDS);

test('what cases say: worse and wrong fail, inconclusive is skipped, the lab\'s own end is an error', () => {
  expect(Object.fromEntries(ends.map(([name, record]) => [name, casesOf(record).map((one) => one.status).join(' ')]))).toEqual({
    worse: 'pass fail', better: 'pass pass', equivalent: 'pass pass', inconclusive: 'pass skip', failed: 'fail', counters: 'pass fail', perPatch: 'pass fail', identical: 'pass', broken: 'error', hostile: 'fail',
  });
});

test.each(ends)('terminal: %s fits 100 columns and drives no terminal', (_, record) => {
  const text = evaluationText(record);
  const [, ...body] = text.split('\n');
  expect(Math.max(...body.map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
});

test.each(ends)('KTAP: %s has its plan, numbers from 1, and no directive but ours', (name, record) => {
  const lines = ktapOf(record).trimEnd().split('\n');
  expect(lines[0]).toBe('KTAP version 1');
  const results = lines.filter((line) => !line.startsWith('#')).slice(1);
  expect(results[0]).toBe(`1..${String(results.length - 1)}`);
  results.slice(1).forEach((line, at) => { expect(line).toMatch(new RegExp(`^(not )?ok ${String(at + 1)} [^#]+( # (SKIP inconclusive|ERROR))?$`)); });
  expect(results.some((line) => line.startsWith('not ok'))).toBe(['worse', 'failed', 'counters', 'perPatch', 'broken', 'hostile'].includes(name));
});

test.each(ends)('JUnit: %s is XML whose counts are right and whose names are unique', async (_, record) => {
  const xml = await junitOf(record);
  const root = create(xml).root();
  const names: string[] = [];
  let [failures, errors] = [0, 0];
  root.each((node) => {
    const element = node.node as unknown as { nodeName: string; getAttribute: (name: string) => string | null };
    if (element.nodeName === 'testcase') names.push(`${element.getAttribute('classname') ?? ''} ${element.getAttribute('name') ?? ''}`);
    if (element.nodeName === 'failure') failures++;
    if (element.nodeName === 'error') errors++;
  }, false, true);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toHaveLength(casesOf(record).length);
  expect([failures, errors]).toEqual(['fail', 'error'].map((status) => casesOf(record).filter((one) => one.status === status).length));
  expect(xml).not.toContain('<script');
});

const SCHEMA = await readFile(fileURLToPath(new URL('../../../../../shared/data/kcidb_v5_3.json', import.meta.url)), 'utf8').catch(() => undefined);

test.each(ends)('KCIDB: %s has a test for every case', (_, record) => {
  const report = JSON.parse(kcidbOf(record)) as { version: unknown; tests: { status: string; path: string }[] };
  expect(report.version).toEqual({ major: 5, minor: 3 });
  expect(report.tests.map((one) => one.status)).toEqual(casesOf(record).map((one) => ({ pass: 'PASS', fail: 'FAIL', skip: 'DONE', error: 'MISS' })[one.status]));
});

// The schema is KernelCI's and not ours to copy: where it lies beside the checkout, reports are held to it.
test.runIf(SCHEMA !== undefined).each(ends)('KCIDB: %s holds to schema 5.3', (_, record) => {
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  const valid = ajv.compile(JSON.parse(SCHEMA ?? '') as object);
  expect(valid(JSON.parse(kcidbOf(record))), JSON.stringify(valid.errors)).toBe(true);
});

test('KCIDB: the hash of a patch set is that of sha256sum over the sums', () => {
  const { checkouts } = JSON.parse(kcidbOf(evaluationOf({ patches: [{ file: 'a', sha256: 'a'.repeat(64) }] }))) as { checkouts: { patchset_hash: string }[] };
  // printf '%s\n' aaaa...(64) | sha256sum
  expect(checkouts[0]?.patchset_hash).toBe('44c2336fedab8ff6a85c74c2b94165377b0981f526adb9487895ca6314165e86');
});

test('CSV: a line per pair, a lost half is empty, a formula stays text', async () => {
  const rows = parseCsv(await csvOf(ENDS['worse'] ?? evaluationOf()), { columns: true }) as unknown as Record<string, string>[];
  expect(rows).toHaveLength(13);
  expect(rows[3]).toMatchObject({ set: 'pair', n: '3', base: '1000003', patched: '', run_base: 'r-aaaaaaaaaa' });
  expect(rows[12]).toMatchObject({ set: 'noise' });
  expect(rows[0]?.['host']).toBe('\'=cmd()');
});

test.each(ends)('mail: %s is one reply, a draft, and whoever wrote the title adds no header', async (name, record) => {
  const text = await mailOf(record);
  const mail = await PostalMime.parse(text);
  expect(mail.headers.map((header) => header.key)).not.toContain('bcc');
  expect(mail.headers.filter((header) => header.key === 'x-unsent')).toHaveLength(1);
  expect(mail.inReplyTo).toBe(name === 'hostile' ? mail.references : '<20260101.1@example.org>');
  expect(mail.subject).toMatch(/^Re: /);
  expect(mail.from).toBeUndefined();
  expect(mail.text).not.toMatch(/^(Tested|Reported)-by:/m);
  const suggests = { worse: 'Reported-by', better: 'Tested-by', equivalent: 'Tested-by', failed: 'Reported-by', counters: 'Reported-by', perPatch: 'Reported-by', hostile: 'Reported-by' }[name];
  if (suggests === undefined) expect(mail.text).not.toMatch(/\| (Tested|Reported)-by/);
  else expect(mail.text).toContain(`| ${suggests}: YOUR NAME`);
});

test('mail: what was not booted, or not whole, nobody has tested, and the mail does not say so', async () => {
  const identical = await mailOf(evaluationOf({ verdict: 'equivalent', identical: true, metrics: [], samples: [], looks: [], accelerator: null, renderer: null }));
  expect(identical).toContain('booted nothing');
  for (const record of [evaluationOf({ verdict: 'equivalent', checked: ['upload'] }), evaluationOf({ verdict: 'better', ofPatches: 5 })]) {
    const text = await mailOf(record);
    expect(text).not.toContain('Tested-by');
    expect(text).toContain('(none: not all of it was looked at)');
  }
  expect(await mailOf(evaluationOf({ verdict: 'worse', ofPatches: 5 }))).toContain('the first 2 of its 5 patches');
});

test.each(ends)('HTML: %s has no script, fetches nothing, and no name closes a tag', (_, record) => {
  const html = htmlOf(record);
  expect(html).not.toMatch(/<script|<link|<img|https?:|javascript:|url\(/i);
  expect(html).toContain('default-src \'none\'');
  for (const tag of ['html', 'body', 'main', 'svg', 'table', 'pre', 'figure']) expect(html.split(`<${tag}`).length, tag).toBe(html.split(`</${tag}>`).length);
  if (record.title === HOSTILE) expect(html).toContain('&lt;script&gt;');
});

test('patch by patch: whose step is which is in every report for people, and the figures stand before what may be cut', async () => {
  const { perPatch } = ENDS;
  if (perPatch === undefined) throw new Error('no such end');
  const mail = await PostalMime.parse(await mailOf(perPatch));
  for (const text of [evaluationText(perPatch), mail.text ?? '']) {
    expect(text).toMatch(/^0 +596648 +16094 +none: the base$/m);
    expect(text).toMatch(/^2 +\+2\.50 % +\+86\.18 % +0002-<b>\.patch$/m);
  }
  const html = htmlOf(perPatch);
  expect(html).toContain('<td class="figure">+86.18 %</td><td>0002-&lt;b&gt;.patch</td>');
  expect(htmlOf(evaluationOf())).not.toContain('patch by patch');
});
