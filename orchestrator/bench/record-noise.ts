// npm run bench:verdicts -- --record 50: boots a base in blocks, as an evaluation does, with nothing to compare it with. What the figures of boots that
// are alike scatter by on this machine goes to orchestrator/bench/recorded/; blocks are added to those that are there.
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { benchOf, seriesAsked } from '../src/cli/evaluate.ts';
import { sweep } from '../src/cli/sweep.ts';
import { startWorker, withQueue } from '../src/cli/working.ts';
import { EvaluationId } from '../src/contract/ids.ts';
import { BOOTS_PER_BLOCK, samplesOf, type BlockSeen } from '../src/evaluate/pairs.ts';
import { stepsOf, type Asked } from '../src/evaluate-series.ts';
import { hostCapabilities } from '../src/guest/capabilities.ts';
import { configFrom } from '../src/lib/config.ts';
import { Engine } from '../src/lib/container.ts';
import { keyOf } from '../src/lib/files.ts';
import type { Making } from '../src/lib/lab.ts';
import { ownName } from '../src/lib/owner.ts';
import { Progress } from '../src/report/progress.ts';
import { readCatalogue } from '../src/request/catalogue.ts';
import { Recording, RECORDED } from './verdict-rates.ts';

const BASE = '6.12';
const PIPELINES = ['upload', 'dmabuf-copy'] as const;
/** Which boots are called patched does not matter: all are the base. */
const ORDER: BlockSeen['order'] = Array.from({ length: BOOTS_PER_BLOCK }, (_, boot) => (boot % 2 === 0 ? 'base' : 'patched'));

/** So many blocks of either kind, in turn. Written after each. */
export async function recordNoise(blocks: number): Promise<void> {
  const config = configFrom(process.env);
  const progress = new Progress(process.stderr);
  const making: Making = { lab: { config, engine: new Engine(keyOf({ home: config.home }), ownName()) }, signal: new AbortController().signal, progress: () => undefined };
  const context = { lab: making.lab, json: false, signal: making.signal, talk: (line: string) => { progress.say(line); }, onInterrupt: () => undefined };
  const { series } = await seriesAsked(context, ['harmless/comment'], BASE, making);
  const base = (await readCatalogue(config.checkout)).bases[BASE];
  if (base === undefined) throw new Error(`no base ${BASE}`);
  const asked: Asked = {
    id: EvaluationId.parse('e-0000000000'), series, baseName: BASE, base, device: 'virgl', pipelines: PIPELINES, metrics: ['instructions', 'time'], flavours: ['perf'], perPatch: false,
    image: 'trixie', stack: 'trixie', budgetSeconds: 3600, seed: 1, alpha: 0.01,
  };
  await withQueue(making, async (queue, redis) => {
    await sweep(making.lab, queue);
    const worker = startWorker({ lab: making.lab, redis, can: await hostCapabilities() });
    try {
      const { bench } = await benchOf({ asked, making, queue, progress });
      const asBase: typeof bench = { ...bench, request: (boot, title) => bench.request({ ...boot, side: 'base' }, title) };
      for (let n = 0; n < blocks; n++) for (const kind of ['time', 'instructions'] as const) {
        progress.say(`${kind}, block ${String(n + 1)} of ${String(blocks)}`);
        const steps = stepsOf(asked, asBase, kind, ORDER);
        const { records, host } = await asBase.block(steps, kind === 'time');
        const passed = records.map((one) => (one?.outcome.kind === 'passed' ? one : undefined));
        await keep(kind, { order: ORDER, ids: steps.flat().map((one) => one.id), records: passed, host });
      }
    } finally {
      await worker.close();
    }
  });
}

/** A block of which a boot was lost is told and left out: nothing is made up for it. */
async function keep(kind: 'time' | 'instructions', block: BlockSeen): Promise<void> {
  const samples = samplesOf(kind, PIPELINES, [block]).filter((one) => one.primary);
  const values = Object.fromEntries(samples.map(({ metric, pipeline, pairs }) => [`${metric}, ${pipeline}`, pairs.flatMap(({ base, patched }) => [base, patched])]));
  if (Object.values(values).flat().includes(null)) {
    process.stderr.write('a boot of this block was lost; the block is left out\n');
    return;
  }
  const text = await readFile(RECORDED, 'utf8').catch(() => undefined);
  const recording: Recording = text === undefined ? { base: BASE, conditions: '', limits: {}, blocks: [] } : Recording.parse(JSON.parse(text));
  recording.conditions = `base ${BASE} ${block.records[0]?.kernel?.version ?? ''}, ${block.records[0]?.accelerator ?? ''}, ${String(cpus().length)} CPUs, ${block.records[0]?.renderer ?? ''}`;
  for (const { metric, limitPct } of samples) recording.limits[metric] = limitPct;
  recording.blocks.push({ kind, load: Math.round(10 * (loadavg()[0] ?? 0)) / 10, values: values as Record<string, number[]> });
  await writeFile(RECORDED, `${JSON.stringify({ ...recording, blocks: [] }, null, 1).replace('"blocks": []', `"blocks": [\n${recording.blocks.map((one) => JSON.stringify(one)).join(',\n')}\n]`)}\n`);
}
