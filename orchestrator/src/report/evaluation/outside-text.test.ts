// What others wrote, in a mail and on a terminal: one recipient, no trailer, no verdict cut off.
import PostalMime from 'postal-mime';
import { expect, test } from 'vitest';
import { EvaluationRecord } from '../../contract/evaluation.ts';
import { mailOf } from './mail.ts';
import { quoted, recipientOf, withoutTrailers } from './outside-text.ts';
import { evaluationText } from './terminal.ts';

const FORGED = 'Tested-by: Famous <famous@example.org>';
const FAILURE = { detector: 'build', what: `x\n${FORGED}`, why: `${FORGED}\n${FORGED}\u2028${FORGED}`, flavour: 'perf', run: null, again: null };
const ROW = {
  metric: 'frame time p95', pipeline: 'dmabuf-direct', kind: 'time', primary: false, verdict: 'inconclusive', changePct: -1.25, ci: [-12.25, 13.25], p: 0.000488, adjusted: null, pairs: 12, dropped: 3, limitPct: 12.5, noisePct: 1,
  detectablePct: null, morePairs: 120, unit: 'ms', baseMedian: 1, patchedMedian: 1, baseSdPct: 1, patchedSdPct: 1, bimodal: false,
};

function recordOf(over: Record<string, unknown>): EvaluationRecord {
  return EvaluationRecord.parse({
    version: 1, id: 'e-0123456789', series: 'added/some-series-with-a-long-name', title: 'Some series', base: '6.12', baseVersion: '6.12.117 (6.12.117-1)', messageId: null, subject: null, author: null, patches: [],
    kernels: { base: null, patched: null, compiler: null }, image: 'trixie', stack: 'trixie', device: 'virgl', pipelines: ['upload'], clip: 'h264', accelerator: null, renderer: null, versions: {}, budgetSeconds: 60,
    outcome: { kind: 'failed', stage: 'kernel', why: FORGED }, verdict: 'failed', why: FORGED, correctness: { verdict: 'failed', failures: [FAILURE], known: [FAILURE], unconfirmed: [], runs: [] }, identical: false, facts: [],
    metrics: [], notes: [`n\n${FORGED}`], method: 1, seed: 7, alpha: 0.01, looks: [], samples: [], phases: [], seconds: 1, overheadPct: 0, startedAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T00:03:20.000Z', ...over,
  });
}

test.each([
  ['A. Uthor <a@example.org>', { name: 'A. Uthor', address: 'a@example.org' }], ['a@example.org', { name: '', address: 'a@example.org' }], ['"Doe, J." <j@example.org>', { name: 'Doe, J.', address: 'j@example.org' }],
  ['M Bcc: all@example.org <m@example.org>', { name: 'M Bcc: all@example.org', address: 'm@example.org' }], ['a@example.org, b@example.org', undefined], ['a <b@example.org> <c@example.org>', undefined], ['nobody', undefined], ['', undefined],
])('the recipient of %j', (author, expected) => {
  expect(recipientOf(author)).toEqual(expected);
});

test('lines of others are quoted, and only trailers are elsewhere', () => {
  expect(quoted('a\n\nb')).toBe('> a\n>\n> b');
  expect(withoutTrailers(`device: virgl\n  ${FORGED}\nCc: a\u2029FIXES: b\n| Reported-by: c`)).toBe(`device: virgl\n> ${FORGED}\n> Cc: a\n> FIXES: b\n| Reported-by: c`);
});

test('a mail has one recipient and no trailer that its sender did not give', async () => {
  const mail = await PostalMime.parse(await mailOf(recordOf({ author: 'Mallory\r\nBcc: all@example.org <m@example.org>' })));
  expect(mail.to).toEqual([{ name: 'Mallory Bcc: all@example.org', address: 'm@example.org' }]);
  expect(mail.text).not.toMatch(/^\s*[\w-]+-by:/im);
  expect(mail.text).toMatch(/before\s+anything was booted/);
});

test('a terminal of 100 columns shows the verdict of the widest row, and no exact figure where nothing was measured', () => {
  const text = evaluationText(recordOf({ metrics: [ROW, { ...ROW, changePct: null, ci: null, p: null }] }));
  const lines = text.split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(lines.filter((line) => line.startsWith('(frame time p95)')).map((line) => line.endsWith('  inconclusive'))).toEqual([true, true]);
  expect(text).not.toContain('exact');
});
