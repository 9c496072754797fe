// Once before all tests on real parts: the images, the base and the clip that they share, made if they are missing. Says how long it took.
import { configFrom } from '../src/lib/config.ts';
import { vlab } from './lab.ts';

export default async function setUp(): Promise<void> {
  const started = Date.now();
  const env = { VLAB_HOME: configFrom(process.env).home };
  const built = await vlab(['kernel', 'build', '--json'], { env, talk: true });
  if (built.exitCode !== 0) throw new Error(`the base kernel could not be built:\n${built.stdout}\n${built.stderr}`);
  for (const kind of ['stack', 'guest']) {
    const image = await vlab(['image', 'build', kind, 'trixie', '--json'], { env, talk: true });
    if (image.exitCode !== 0) throw new Error(`the ${kind} image could not be built:\n${image.stdout}\n${image.stderr}`);
  }
  process.stderr.write(`shared images and kernels are there after ${String(Math.round((Date.now() - started) / 1000))} s\n`);
}
