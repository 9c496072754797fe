// What one run came to, table by table, and two runs held against each other.
import { join } from 'node:path';
import * as z from 'zod';
import { RunId } from '../../../orchestrator/src/contract/ids.ts';
import type { PropertyResult } from '../../../orchestrator/src/contract/property.ts';
import type { PipelineResult, RunRecord } from '../../../orchestrator/src/contract/run.ts';
import { layout, RUN_FILES } from '../../../orchestrator/src/store/layout.ts';
import { changePct } from '../../api/change.ts';
import { differencesOf, figuresOf } from '../../pages/format/compare.ts';
import { frameErrors, psnrOf, wrongTexelsOf } from '../../pages/format/frame-errors.ts';
import { passesIn, passOf, type ProbePass } from '../../pages/format/probe-frames.ts';
import { spansOf } from '../../pages/format/stages.ts';
import { withoutPixels } from '../plain-file.ts';
import { runDetail } from '../queries/run.ts';
import type { Parts } from '../server.ts';
import { serveTable } from '../tables.ts';
import type { Api } from './api.ts';

const PASSES = ['pipeline', 'clip', 'fault', 'status', 'why', 'frames', 'wrong', 'party', 'defect', 'fps', 'framesPerSecond', 'frameP50Ms', 'frameP95Ms', 'guestCpuMsPerFrame', 'hostCpuMsPerFrame', 'commandsPerFrame', 'transfersPerFrame', 'bytesPerFrame', 'fencesPerFrame', 'instructionsPerFrame', 'caught', 'named', 'leakedFiles', 'leakedDmabufs', 'leakedHostResources'] as const;
/** Of virtio-gpu. */
const COMMANDS = ['pipeline', 'clip', 'fault', 'command', 'perFrame'] as const;
const STEPS = ['pipeline', 'clip', 'fault', 'step', 'meanMs'] as const;
const FRAMES = ['pipeline', 'clip', 'fault', 'frame', 'plane', 'oracle', 'defect', 'wrongTexels', 'ofTexels', 'psnrDb', 'expected', 'got', 'difference'] as const;
/** `psnrDb`: null of a right frame, of which it is infinite, and where it is not known. */
const ERRORS = ['pipeline', 'clip', 'fault', 'frame', 'state', 'psnrDb', 'wrongTexels'] as const;
/** `at`: since the run was opened; null where only the length is known. `ms`: null where it has not ended. */
const STAGES = ['stage', 'at', 'ms', 'ok'] as const;
const CALLS = ['call', 'rounds', 'p10Us', 'p50Us', 'p95Us', 'instructions', 'commands', 'kicks', 'fences', 'bytes', 'pages'] as const;
const PROPERTIES = ['property', 'asked', 'holds', 'binding', 'value', 'evidence'] as const satisfies readonly (keyof PropertyResult)[];
const EXERCISE = ['check', 'status', 'why'] as const;
const FINDINGS = ['kind', 'line', 'text'] as const;
const SIZES = ['object', 'before', 'after'] as const;
const COMPARED = ['kind', 'name', 'of', 'from', 'to', 'changePct'] as const;

const OfRun = z.object({ run: RunId });

