// Which patch of a series did it: the search, without any boot. Pure. The answer of a step is a verdict, never one run.

/** Of the first `patches` patches of a series. `skip`: it does not build, or no verdict could be had. */
export type Step = { patches: number; is: 'good' | 'bad' | 'skip' };
/** `ask` the next prefix; or `found`: the patches among which the first bad one is, from 1; more than one where those between could not be tried. */
export type Next = { ask: number } | { found: { first: number; last: number } } | { nothing: string };

/** The whole series first: where that is good there is nothing to look for. The base, no patch at all, is good by definition. */
export function nextStep(count: number, steps: readonly Step[]): Next {
  const of = (patches: number): Step['is'] | undefined => steps.find((step) => step.patches === patches)?.is;
  const whole = of(count);
  if (whole === undefined) return { ask: count };
  if (whole === 'good') return { nothing: 'the whole series is as its base is' };
  if (whole === 'skip') return { nothing: 'of the whole series no verdict could be had' };
  const good = Math.max(0, ...steps.filter((step) => step.is === 'good').map((step) => step.patches));
  const bad = Math.min(...steps.filter((step) => step.is === 'bad').map((step) => step.patches));
  if (good >= bad) return { nothing: `it is not one patch: with ${String(bad)} of them it is bad, with ${String(good)} it is good again` };
  const between = Array.from({ length: bad - good - 1 }, (_, n) => good + 1 + n).filter((patches) => of(patches) === undefined);
  const middle = (good + bad) / 2;
  const [ask] = between.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle) || a - b);
  return ask === undefined ? { found: { first: good + 1, last: bad } } : { ask };
}
