// A bisection in words: who did it, how sure that is, what it rests on.
import { expect, test } from 'vitest';
import { BisectDocument } from '../contract/bisection.ts';
import { Ancestry } from './ancestry.ts';
import { answerOf, sayQuestion, type Told } from './bisect-report.ts';
import { line, nextLook, type Asked, type Look } from './bisect.ts';

const BOOTS: Asked = { model: { kind: 'boots' }, sure: 0.95, most: 3 };
const HASHES = ['1', '2', '3'].map((one) => one.repeat(40));

function told(looks: readonly (readonly [number, Look['saw']])[], change: Partial<Told> = {}): Told {
  const history = new Ancestry(line(HASHES));
  const asked = change.asked ?? BOOTS;
  const steps = looks.map(([at, saw]) => ({ at: HASHES[at] ?? '', saw, detectors: saw === 'wrong' ? ['frames'] : [], narrow: false, subject: 's', evaluation: null, why: 'w', verdict: null, p: null }));
  const next = nextLook(history, steps, asked);
  if ('ask' in next) throw new Error(`it wants ${next.ask}`);
  const described: Told['described'] = (id) => ({ id, subject: `subject ${id.slice(0, 1)}`, author: 'A <a@b.invalid>', date: '2026-11-29' });
  return { what: 'git', of: 'linux a..b', base: '6.12', on: 'correctness', asked, next, steps, used: steps, check: undefined, history, described, called: (id) => `${id.slice(0, 12)} subject`, ...change };
}

test('one commit: its hash, subject, author and date, the figure, and each kernel that was looked at', () => {
  const { document, text } = answerOf(told([[2, 'wrong'], [0, 'nothing'], [1, 'wrong'], [0, 'nothing']]));
  expect(BisectDocument.parse(document)).toMatchObject({ found: [{ id: HASHES[1], author: 'A <a@b.invalid>' }], enough: true, kernels: [{ is: 'good', looks: 2, shown: 0, missed: 2 }, { is: 'bad', shown: 2 }, { is: 'bad', shown: 2 }] });
  expect(text).toMatch(/^linux a\.\.b on 6\.12: 222222222222 subject is the first that is wrong; 9\d\.\d % sure\n {4}commit 2{40}\n {4}A <a@b\.invalid>, 2026-11-29\n/);
  expect(text).toContain('with it, 4 of 4 boots showed it');
  expect(text).toContain('without it, none of 2 looks did');
  expect(text).not.toContain('asked for');
});

test('several, where those between could not be tried; less sure, where the most looks were taken', () => {
  expect(answerOf(told([[2, 'wrong'], [0, 'same'], [1, 'skip']])).document).toMatchObject({ found: [{ id: HASHES[1] }, { id: HASHES[2] }], why: expect.stringContaining('those between could not be tried') as string });
  const unsure = answerOf(told([[2, 'wrong'], [0, 'nothing'], [1, 'nothing']], { asked: { ...BOOTS, most: 1, sure: 0.99 } }));
  expect(unsure.document.enough).toBe(false);
  expect(unsure.text).toContain('that is less than the 99.0 % asked for');
});

test('nothing found is said as that', () => {
  expect(answerOf(told([[2, 'same']])).document).toMatchObject({ found: [], confidence: null, enough: null, reasons: [], why: 'the newest kernel is as its base is, byte for byte' });
});

test('words of anybody do not drive the terminal', () => {
  const { text } = answerOf(told([[2, 'wrong'], [0, 'same'], [1, 'wrong']], { called: () => 'x\u001b[2J' }));
  expect(text).not.toContain('\u001b');
});

test('a step says how many are left', () => {
  const ask = nextLook(new Ancestry(line(HASHES)), [{ at: HASHES[2] ?? '', saw: 'wrong', detectors: [] }], BOOTS);
  if (!('ask' in ask)) throw new Error('it asks nothing');
  expect(sayQuestion({ number: 2, next: ask, name: 'x', places: 3, unit: 'commit', check: undefined, found: true })).toMatch(/^look 2, about \d to go; 33\.3 % for the likeliest so far: x$/);
});

test('whether a look is narrower because of what was seen, or because somebody asked for that, is said apart', () => {
  const newest = { ask: 'x', why: 'newest', left: null, confidence: null } as const;
  const said = (found: boolean): string => sayQuestion({ number: 2, next: newest, name: 'x', places: 3, unit: 'commit', check: { pipelines: ['upload'], close: false }, found });
  expect([said(true), said(false)]).toEqual(['look 2: the newest of 3 commits again, from now on with upload only: x', 'look 2: the newest of 3 commits, with upload only: x']);
});
