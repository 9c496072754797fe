// The search for the change that did it: in lines and in histories with merges, with defects that always show and such that do not.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ancestry, type Place } from './ancestry.ts';
import { line, nextLook, tallied, type Asked, type Look, type Next } from './bisect.ts';

const BOOTS: Asked = { model: { kind: 'boots' }, sure: 0.95, most: 10 };
const VERDICTS: Asked = { model: { kind: 'verdict', alarm: 0.005, miss: 0.025 }, sure: 0.95, most: 3 };

type Searched = { end: Exclude<Next, { ask: string }>; looks: Look[] };

function search(places: readonly Place[], saw: (id: string) => Look['saw'], asked = BOOTS): Searched {
  const history = new Ancestry(places);
  const looks: Look[] = [];
  for (;;) {
    const next = nextLook(history, looks, asked);
    if (!('ask' in next)) return { end: next, looks };
    const seen = saw(next.ask);
    looks.push({ at: next.ask, saw: seen, detectors: seen === 'wrong' || seen === 'once' ? ['frames'] : [] });
    if (looks.length > 10_000) throw new Error('it does not come to an end');
  }
}

const numbered = (count: number): Place[] => line(Array.from({ length: count }, (_, n) => String(n + 1)));

test('a defect that always shows is found, whichever it is, in at most twice the looks that halving takes, and a few', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 60 }).chain((count) => fc.tuple(fc.constant(count), fc.integer({ min: 1, max: count }))), ([count, culprit]) => {
    const { end, looks } = search(numbered(count), (id) => (Number(id) >= culprit ? 'wrong' : 'nothing'));
    expect(end).toMatchObject({ found: [String(culprit)], enough: true });
    expect(looks.length).toBeLessThanOrEqual(4 + 2 * Math.ceil(Math.log2(count)));
  }));
});

test('the first steps are those of git: the newest, then the middle', () => {
  const { looks } = search(numbered(3), (id) => (Number(id) >= 2 ? 'wrong' : 'nothing'));
  expect(looks.slice(0, 3).map(({ at, saw }) => [at, saw])).toEqual([['3', 'wrong'], ['1', 'nothing'], ['2', 'wrong']]);
});

/** Two branches of equal length from one root, merged, and a few on top: r, a1.., b1.., m, t1.. */
function merged(length: number): Place[] {
  const branch = (name: string): Place[] => Array.from({ length }, (_, n) => ({ id: `${name}${String(n + 1)}`, parents: [n === 0 ? 'r' : `${name}${String(n)}`] }));
  return [
    { id: 'r', parents: ['before'] }, ...branch('a'), ...branch('b'), { id: 'm', parents: [`a${String(length)}`, `b${String(length)}`] }, { id: 't1', parents: ['m'] }, { id: 't2', parents: ['t1'] },
  ];
}

test('in a history with a merge it is found on either branch, at the merge itself, and after it', () => {
  const places = merged(6);
  const history = new Ancestry(places);
  for (const { id: culprit } of places) {
    const { end, looks } = search(places, (id) => (history.has(history.indexOf(id), history.indexOf(culprit)) ? 'wrong' : 'nothing'));
    expect(end, culprit).toMatchObject({ found: [culprit], enough: true });
    expect(looks.length, culprit).toBeLessThanOrEqual(11);
  }
});

test('kernels that cannot be tried are gone around, and widen the answer only where they must', () => {
  const from = (culprit: number, ...skipped: number[]) => (id: string): Look['saw'] => (skipped.includes(Number(id)) ? 'skip' : Number(id) >= culprit ? 'wrong' : 'nothing');
  expect(search(numbered(7), from(6, 4)).end).toMatchObject({ found: ['6'], enough: true });
  expect(search(numbered(7), from(6, 4, 5)).end).toMatchObject({ found: ['4', '5', '6'], enough: true });
});

test('a good end, one without a verdict, one that is its base, and what showed once only have no culprit', () => {
  expect(search(numbered(4), () => 'nothing')).toMatchObject({ end: { nothing: expect.stringContaining('in 10 looks; what shows on fewer than 26 of 100 boots') as string } });
  expect(search(numbered(4), () => 'skip').looks).toHaveLength(1);
  expect(search(numbered(4), () => 'same').end).toEqual({ nothing: 'the newest kernel is as its base is, byte for byte' });
  let first = true;
  const once = (): Look['saw'] => { const saw = first ? 'once' : 'nothing'; first = false; return saw; };
  expect(search(numbered(4), once).end).toEqual({ nothing: 'something showed once in 10 looks at the newest kernel and not again: too little to search for' });
});

