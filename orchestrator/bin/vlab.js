#!/usr/bin/env -S node --single-threaded-gc
// Runs src/main.ts as one bundle, made anew when a source is newer than it (docs/decisions/0005-one-bundle.md).
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const orchestrator = dirname(dirname(fileURLToPath(import.meta.url)));
const bundle = join(orchestrator, 'dist', 'bundle', 'vlab.mjs');

let map;
if (newestIn(join(orchestrator, 'src')) > timeOf(bundle)) await makeBundle();
Error.prepareStackTrace = stackInSources;
await import(pathToFileURL(bundle).href);

/** What node would do by itself, but only once a stack with a line of ours is asked for: to read the map costs a sixth of every start. */
function stackInSources(error, frames) {
  return [String(error), ...frames.map((frame) => `    at ${inSource(frame)}`)].join('\n');
}

function inSource(frame) {
  if (frame.getFileName() !== pathToFileURL(bundle).href) return String(frame);
  map ??= new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, 'utf8')));
  const { originalSource, originalLine, originalColumn } = map.findEntry(frame.getLineNumber() - 1, frame.getColumnNumber() - 1);
  if (originalSource === undefined) return String(frame);
  return `${frame.getFunctionName() ?? '<anonymous>'} (${join(dirname(bundle), originalSource)}:${originalLine + 1}:${originalColumn + 1})`;
}

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
