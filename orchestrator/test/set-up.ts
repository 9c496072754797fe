// Once before all tests on real parts: the images, the base and the clip that they share, made if they are missing. Says how long it took.
import { ImageListDocument, KernelBuildDocument } from '../src/contract/documents.ts';
import { hostAbilities } from '../src/guest/host.ts';
import { configFrom } from '../src/lib/config.ts';
import { Engine } from '../src/lib/container.ts';
import { keyOf } from '../src/lib/files.ts';
import { ownName } from '../src/lib/owner.ts';
import { vlab } from './lab.ts';

export default async function setUp(): Promise<void> {
  const started = Date.now();
  const env = { VLAB_HOME: configFrom(process.env).home };
  // Beside each other: images are mostly waited for, and a kernel is all work.
  const [built, ...images] = await Promise.all([['kernel', 'build'], ['image', 'build', 'stack', 'trixie'], ['image', 'build', 'guest', 'trixie']].map((argv) => vlab([...argv, '--json'], { env, talk: true })));
  if (built?.exitCode !== 0) throw new Error(`the base kernel could not be built:\n${built?.stdout ?? ''}\n${built?.stderr ?? ''}`);
  for (const image of images) if (image.exitCode !== 0) throw new Error(`an image could not be built:\n${image.stdout}\n${image.stderr}`);
  const config = configFrom({ ...process.env, ...env });
  const stack = ImageListDocument.parse(JSON.parse((await vlab(['image', 'list', '--json'], { env })).stdout)).images.filter((one) => one.kind === 'stack' && one.name === 'trixie').sort((a, b) => b.builtAt.localeCompare(a.builtAt))[0];
  await hostAbilities({ stack: { name: 'trixie', tag: stack?.tag ?? '' }, vmlinux: KernelBuildDocument.parse(JSON.parse(built.stdout)).vmlinux }, {
    lab: { config, engine: new Engine(keyOf({ home: config.home }), ownName()) }, signal: new AbortController().signal, progress: () => undefined,
  });
  process.stderr.write(`shared images and kernels are there after ${String(Math.round((Date.now() - started) / 1000))} s\n`);
}
