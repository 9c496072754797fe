// How much the figures of boots that are alike scatter on each host, by the evaluations that ran there.
import { sql } from 'kysely';
import type { Keeper } from '../../../orchestrator/src/record/keeper.ts';

/** Host to the median noise floor of frame time in percent, over its evaluations of the last month. */
export async function noiseByHost({ db }: Keeper): Promise<Map<string, number>> {
  const { rows } = await sql<{ host: string; noise: number }>`
    select host, percentile_cont(0.5) within group (order by noise_pct) as noise from evaluations, unnest(hosts) as host
    where ended_at > now() - interval '30 days' and noise_pct is not null group by host`.execute(db);
  return new Map(rows.map(({ host, noise }) => [host, noise]));
}
