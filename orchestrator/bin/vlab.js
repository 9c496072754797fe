#!/usr/bin/env node
// Runs src/main.ts as one bundle, made anew when a source is newer than it (docs/decisions/0005-one-bundle.md).
import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const orchestrator = dirname(dirname(fileURLToPath(import.meta.url)));
const bundle = join(orchestrator, 'dist', 'bundle', 'vlab.mjs');

if (newestIn(join(orchestrator, 'src')) > timeOf(bundle)) await makeBundle();
process.setSourceMapsEnabled(true);
await import(pathToFileURL(bundle).href);

/** Folders count too: a file that was removed leaves no other trace. */
function newestIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  const times = entries.map((entry) => (entry.isDirectory() ? newestIn(join(folder, entry.name)) : timeOf(join(folder, entry.name))));
  return Math.max(timeOf(folder), timeOf(join(orchestrator, '..', 'package-lock.json')), ...times);
}

function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

async function makeBundle() {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(orchestrator, 'src', 'main.ts')], outfile: bundle, write: false, bundle: true,
    platform: 'node', format: 'esm', target: 'node20', sourcemap: 'linked', sourcesContent: false, minifyWhitespace: true, minifySyntax: true, logLevel: 'error',
    // Asked for only when they are there, and here they never are.
    external: ['cpu-features', 'pg', 'redis', 'bullmq-otel'],
    // What dockerode has for BuildKit's sessions and for engines behind ssh, neither of which the lab uses: a sixth of every start.
    alias: Object.fromEntries(['@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs', 'ssh2'].map((name) => [name, join(orchestrator, 'bin', 'unused.js')])),
    // What packages written for require() look for.
    banner: {
      js: [
        'import { createRequire as makeRequire } from "node:module";', 'import { fileURLToPath as pathOf } from "node:url";', 'import { dirname as folderOf } from "node:path";',
        'const require = makeRequire(import.meta.url);', 'const __filename = pathOf(import.meta.url);', 'const __dirname = folderOf(__filename);',
      ].join('\n'),
    },
  });
  mkdirSync(dirname(bundle), { recursive: true });
  // Written aside and renamed, the map first: two processes that start at once both find a whole bundle.
  for (const file of outputFiles.toSorted((a, b) => b.path.length - a.path.length)) {
    const aside = `${file.path}.${process.pid}`;
    writeFileSync(aside, file.contents);
    renameSync(aside, file.path);
  }
}
