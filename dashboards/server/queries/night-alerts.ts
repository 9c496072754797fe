// What nights have confirmed: a base that is slower than it was the night before, by an evaluation of the two. From their records on disk.
import type { EvaluationRecord, MetricRow } from '../../../orchestrator/src/contract/evaluation.ts';
import type { NightRecord } from '../../../orchestrator/src/contract/night.ts';
import type { NightId, RunId } from '../../../orchestrator/src/contract/ids.ts';
import { readEvaluation } from '../../../orchestrator/src/store/evaluations.ts';
import { listBegun, sealedNight } from '../../../orchestrator/src/store/nights.ts';
import { sizeOfChange } from '../../api/change.ts';
import type { Alert } from '../../api/shapes.ts';
import { alertId, type Known } from './alert-id.ts';
import type { AlertSpan } from './raised.ts';
import { sayChanged } from './what-changed.ts';

export type NightAlert = Known & { alert: Omit<Alert, 'state' | 'notes'> };

/** What is sealed does not change, and the record of a night is large: each is read once. */
const READ = new Map<string, Promise<Told>>();
const MOST_READ = 5000;
/** Each is some hundred kilobytes until it is looked through. */
const READ_AT_ONCE = 20;
const AGAIN_MS = 60_000;

/** `whole`: whether all that it rests on could be read; of what is not there yet, as from another host, it is asked anew after a while. */
type Told = { alerts: NightAlert[]; whole: boolean };

export async function nightAlerts(home: string, { from, to }: AlertSpan): Promise<NightAlert[]> {
  const recent = (await listBegun(home)).filter(({ sealed, startedAt }) => sealed && Date.parse(startedAt) >= from.getTime() && (to === undefined || Date.parse(startedAt) <= to.getTime()));
  const found: NightAlert[] = [];
  for (let at = 0; at < recent.length; at += READ_AT_ONCE) found.push(...(await Promise.all(recent.slice(at, at + READ_AT_ONCE).map(({ id }) => ofNight(home, id)))).flatMap(({ alerts }) => alerts));
  return found;
}

function ofNight(home: string, id: NightId): Promise<Told> {
  const key = `${home} ${id}`;
  const known = READ.get(key);
  if (known !== undefined) return known;
  const found = readNight(home, id);
  READ.set(key, found);
  const [oldest] = READ.keys();
  if (READ.size > MOST_READ && oldest !== undefined) READ.delete(oldest);
  const forget = (): void => { READ.delete(key); };
  found.then(({ whole }) => { if (!whole) setTimeout(forget, AGAIN_MS).unref(); }, forget);
  return found;
}

async function readNight(home: string, id: NightId): Promise<Told> {
  const night = await sealedNight(home, id);
  const worse = (night?.pairs ?? []).filter(({ verdict, evaluation }) => verdict === 'worse' && evaluation !== null);
  if (night === undefined || worse.length === 0) return { alerts: [], whole: night !== undefined };
  const before = night.before === null ? undefined : await sealedNight(home, night.before);
  const found = await Promise.all(worse.map(async (pair) => {
    const evaluation = pair.evaluation === null ? undefined : await readEvaluation(home, pair.evaluation);
    return evaluation === undefined ? undefined : alertOf({ night, pair, evaluation, was: before?.bases.find(({ base }) => base === pair.base)?.version });
  }));
  return { alerts: found.flatMap((one) => one ?? []), whole: !found.includes(undefined) && (before !== undefined || night.before === null) };
}

type Confirmed = { night: NightRecord; pair: NightRecord['pairs'][number]; evaluation: EvaluationRecord; was: string | undefined };

/** The largest change speaks for all of them; a counter that rose from nothing has no percentage and is the largest. */
export function alertOf({ night, pair, evaluation, was }: Confirmed): NightAlert[] {
  const rows = evaluation.metrics.filter((row) => row.primary && row.verdict === 'worse').sort((a, b) => sizeOfChange(b.changePct) - sizeOfChange(a.changePct));
  const [worst] = rows;
  const ends = worst === undefined ? undefined : endsOf(evaluation, worst);
  if (worst === undefined || ends === undefined) return [];
  const { base } = pair;
  const known = { series: JSON.stringify(['night', night.plan, night.profile, base]), run: ends.to };
  const is = night.bases.find((one) => one.base === base)?.version;
  const changed = was !== undefined && is !== undefined && was !== is ? { layer: 'kernel', from: was, to: is } : { layer: 'build', from: pair.before, to: pair.after };
  const place = { base, series: '', flavour: 'perf', device: evaluation.device, stack: evaluation.stack, clip: '', host: ends.host };
  const of = ({ metric, pipeline, changePct }: MetricRow): Pick<Alert, 'metric' | 'subject' | 'changePct'> => ({ metric, subject: pipeline, changePct });
  return [{
    ...known,
    alert: {
      id: alertId(known), ...place, ...of(worst), unit: worst.unit, at: night.startedAt, before: worst.baseMedian ?? 0, after: worst.patchedMedian ?? 0, p: worst.p, from: ends.from, to: ends.to,
      group: sayChanged([changed], base), blames: 'kernel', moved: rows.map((row) => ({ ...place, ...of(row) })), evaluation: evaluation.id,
    },
  }];
}

/** A boot of each side that measured or counted it. */
function endsOf({ samples, facts }: EvaluationRecord, { metric, pipeline }: MetricRow): { from: RunId; to: RunId; host: string } | undefined {
  const pair = samples.find((one) => one.metric === metric && one.pipeline === pipeline)?.pairs[0];
  const runs = pair?.runs ?? facts.find((one) => one.counter === metric && one.pipeline === pipeline)?.runs;
  return runs === undefined ? undefined : { from: runs.base, to: runs.patched, host: pair?.host ?? '' };
}
