// Another process that runs our sources, for tests of what processes share.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { build } from 'esbuild';
import { onTestFinished } from 'vitest';
import { CHECKOUT } from './parts.ts';

/** `code`: TypeScript whose imports are paths from the checkout. It is there once it has printed something, and killed after the test at the latest. */
export async function otherProcess(code: string): Promise<ChildProcess> {
  // One text: a loader that translates each source as it is imported takes ten times as long to start.
  const { outputFiles: [bundle] } = await build({ stdin: { contents: code, resolveDir: CHECKOUT, loader: 'ts' }, bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external', write: false });
  const child = spawn(process.execPath, ['--input-type=module', '-e', bundle?.text ?? ''], { cwd: CHECKOUT, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => { child.kill('SIGKILL'); });
  await once(child.stdout, 'data');
  return child;
}
