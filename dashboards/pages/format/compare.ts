// What differs between two runs, and which figures both have. Pure.
import type { RunDetail } from '../../api/shapes.ts';

export type Difference = { name: string; a: string; b: string };
export type FigurePair = { name: string; of: string; a: number; b: number };

/** Everything that a figure depends on and that is known of both. */
function surroundings({ record, world }: RunDetail): Map<string, string> {
  const own = record === null ? {} : {
    'base': record.base, 'kernel version': record.kernel?.version ?? 'not built', 'kernel': record.kernel?.kernel ?? 'not built', 'compiler': record.kernel?.compiler ?? 'none', 'series': record.series ?? 'none', 'flavour': record.flavour,
    'image': record.image, 'stack name': record.stack, 'device': record.device, 'measures': record.measure ?? 'nothing', 'accelerator': record.accelerator ?? 'none', 'display': record.display ?? 'none', 'renderer': record.renderer ?? 'none',
    'drivers': record.drivers.join(', '), 'host CPUs': record.conditions?.cpus ?? 'not known', 'LP_NUM_THREADS': record.conditions?.lpNumThreads ?? 'not known',
  };
  return new Map(Object.entries({ ...own, ...world }));
}

export function differencesOf(a: RunDetail, b: RunDetail): Difference[] {
  const [left, right] = [surroundings(a), surroundings(b)];
  return [...new Set([...left.keys(), ...right.keys()])].map((name) => ({ name, a: left.get(name) ?? 'not known', b: right.get(name) ?? 'not known' })).filter((one) => one.a !== one.b);
}

export function sameOf(a: RunDetail, b: RunDetail): [string, string][] {
  const right = surroundings(b);
  return [...surroundings(a)].filter(([name, value]) => right.get(name) === value);
}

export function figuresOf(a: RunDetail, b: RunDetail): FigurePair[] {
  const [left, right] = [figuresIn(a), figuresIn(b)];
  return [...left].flatMap(([key, one]) => {
    const other = right.get(key);
    return other === undefined ? [] : [{ name: one.name, of: one.of, a: one.value, b: other.value }];
  });
}

function figuresIn({ record }: RunDetail): Map<string, { name: string; of: string; value: number }> {
  const found = new Map<string, { name: string; of: string; value: number }>();
  const add = (name: string, of: string, value: number | null | undefined): void => {
    if (typeof value === 'number') found.set(`${name} ${of}`, { name, of, value });
  };
  if (record === null) return found;
  add('ready, ms', 'boot', record.readyMs);
  for (const { pipeline, clip, fault, time, counters, instructionsPerFrame, meanMs, wrong } of record.pipelines) {
    const of = `${pipeline}, ${clip}${fault === null ? '' : `, ${fault}`}`;
    add('wrong frames', of, wrong);
    add('frames/s', of, time?.fps);
    add('guest CPU, ms per frame', of, time?.guestCpuMsPerFrame);
    add('host CPU, ms per frame', of, time?.hostCpuMsPerFrame);
    for (const [step, { p50, p95 }] of Object.entries(time?.stepsMs ?? {})) {
      add(`${step} p50, ms`, of, p50);
      add(`${step} p95, ms`, of, p95);
    }
    if (time === null) for (const [step, value] of Object.entries(meanMs)) add(`${step} mean, ms`, of, value);
    add('commands per frame', of, counters?.commandsPerFrame);
    add('transfers per frame', of, counters?.transfersPerFrame);
    add('bytes per frame', of, counters?.bytesPerFrame);
    add('fences per frame', of, counters?.fencesPerFrame);
    add('instructions per frame', of, instructionsPerFrame);
  }
  for (const { call, us, instructions, counters } of record.calls) {
    add('p10, us', call, us?.p10);
    add('p50, us', call, us?.p50);
    add('instructions per call', call, instructions);
    for (const [counter, value] of Object.entries(counters ?? {})) add(`${counter} per call`, call, value);
  }
  return found;
}
