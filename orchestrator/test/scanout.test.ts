// Decode to scan-out on real parts: the kernel decodes, its buffers go on virtio-gpu's display without a copy, and the host looks at every
// frame. Wants base 7.3, whose clean build takes ten minutes, so it runs where VLAB_ALL_BASES=1 asks for it. The guest runs in a guest (stack
// trixie-nested), so that no host needs udmabuf.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ImageListDocument, RunDocument, type PipelineRow } from '../src/contract/documents.ts';
import { INSIDE, MACHINE } from '../src/guest/argv.ts';
import { openPorts } from '../src/guest/ports.ts';
import { Qmp } from '../src/guest/qmp.ts';
import { Screen } from '../src/guest/screen.ts';
import { TestLab } from './lab.ts';

const wanted = process.env['VLAB_ALL_BASES'] === '1';
if (!wanted) process.stderr.write('scanout.test.ts: skipped; VLAB_ALL_BASES=1 runs it, and builds base 7.3 for it, in about ten minutes\n');

const SCANOUT = { stack: 'trixie-nested', pipelines: ['v4l2-scanout'], clip: 'fwht-xrgb-scanout' };

describe.skipIf(!wanted)('decode to scan-out without a copy', () => {
  let lab: TestLab;
  let run: RunDocument['runs'][number] | undefined;
  const rowOf = (fault: string | null): PipelineRow | undefined => run?.pipelines.find((row) => row.fault === fault);

  beforeAll(async () => {
    lab = await TestLab.open();
    const job = await lab.job({ ...SCANOUT, kernels: [{ base: '7.3' }], device: '2d-blob', measure: ['counters'], faults: ['decode-bitflip', 'wrong-buffer', 'mirror-x'] });
    run = RunDocument.parse(JSON.parse((await lab.vlab(['run', job, '--json', '--quiet'])).stdout)).runs[0];
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  test('every frame is on the display as it is in the decoder\'s memory', () => {
    expect([run?.outcome.kind, run?.outcome.why]).toEqual(['passed', expect.stringContaining('8 of 8 frames right')]);
    expect(rowOf(null)).toMatchObject({ status: 'passed', frames: 8, wrong: 0 });
  });

  test('leaves nothing behind: no file, no dma-buf, no resource of the host\'s', async () => {
    expect(rowOf(null)?.leaks).toEqual({ fds: 0, dmabufs: 0, hostResources: 0 });
    expect(await lab.left()).toEqual([]);
  });

  test.each([['decode-bitflip', 'decoder'], ['wrong-buffer', 'id']])('%s is caught and called by its right name', (fault, party) => {
    const { caught, named, why } = rowOf(fault) ?? {};
    expect([caught, named, rowOf(fault)?.party, why]).toEqual([true, true, party, expect.stringContaining('frames wrong')]);
  });

  test('a fault of the way to a texture is not tried where there is none', () => {
    expect(rowOf('mirror-x')).toMatchObject({ status: 'unavailable', why: expect.stringContaining('nothing is transferred and nothing is drawn') as string });
  });

  test('is what it says it is: a frame is put on the display, and no byte of it is brought to the host', () => {
    expect(rowOf(null)?.counters).toMatchObject({ bytesPerFrame: 0, transfersPerFrame: 0, byKind: { set_scanout_blob: 1, res_flush: 1 } });
  });
});

describe.skipIf(!wanted)('the stack that nests', () => {
  test('has no renderer, and says so', async () => {
    await using lab = await TestLab.open();
    const ended = await lab.vlab(['run', await lab.job({ stack: 'trixie-nested', kernels: [{ base: '7.3' }], device: 'virgl' }), '--json', '--quiet']);
    expect(RunDocument.parse(JSON.parse(ended.stdout)).runs[0]?.outcome).toMatchObject({ kind: 'rejected', why: 'stack trixie-nested has no renderer, and device virgl wants one' });
  });
});

test('an ordinary stack gives a screendump on its standard output, as QEMU draws a display that no guest has set up', async () => {
  await using lab = await TestLab.open();
  const { images } = ImageListDocument.parse(JSON.parse((await lab.vlab(['image', 'list', '--json'])).stdout));
  const stack = images.filter((one) => one.kind === 'stack' && one.name === 'trixie').sort((a, b) => b.builtAt.localeCompare(a.builtAt))[0];
  const sockets = join(lab.home, 's');
  const { ports, close } = await openPorts(sockets, ['qmp']);
  const screen = new Screen();
  const container = await lab.engine.start({
    image: stack?.tag ?? '', purpose: 'guest', readOnly: true, memoryMiB: 1024, pids: 64, binds: [{ from: sockets, to: INSIDE.sockets }],
    argv: ['start-guest', 'none', 'qemu-system-x86_64', '-nodefaults', '-no-user-config', '-M', MACHINE, '-S', '-accel', 'tcg', '-m', '64', '-display', 'none',
      '-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny', '-vga', 'none', '-device', 'virtio-gpu-pci',
      '-chardev', `socket,id=qmp,path=${INSIDE.qmp},server=off`, '-mon', 'chardev=qmp,mode=control'],
  }, undefined, (chunk) => { screen.hear(chunk); });
  try {
    const qmp = await Qmp.over(await ports.qmp.connected, () => undefined);
    for (let again = 0; again < 3; again++) {
      const shot = await screen.shoot(qmp, 20_000, new AbortController().signal);
      expect([shot.width, shot.height, shot.rgb.length]).toEqual([640, 480, 640 * 480 * 3]);
      // Its words that the display is not there yet: some pixels differ from the ground.
      expect(new Set(shot.rgb).size).toBeGreaterThan(1);
    }
  } finally {
    await container.stop(0);
    await close();
  }
});