test('a kernel that is its base byte for byte cannot have it, whatever the rate', () => {
  const { end } = search(numbered(2), (id) => (id === '1' ? 'same' : 'wrong'));
  expect(end).toMatchObject({ found: ['2'], confidence: 1 });
});

test('what one boot showed counts only where the newest kernel shows the same detector\'s', () => {
  const history = new Ancestry(numbered(2));
  const bad: Look = { at: '2', saw: 'wrong', detectors: ['frames'] };
  const one = (detector: string): Look => ({ at: '1', saw: 'once', detectors: [detector] });
  expect(nextLook(history, [bad, one('frames')], BOOTS)).toMatchObject({ found: ['1'], confidence: 1 });
  expect(tallied([bad, one('console')], '2').get('1')).toEqual({ is: 'good', shown: 0, missed: 1, odd: 1, same: false });
});

test('a history that goes in a circle, or has two ends, is none', () => {
  expect(() => new Ancestry([{ id: 'a', parents: ['b'] }, { id: 'b', parents: ['a'] }])).toThrow('in a circle');
  expect(() => nextLook(new Ancestry([{ id: 'a', parents: [] }, { id: 'b', parents: [] }]), [], BOOTS)).toThrow('one newest end, got 2');
});

test('a metric\'s verdicts are believed as far as their error rates allow', () => {
  const { end, looks } = search(numbered(16), (id) => (Number(id) >= 11 ? 'wrong' : 'nothing'), VERDICTS);
  expect(end).toMatchObject({ found: ['11'], enough: true });
  expect(looks.length).toBeLessThanOrEqual(6);
});

/** A generator that is the same for the same seed: mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** As an evaluation looks: one boot, and where it showed something a second. */
function flaky(history: Ancestry, culprit: number, rate: number, random: () => number): (id: string) => Look['saw'] {
  return (id) => {
    const shows = (): boolean => history.has(history.indexOf(id), culprit) && random() < rate;
    return shows() ? (shows() ? 'wrong' : 'once') : 'nothing';
  };
}

type Score = { right: number; promised: number; ended: number; looks: number };

function simulate(bisections: number, seed: number, rateOf: (random: () => number) => number, asked: Asked): Score {
  const random = randomOf(seed);
  const score: Score = { right: 0, promised: 0, ended: 0, looks: 0 };
  for (let n = 0; n < bisections; n++) {
    const places = random() < 0.5 ? numbered(1 + Math.floor(random() * 24)) : merged(1 + Math.floor(random() * 8));
    const history = new Ancestry(places);
    const culprit = Math.floor(random() * places.length);
    const { end, looks } = search(places, flaky(history, culprit, rateOf(random), random), asked);
    if (!('found' in end)) continue;
    score.ended++;
    score.looks += looks.length;
    score.promised += end.confidence;
    if (end.found.length === 1 && end.found[0] === history.ids[culprit]) score.right++;
  }
  return score;
}

test('over many bisections of defects of any rate, the right change is found as often as was promised', () => {
  // As the model has it: a third of defects always shows, the others at any rate.
  const score = simulate(1500, 1, (random) => (random() < 1 / 3 ? 1 : random()), { ...BOOTS, most: 200 });
  expect(score.ended).toBeGreaterThan(1300);
  const deviation = Math.sqrt(score.ended * 0.95 * 0.05);
  expect(score.right).toBeGreaterThan(0.95 * score.ended - 2 * deviation);
  expect(Math.abs(score.right - score.promised)).toBeLessThan(3 * deviation);
});

test.each([[1, 7], [0.9, 10], [0.8, 12], [0.5, 22], [0.3, 40]])('a defect that shows on %f of boots is found as often as was promised, in fewer than %i looks on average', (rate, looks) => {
  const score = simulate(400, 2, () => rate, { ...BOOTS, most: 200 });
  expect(score.right).toBeGreaterThan(0.95 * score.ended - 2 * Math.sqrt(score.ended * 0.95 * 0.05));
  expect(score.looks / score.ended).toBeLessThan(looks);
});

test('asked to be surer, it is', () => {
  const half = (sure: number): Score => simulate(400, 3, () => 0.5, { ...BOOTS, sure, most: 200 });
  const [less, more] = [half(0.8), half(0.995)];
  expect(more.right / more.ended).toBeGreaterThan(0.98);
  expect(more.looks).toBeGreaterThan(less.looks);
});
