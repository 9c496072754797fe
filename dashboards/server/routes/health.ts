// Whether all is well: the one answer that never needs the database. And the folders that no page shows.
import { sql } from 'kysely';
import * as z from 'zod';
import { Health } from '../../api/shapes.ts';
import type { Parts } from '../server.ts';
import { serveTable } from '../tables.ts';
import type { Api } from './api.ts';

const UNREADABLE = ['path', 'why'] as const;

export function healthRoutes(api: Api, { keeper, queue, store, version }: Parts): void {
  api.get('/health', { schema: { summary: 'Whether the database, the queue and the store answer', response: { 200: Health } } }, async () => {
    const { up, why, since, catchingUp } = keeper.state;
    const shared = store();
    const counted = up ? await counts().catch(() => undefined) : undefined;
    return {
      version, database: { up: counted !== undefined, why: counted === undefined ? (why ?? 'it does not answer') : null, since: since.toISOString() },
      record: { ...(counted ?? { runs: 0, jobs: 0, evaluations: 0, unreadable: [] }), catchingUp },
      store: shared === null ? null : { ...shared, since: shared.since.toISOString() },
      queue: { up: (await queue.look().catch(() => ({ up: false }))).up },
    };
  });

  serveTable(api, { path: '/unreadable', summary: 'Folders that should hold a record and do not', query: z.object({}), columns: UNREADABLE, rows: () => keeper.db.selectFrom('unreadable').select(UNREADABLE).orderBy('path').execute() });

  async function counts(): Promise<Pick<Health['record'], 'runs' | 'jobs' | 'evaluations' | 'unreadable'>> {
    const { db } = keeper;
    const unreadable = await db.selectFrom('unreadable').select(UNREADABLE).orderBy('path').limit(50).execute();
    // Counted as they came in: to count a million rows takes a tenth of a second.
    const { rows: [row] } = await sql<{ runs: number; jobs: number; evaluations: number }>`select
      (select coalesce(sum(runs), 0)::int from facets where dimension = 'outcome') as runs, (select count(*)::int from jobs) as jobs, (select count(*)::int from evaluations) as evaluations`.execute(db);
    return { runs: row?.runs ?? 0, jobs: row?.jobs ?? 0, evaluations: row?.evaluations ?? 0, unreadable };
  }
}
