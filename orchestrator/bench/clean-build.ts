// How long the clean build of a built base takes: what patched builds are held against.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Engine } from '../src/lib/container.ts';

/** The same tree and configuration, from nothing, without ccache, under the limits of every build. */
export async function cleanBuild(kernel: string): Promise<number> {
  const started = performance.now();
  const exit = await new Engine('bench', 'bench').run({
    image: `vlab/kernel:${kernel}`, purpose: 'bench', memoryMiB: 6144, pids: 1024, cpus: availableParallelism(), env: { CCACHE_DISABLE: '1' },
    binds: [{ from: fileURLToPath(new URL('../src/kernel/in-builder', import.meta.url)), to: '/in-builder' }],
    argv: ['sh', '-ec', 'cd /work/linux; make -s clean; mkdir /tmp/out; sed "s,/out/,/tmp/out/," /in-builder/make-kernel.sh | sh -e'],
  });
  if (exit.code !== 0) throw new Error(`the clean build ended with ${exit.how}`);
  return (performance.now() - started) / 1000;
}