export function runTables(api: Api, { keeper, home }: Parts): void {
  serveTable(api, {
    path: '/passes', summary: 'What each pipeline of a run came to', query: OfRun, columns: PASSES,
    rows: async ({ run }) => (await passesOf(run)).map(({ time, counters, leaks, ...pass }) => ({
      ...pass, framesPerSecond: time?.fps ?? null, frameP50Ms: time?.stepsMs['frame']?.p50 ?? null, frameP95Ms: time?.stepsMs['frame']?.p95 ?? null, guestCpuMsPerFrame: time?.guestCpuMsPerFrame ?? null, hostCpuMsPerFrame: time?.hostCpuMsPerFrame ?? null, commandsPerFrame: counters?.commandsPerFrame ?? null, transfersPerFrame: counters?.transfersPerFrame ?? null, bytesPerFrame: counters?.bytesPerFrame ?? null, fencesPerFrame: counters?.fencesPerFrame ?? null,
      leakedFiles: leaks?.fds ?? null, leakedDmabufs: leaks?.dmabufs ?? null, leakedHostResources: leaks?.hostResources ?? null,
    })),
  });

  serveTable(api, {
    path: '/commands', summary: 'Commands of virtio-gpu per frame by kind, pipeline by pipeline of a run', query: OfRun, columns: COMMANDS,
    rows: async ({ run }) => (await passesOf(run)).flatMap(({ pipeline, clip, fault, counters }) => Object.entries(counters?.byKind ?? {}).map(([command, perFrame]) => ({ pipeline, clip, fault, command, perFrame }))),
  });

  serveTable(api, {
    path: '/steps', summary: 'What the time of a frame is made of, pipeline by pipeline of a run', query: OfRun, columns: STEPS,
    rows: async ({ run }) => (await passesOf(run)).flatMap(({ pipeline, clip, fault, meanMs }) => Object.entries(meanMs).map(([step, ms]) => ({ pipeline, clip, fault, step, meanMs: ms }))),
  });

  serveTable(api, {
    path: '/frames', summary: 'The wrong frames that a run kept, plane by plane', query: OfRun, columns: FRAMES,
    rows: async ({ run }) => (await passesOf(run)).flatMap(({ pipeline, clip, fault, kept }) => kept.map(({ error, previews: _previews, ...one }) => ({ pipeline, clip, fault, ...one, wrongTexels: error?.wrong ?? null, ofTexels: error?.of ?? null, psnrDb: error?.psnrDb ?? null }))),
  });

  serveTable(api, {
    path: '/errors', summary: 'Every frame of a run: whether it is right, and by how much it is off, as far as that is known', query: OfRun, columns: ERRORS,
    rows: async ({ run }) => {
      const [all, passes] = [await passesOf(run), await probePasses(run)];
      return all.flatMap((row) => frameErrors(row, passOf(all, row, passes)?.frames.map(({ n }) => n) ?? []).map((error) => {
        const psnrDb = psnrOf(error);
        return { pipeline: row.pipeline, clip: row.clip, fault: row.fault, frame: error.n, state: error.state, psnrDb: psnrDb === Infinity ? null : psnrDb, wrongTexels: wrongTexelsOf(error) };
      }));
    },
  });

  serveTable(api, {
    path: '/stages', summary: 'The stages of a run, each with when it began and how long it took, in milliseconds', query: OfRun, columns: STAGES,
    rows: async ({ run }) => {
      const { events, record } = await runDetail(home, run, keeper);
      return spansOf(events, record?.stages ?? []);
    },
  });

  serveTable(api, {
    path: '/calls', summary: 'What each call of virtio-gpu took in a run', query: OfRun, columns: CALLS,
    rows: async ({ run }) => (await recordOf(run))?.calls.map(({ call, rounds, us, instructions, counters }) => ({
      call, rounds, p10Us: us?.p10 ?? null, p50Us: us?.p50 ?? null, p95Us: us?.p95 ?? null, instructions, commands: counters?.commands ?? null, kicks: counters?.kicks ?? null, fences: counters?.fences ?? null, bytes: counters?.bytes ?? null, pages: counters?.pages ?? null,
    })) ?? [],
  });

  serveTable(api, { path: '/properties', summary: 'What a run found the dma-bufs of its kernel to be', query: OfRun, columns: PROPERTIES, rows: async ({ run }) => (await recordOf(run))?.properties ?? [] });

  serveTable(api, { path: '/exercise', summary: 'What each check of a run\'s walk of ioctls and close orders came to', query: OfRun, columns: EXERCISE, rows: async ({ run }) => (await recordOf(run))?.exercise?.checks ?? [] });

  serveTable(api, { path: '/findings', summary: 'What the kernel of a run said about itself on its console', query: OfRun, columns: FINDINGS, rows: async ({ run }) => (await recordOf(run))?.console ?? [] });

  serveTable(api, { path: '/sizes', summary: 'Bytes of code and data of the object files that differ between a run\'s kernel and its base', query: OfRun, columns: SIZES, rows: async ({ run }) => (await recordOf(run))?.kernel?.bloat ?? [] });

  serveTable(api, {
    path: '/compare', summary: 'Two runs: what differs around them, and every figure that both have', query: z.object({ from: RunId, to: RunId }), columns: COMPARED,
    rows: async ({ from, to }) => {
      const [a, b] = await Promise.all([runDetail(home, from, keeper), runDetail(home, to, keeper)]);
      return [
        ...differencesOf(a, b).map((one) => ({ kind: 'difference', of: '', changePct: null, name: one.name, from: one.a, to: one.b })),
        ...figuresOf(a, b).map((one) => ({ kind: 'figure', name: one.name, of: one.of, from: one.a, to: one.b, changePct: changePct(one.a, one.b) })),
      ];
    },
  });

  async function passesOf(run: RunId): Promise<readonly PipelineResult[]> {
    return (await recordOf(run))?.pipelines ?? [];
  }

  async function probePasses(run: RunId): Promise<ProbePass[]> {
    const { files } = await runDetail(home, run, keeper);
    if (!files.some(({ name }) => name === RUN_FILES.probe)) return [];
    const lines: string[] = [];
    for await (const line of withoutPixels(join(layout.run(home, run), RUN_FILES.probe))) lines.push(line);
    return passesIn(lines.join(''));
  }

  async function recordOf(run: RunId): Promise<RunRecord | null> {
    return (await runDetail(home, run, keeper)).record;
  }
}
