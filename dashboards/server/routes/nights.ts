// Nights: one of them, at an address that stays its own when there is a newer one, and what it has to tell of as a table.
import * as z from 'zod';
import { NightId } from '../../../orchestrator/src/contract/ids.ts';
import { LabError } from '../../../orchestrator/src/lib/lab-error.ts';
import { NightDetail, Problem, type NightShown } from '../../api/shapes.ts';
import { matrixOf } from '../queries/matrix.ts';
import { newestNight, nightOf } from '../queries/nights.ts';
import { problemOf } from '../problems.ts';
import type { Parts } from '../server.ts';
import { serveTable } from '../tables.ts';
import type { Api } from './api.ts';

const NIGHT = ['kind', 'what', 'why', 'history', 'run', 'evaluation'] as const;

export function nightRoutes(api: Api, { keeper, home }: Parts): void {
  api.get('/nights/:id', { schema: { summary: 'One night, with its matrix', params: z.object({ id: NightId }), response: { 200: NightDetail, 404: Problem } } }, async ({ params: { id } }) => {
    const night = await wanted(id);
    try {
      const found = await matrixOf(keeper.db, home, night.matrix);
      return { night, matrix: found?.matrix ?? null, noMatrix: found === undefined ? 'the job of its matrix is in the record no longer' : null };
    } catch (error) {
      const problem = problemOf(error);
      if (problem.status !== 503) throw error;
      return { night, matrix: null, noMatrix: problem.problem.message };
    }
  });

  serveTable(api, {
    path: '/night', summary: 'What a night, by default the newest, has to tell of: slower, new, fixed, still failing, flaky, known', query: z.object({ night: NightId.optional() }), columns: NIGHT,
    rows: async ({ night: id }) => {
      const night = id === undefined ? await newestNight(home) : await wanted(id);
      return [
        ...(night?.slower ?? []).map(({ base, ...one }) => ({ kind: 'slower', what: base, history: null, run: null, ...one })),
        ...(night?.groups ?? []).flatMap(({ kind, cells }) => cells.map((cell) => ({ kind, ...cell, evaluation: null }))),
      ];
    },
  });

  async function wanted(id: NightId): Promise<NightShown> {
    const night = await nightOf(home, id);
    if (night === undefined) throw new LabError('UNKNOWN_ID', `there is no night ${id} that came to its end`, { blame: 'request', hint: 'vlab nightly list' });
    return night;
  }
}
