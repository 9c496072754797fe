// Vulkan in a real guest: a dma-buf sampled through Mesa's Venus is right in every frame where the host's driver can make dma-bufs, and
// unavailable, with what is missing, where it cannot.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PipelineRow } from '../src/contract/documents.ts';
import { hostCapabilities } from '../src/guest/capabilities.ts';
import { ranWhole, TestLab } from './lab.ts';

const GIVEN = ['h264-faults', 'vp9-641x361', 'hevc-p010-640x360', 'ffv1-xrgb-640x360', 'vp9-resize'];
const DEVICE = { element: 'venus', pad: 'device', caps: expect.stringMatching(/^Virtio-GPU Venus \(.*\); driver venus, Mesa 25\..*; Vulkan 1\./) as string };

describe('Venus where its host can make dma-bufs', () => {
  let lab: TestLab;
  let rows: PipelineRow[];
  let faulty: PipelineRow[];

  beforeAll(async () => {
    lab = await TestLab.open();
    const venus = { device: 'venus', stack: 'trixie-backports-memfd', pipelines: ['venus-sample'] };
    const ran = async (job: Record<string, unknown>): Promise<PipelineRow[]> => {
      const { runs } = ranWhole(await lab.vlab(['run', await lab.job({ ...venus, ...job }), '--json', '--quiet']));
      // What ended a run in the middle of a pass says more than the row that it left empty.
      expect(runs.filter((run) => run.pipelines.some((row) => row.status === 'not-run')).map((run) => run.outcome)).toEqual([]);
      return runs.flatMap((run) => run.pipelines);
    };
    rows = await ran({ clip: undefined, clips: GIVEN, measure: ['counters'] });
    faulty = (await ran({ clip: 'h264-faults', faults: ['decode-bitflip', 'wrong-buffer', 'no-transfer', 'wrong-stride'] })).filter((row) => row.fault !== null);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  test('gives every frame right, whatever its format and size, and leaves nothing behind', () => {
    expect(rows.map(({ clip, status, why }) => ({ clip, status, why }))).toEqual(rows.map(({ why }, n) => ({ clip: GIVEN[n], status: 'passed', why })));
    expect(rows.length).toBe(GIVEN.length);
    for (const row of rows) expect(row.leaks).toEqual({ fds: 0, dmabufs: 0, hostResources: 0 });
  });

  test('says which device it was, and that Mesa gives up rather than import a resource of virtio-gpu\'s GL side', () => {
    for (const row of rows) expect(row.caps).toContainEqual(DEVICE);
    const asked = rows.flatMap((row) => row.caps).filter((one) => one.pad === 'import');
    expect(asked.map((one) => one.caps)).toEqual(['vkGetMemoryFdPropertiesKHR of a classic resource\'s dma-buf: no answer: Mesa ended the process by signal 6 (Aborted)']);
  });

  test('transfers nothing: the memory is the host\'s', () => {
    for (const row of rows) expect([row.clip, row.counters?.byKind['res_xfer_toh_3d'] ?? 0]).toEqual([row.clip, 0]);
  });

  test('shows the faults that can be made there, and refuses the others with the reason', () => {
    const of = (fault: string): PipelineRow[] => faulty.filter((row) => row.fault === fault);
    for (const row of [...of('decode-bitflip'), ...of('wrong-buffer')]) expect([row.fault, row.clip, row.caught]).toEqual([row.fault, row.clip, true]);
    expect(of('no-transfer').map((row) => row.why)).toEqual(of('no-transfer').map(() => 'fault no-transfer does not apply: there is no transfer'));
    expect(of('wrong-stride').map((row) => row.why)).toEqual(of('wrong-stride').map(() => 'fault wrong-stride does not apply: the shader is compiled with the program'));
    expect(faulty.map((row) => row.fault)).toEqual(['decode-bitflip', 'wrong-buffer', 'no-transfer', 'wrong-stride']);
  });
});

test.skipIf((await hostCapabilities()).includes('udmabuf'))('on a host without udmabuf Venus says what it does not offer, after a device was found', async () => {
  await using lab = await TestLab.open();
  const ended = await lab.vlab(['run', await lab.job({ device: 'venus', pipelines: ['dmabuf-copy', 'venus-sample'], clip: 'h264-faults' }), '--json', '--quiet']);
  const rows = ranWhole(ended).runs.flatMap((run) => run.pipelines);
  expect(rows.map((row) => row.status)).toEqual(['passed', 'unavailable']);
  expect(rows[1]?.caps).toContainEqual(DEVICE);
  expect(rows[1]?.why).toMatch(/^Virtio-GPU Venus \(llvmpipe .*\) does not offer VK_KHR_external_memory_fd, VK_EXT_external_memory_dma_buf, VK_EXT_image_drm_format_modifier$/);
});

test('on a device without Vulkan it says which capability sets there are', async () => {
  await using lab = await TestLab.open();
  const ended = await lab.vlab(['run', await lab.job({ pipelines: ['dmabuf-copy', 'venus-sample'], clip: 'h264-faults' }), '--json', '--quiet']);
  const rows = ranWhole(ended).runs.flatMap((run) => run.pipelines);
  expect(rows.map((row) => [row.status, row.why])).toEqual([
    ['passed', expect.any(String)], ['unavailable', 'the device offers no capability set 4 (venus); VIRTGPU_PARAM_SUPPORTED_CAPSET_IDs is 0x6'],
  ]);
});
