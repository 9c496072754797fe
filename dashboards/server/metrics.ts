// GET /metrics, in OpenMetrics: what an alarm of somebody's own monitoring goes by. Named and measured as prometheus.io says: base units, totals that only grow.
import type { FastifyInstance } from 'fastify';
import { Gauge, Histogram, Registry } from 'prom-client';
import { nightAlarm } from '../../orchestrator/src/night/alarm.ts';
import { listNights } from '../../orchestrator/src/store/nights.ts';
import type { Parts } from './server.ts';

/** Seconds: a page is meant to be there within a fifth of one. */
const BUCKETS = [0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

export function serveMetrics(server: FastifyInstance, { keeper, queue, home }: Parts): void {
  const registry = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const registers = [registry];
  const took = new Histogram({ name: 'vlab_http_request_duration_seconds', help: 'From a request to the end of its answer, by route; streams left out', labelNames: ['route', 'status'], buckets: BUCKETS, registers });
  const database = new Gauge({ name: 'vlab_database_up', help: '1 while the database of the record answers', registers });
  const runs = new Gauge({ name: 'vlab_runs', help: 'Sealed runs in the record, by outcome', labelNames: ['outcome'], registers });
  const unreadable = new Gauge({ name: 'vlab_unreadable_folders', help: 'Folders that should hold a record and do not', registers });
  const jobs = new Gauge({ name: 'vlab_queue_jobs', help: 'What the queue holds, by state', labelNames: ['state'], registers });
  const slots = new Gauge({ name: 'vlab_worker_slots', help: 'Guests that each worker may run at once', labelNames: ['worker', 'host'], registers });
  const running = new Gauge({ name: 'vlab_worker_running', help: 'Runs that each worker has at work', labelNames: ['worker', 'host'], registers });
  const out = new Gauge({ name: 'vlab_worker_out', help: '1 for a worker that takes nothing: drained, or out by itself', labelNames: ['worker', 'host'], registers });
  const queueUp = new Gauge({ name: 'vlab_queue_up', help: '1 while Redis answers', registers });

  const nightAge = new Gauge({ name: 'vlab_nightly_age_seconds', help: 'Since the newest night began; absent where there never was one', registers });
  const nightMissed = new Gauge({ name: 'vlab_nightly_alarm', help: '1 while a night that was due has not happened', registers });

  server.addHook('onResponse', (request, reply, done) => {
    took.observe({ route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) }, reply.elapsedTime / 1000);
    done();
  });

  server.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    const counted = await countRuns().catch(() => undefined);
    database.set(counted === undefined ? 0 : 1);
    runs.reset();
    for (const { value, runs: count } of counted?.outcomes ?? []) runs.set({ outcome: value }, count);
    unreadable.set(counted?.unreadable ?? 0);
    nightMissed.set(await nightAlarm(home) === undefined ? 0 : 1);
    const [night] = await listNights(home, 1);
    if (night === undefined) nightAge.remove();
    else nightAge.set((Date.now() - Date.parse(night.startedAt)) / 1000);
    const view = await queue.look();
    queueUp.set(view.up ? 1 : 0);
    for (const gauge of [jobs, slots, running, out]) gauge.reset();
    for (const [state, count] of Object.entries(view.counts)) jobs.set({ state }, count);
    for (const one of view.workers) {
      slots.set({ worker: one.worker, host: one.host }, one.slots);
      running.set({ worker: one.worker, host: one.host }, one.running.length);
      out.set({ worker: one.worker, host: one.host }, one.draining ? 1 : 0);
    }
    return reply.type(registry.contentType).send(await registry.metrics());
  });

  async function countRuns(): Promise<{ outcomes: { value: string; runs: number }[]; unreadable: number }> {
    const { db } = keeper;
    const outcomes = await db.selectFrom('facets').select(['value', 'runs']).where('dimension', '=', 'outcome').execute();
    const { count } = await db.selectFrom('unreadable').select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
    return { outcomes, unreadable: count };
  }
}
