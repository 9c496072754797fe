// A plan becomes every combination that makes sense, and each that was left out is counted under the rule that did it.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nightPlan, nightProfile } from '../../test/night-parts.ts';
import { CHECKOUT } from '../../test/parts.ts';
import { canDecode, PIPELINES } from '../contract/pipeline.ts';
import { readCatalogue } from '../request/catalogue.ts';
import { expand, keyOfCell } from './expand.ts';
import { codecsOf, readPlan } from './read-plan.ts';

const CODECS = { 'h264-faults': 'h264', 'fwht-faults': 'fwht', 'vp9-64x48': 'vp9' } as const;

test('each pipeline takes the clips that it can decode, and one boot takes them all', () => {
  const { jobs, cells, pruned } = expand(nightPlan(), nightProfile(), CODECS);
  expect(jobs).toHaveLength(1);
  expect(jobs[0]).toMatchObject({ kernels: [{ base: '6.12' }], device: 'virgl', pipelines: ['upload', 'v4l2-dmabuf'], clips: ['h264-faults', 'fwht-faults'] });
  expect(cells.map(({ pipeline, clip }) => `${pipeline} ${clip}`)).toEqual(['upload h264-faults', 'v4l2-dmabuf fwht-faults', 'whole none']);
  expect(pruned).toEqual([{ why: 'a pipeline takes only what its decoder can decode', cells: 2 }]);
});

test('a rule leaves out what has all of its values, and nothing else', () => {
  const plan = nightPlan({ prune: [{ device: ['virgl-blob'], pipeline: ['upload'], why: 'no blob' }] });
  const { cells, pruned } = expand(plan, nightProfile({ devices: ['virgl', 'virgl-blob'] }), CODECS);
  expect(cells.filter((one) => one.pipeline === 'upload').map((one) => one.device)).toEqual(['virgl']);
  expect(cells.filter((one) => one.pipeline === 'v4l2-dmabuf').map((one) => one.device)).toEqual(['virgl', 'virgl-blob']);
  expect(pruned).toContainEqual({ why: 'no blob', cells: 1 });
});

test('a pipeline that is to leave out a clip does not get it by sharing a boot', () => {
  const plan = nightPlan({ prune: [{ pipeline: ['dmabuf-copy'], clip: ['vp9-64x48'], why: 'slow' }] });
  const { jobs } = expand(plan, nightProfile({ pipelines: ['upload', 'dmabuf-copy'], clips: ['h264-faults', 'vp9-64x48'] }), CODECS);
  expect(jobs.map(({ pipelines, clips }) => [pipelines, clips])).toEqual([[['upload'], ['h264-faults', 'vp9-64x48']], [['dmabuf-copy'], ['h264-faults']]]);
});

test('a place of which everything is left out is not booted, and a camera takes no clip', () => {
  const plan = nightPlan({ prune: [{ stack: ['bookworm'], why: 'too old' }] });
  const { jobs, cells } = expand(plan, nightProfile({ stacks: ['trixie', 'bookworm'], pipelines: ['capture-dmabuf'] }), CODECS);
  expect(jobs.map(({ stack, clips }) => [stack, clips])).toEqual([['trixie', undefined]]);
  expect(cells.map((one) => one.clip)).toEqual(['none', 'none']);
});

test('the boots of each profile of this checkout take their cells, no others and none twice', async () => {
  const catalogue = await readCatalogue(CHECKOUT);
  const plan = await readPlan(join(CHECKOUT, 'jobs/nightly.yaml'), catalogue);
  expect(Object.keys(plan.profiles)).toEqual(['quick', 'full']);
  for (const profile of Object.values(plan.profiles)) {
    const codecs = codecsOf(profile.clips, catalogue);
    const { jobs, cells } = expand(plan, profile, codecs);
    const booted = jobs.flatMap((job) => job.pipelines.flatMap((pipeline) => {
      const place = { base: job.kernels[0]?.base ?? '', flavour: job.flavour, stack: job.stack, device: job.device, pipeline };
      if (PIPELINES[pipeline].source === 'camera') return [keyOfCell({ ...place, clip: 'none' })];
      return (job.clips ?? []).flatMap((clip) => (typeof clip === 'string' && canDecode(pipeline, codecs[clip] ?? 'any') ? [keyOfCell({ ...place, clip })] : []));
    }));
    expect(new Set(booted).size).toBe(booted.length);
    expect(booted.sort()).toEqual(cells.filter((one) => one.pipeline !== 'whole').map(keyOfCell).sort());
  }
  const full = plan.profiles['full'];
  if (full === undefined) throw new Error('no profile full');
  const { pruned } = expand(plan, full, codecsOf(full.clips, catalogue));
  expect(plan.prune.filter((rule) => !pruned.some((one) => one.why === rule.why)), 'rules that leave nothing out').toEqual([]);
});
