// Records made by hand, put where a worker seals them and an evaluation leaves its verdict, and the wait until a server has taken in all of them.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evaluationOf } from '../../orchestrator/src/report/evaluation/fixture.ts';
import type { TestLab } from '../../orchestrator/test/lab.ts';
import { pipelineResult, runRecord } from '../../orchestrator/test/parts.ts';
import { until } from '../../orchestrator/test/record-lab.ts';

/** A run of which nothing is a sample, unless something is changed. */
const NOTHING = { readyMs: null, guestCpuSeconds: null, pipelines: [] };

export class Sealing {
  readonly #home: string;
  readonly #runs = new Set<string>();
  readonly #evaluations = new Set<string>();

  constructor({ home }: TestLab) { this.#home = home; }

  async run(id: string, change: Parameters<typeof runRecord>[0], files: Record<string, string> = {}): Promise<void> {
    this.#runs.add(id);
    await this.#write(join('runs', id), { ...files, 'run.json': JSON.stringify(runRecord({ id, ...NOTHING, ...change })) });
  }

  async evaluation(id: string, change: Record<string, unknown>): Promise<void> {
    this.#evaluations.add(id);
    await this.#write(join('evaluations', id), { 'evaluation.json': JSON.stringify(evaluationOf({ id, ...change })) });
  }

  async takenIn(url: string): Promise<void> {
    await until('all that was sealed', async () => {
      const { record } = await (await fetch(`${url}/api/health`)).json() as { record: { runs: number; evaluations: number } };
      return record.runs === this.#runs.size && record.evaluations === this.#evaluations.size ? true : undefined;
    }, 60_000);
  }

  async #write(folder: string, files: Record<string, string>): Promise<void> {
    await mkdir(join(this.#home, folder), { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeFile(join(this.#home, folder, name), content);
  }
}

/** Patches of which one costs. */
export const FILES = ['', '0001-a.patch', '0002-guilty.patch', '0003-c.patch'];
const STEPS = [null, 0.01, 8.5, -0.02];

/** v1 to v3 and v10: the second judged twice, of the third only a boot, and of the tenth no verdict. */
export async function sealVersions(sealing: Sealing): Promise<void> {
  const figures = (patches: number): unknown => [{ metric: 'instructions', pipeline: 'upload', value: patches < 2 ? 600_000 : 651_000, stepPct: STEPS[patches] }, { metric: 'call instructions', pipeline: 'submit', value: 16_094, stepPct: patches === 0 ? null : 0 }];
  await sealing.evaluation('e-dv00000001', { series: 'added/x', verdict: 'worse' });
  await sealing.evaluation('e-dv00000002', { series: 'added/x-v2', verdict: 'failed', endedAt: '2026-01-02T00:00:00.000Z' });
  await sealing.evaluation('e-dv00000003', { series: 'added/x-v2', verdict: 'better', endedAt: '2026-01-03T00:00:00.000Z', prefixes: FILES.map((file, patches) => ({ patches, file, run: `r-dp0000000${String(patches)}`, figures: figures(patches) })) });
  await sealing.evaluation('e-dv00000004', { series: 'added/x-v10', verdict: null, outcome: { kind: 'rejected', stage: 'kernel', why: 'it does not apply' }, metrics: [], samples: [] });
  await sealing.evaluation('e-dv00000005', { series: 'added/x-vast', verdict: 'worse' });
  await sealing.run('r-dv00000003', { series: 'added/x-v3' });
}

/** More boots of one kernel than a plot has points, and fewer of another. */
export async function sealMany(sealing: Sealing): Promise<void> {
  for (const [letter, base, boots] of [['m', '6.12', 300], ['f', '7.3', 40]] as const) {
    await Promise.all(Array.from({ length: boots }, (_, n) => {
      const at = new Date(Date.UTC(2026, 0, 1, n)).toISOString();
      return sealing.run(`r-d${letter}${String(n).padStart(8, '0')}`, { base, measure: 'instructions', startedAt: at, sealedAt: at, pipelines: [pipelineResult({ clip: 'vp9-64x48', instructionsPerFrame: 1_000_000 + (n * 487) % 1000 })] });
    }));
  }
}
