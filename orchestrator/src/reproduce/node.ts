// Node.js as it runs here, with its own loader and libraries, so that it runs in any container: no image of the lab has one. And the lab's code for the
// other machine as one file.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../lib/exec.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Entry } from './entries.ts';

/** A line of ldd: `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x...)`, or the loader's, which has no arrow. */
const LIBRARY = /^\s*(?:(\S+) => )?(\/\S+) \(0x[0-9a-f]+\)$/;

export async function nodeEntries(node: string, signal: AbortSignal): Promise<Entry[]> {
  const ldd = await runProgram('ldd', [node], signal);
  const found = ldd.stdout.split('\n').flatMap((line) => {
    const [, name, path] = LIBRARY.exec(line) ?? [];
    return path === undefined ? [] : [{ name, path }];
  });
  const loader = found.find((one) => one.name === undefined);
  if (!ldd.ok || loader === undefined) {
    throw new LabError('NO_LIBRARIES', `Expected ldd to tell the loader and the libraries of ${node}, got: ${(ldd.ok ? ldd.stdout : ldd.stderr).trim()}`, {
      blame: 'lab', hint: 'run vlab with a Node.js that is linked dynamically, such as the one of nodejs.org or Debian',
    });
  }
  return [
    { name: 'node/node', from: node, program: true }, { name: 'node/ld.so', from: loader.path, program: true },
    ...found.flatMap(({ name, path }) => (name === undefined ? [] : [{ name: `node/lib/${name}`, from: path }])),
  ];
}

/** As far up from this file as from the lab's bundle. */
const ORCHESTRATOR = fileURLToPath(new URL('../..', import.meta.url));

/** Made from the sources of this very lab, as the lab's own bundle is (docs/decisions/0005-one-bundle.md). */
export async function replayProgram(): Promise<string> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(ORCHESTRATOR, 'src', 'replay.ts')], write: false, bundle: true, platform: 'node', format: 'cjs', target: 'node20',
    minifyWhitespace: true, minifySyntax: true, logLevel: 'silent', define: { 'import.meta.url': 'hereUrl' },
    banner: { js: 'const hereUrl = require("node:url").pathToFileURL(__filename).href;' },
    // What dockerode has for engines that the replay never talks to.
    alias: Object.fromEntries(['cpu-features', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs', 'ssh2'].map((name) => [name, join(ORCHESTRATOR, 'bin', 'unused.js')])),
  });
  return outputFiles[0]?.text ?? '';
}

export const IN_ARCHIVE = join('orchestrator', 'src', 'reproduce', 'in-archive');
