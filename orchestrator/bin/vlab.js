#!/usr/bin/env -S node --single-threaded-gc --min-semi-space-size=16 --initial-old-space-size=64 --no-memory-reducer --interrupt-budget=1000000
// Runs src/main.ts as one bundle, made anew when a source is newer than it, from V8's own compiled form of it where there is one
// (docs/decisions/0005-one-bundle.md).
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createRequire, SourceMap } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedDataVersionTag } from 'node:v8';
import { constants, Script } from 'node:vm';

const orchestrator = dirname(dirname(fileURLToPath(import.meta.url)));
const bundle = join(orchestrator, 'dist', 'bundle', 'vlab.cjs');
// V8's tag tells its version, flags and CPU apart: each has a compiled form of its own.
const compiled = `${bundle}.${cachedDataVersionTag()}`;

let map;
const sources = ['src', '../dashboards/server', '../dashboards/api'].map((name) => join(orchestrator, name));
if (Math.max(...sources.map(newestIn)) > timeOf(bundle)) await makeBundle();
Error.prepareStackTrace = stackInSources;
runBundle();

function runBundle() {
  const cachedData = timeOf(compiled) > timeOf(bundle) ? readFileSync(compiled) : undefined;
  const script = new Script(readFileSync(bundle, 'utf8'), { filename: bundle, cachedData, importModuleDynamically: constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER });
  script.runInThisContext()(createRequire(bundle), bundle, dirname(bundle));
  // At the exit, so that what was compiled on the way is in it too.
  if (cachedData === undefined || script.cachedDataRejected) process.on('exit', () => { writeAside(compiled, script.createCachedData()); });
}

/** What node would do by itself, but only once a stack with a line of ours is asked for: to read the map costs a sixth of every start. */
function stackInSources(error, frames) {
  return [String(error), ...frames.map((frame) => `    at ${inSource(frame)}`)].join('\n');
}

function inSource(frame) {
  if (frame.getFileName() !== bundle) return String(frame);
  map ??= new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, 'utf8')));
  const { originalSource, originalLine, originalColumn } = map.findEntry(frame.getLineNumber() - 1, frame.getColumnNumber() - 1);
  if (originalSource === undefined) return String(frame);
  return `${frame.getFunctionName() ?? '<anonymous>'} (${join(dirname(bundle), originalSource)}:${originalLine + 1}:${originalColumn + 1})`;
}

/** Folders count too: a file that was removed leaves no other trace. */
function newestIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  const times = entries.map((entry) => (entry.isDirectory() ? newestIn(join(folder, entry.name)) : timeOf(join(folder, entry.name))));
  return Math.max(timeOf(folder), timeOf(join(orchestrator, '..', 'package-lock.json')), timeOf(fileURLToPath(import.meta.url)), ...times);
}

function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

async function makeBundle() {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [join(orchestrator, 'src', 'main.ts')], outfile: bundle, write: false, bundle: true,
    platform: 'node', format: 'cjs', target: 'node20', sourcemap: 'linked', sourcesContent: false, minifyWhitespace: true, minifySyntax: true, logLevel: 'error',
    // The first are asked for only when they are there, and here they never are. The others belong to single report formats and to the pages: no other command
    // shall read them.
    // A script that is run this way has no import() of its own: it becomes a require().
    supported: { 'dynamic-import': false },
    external: [
      'esbuild', 'cpu-features', 'redis', 'bullmq-otel', 'csv-stringify', 'nodemailer', 'xmlbuilder2', 'pg', 'kysely',
      'fastify', 'fastify-type-provider-zod', 'prom-client', '@fastify/compress', '@fastify/helmet', '@bull-board/api', '@bull-board/fastify', '@fastify/rate-limit', '@fastify/static', '@fastify/swagger',
    ],
    // What dockerode has for BuildKit's sessions and for engines behind ssh, neither of which the lab uses: a sixth of every start.
    alias: Object.fromEntries(['@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs', 'ssh2'].map((name) => [name, join(orchestrator, 'bin', 'unused.js')])),
    // One expression: a function of what a script has not got by itself.
    banner: { js: '((require, __filename, __dirname) => { const module = { exports: {} }, exports = module.exports, hereUrl = require("node:url").pathToFileURL(__filename).href;' },
    footer: { js: '})' },
    define: { 'import.meta.url': 'hereUrl' },
  });
  mkdirSync(dirname(bundle), { recursive: true });
  // The map first: two processes that start at once both find a whole bundle.
  for (const file of outputFiles.toSorted((a, b) => b.path.length - a.path.length)) writeAside(file.path, file.contents);
}

/** Written aside and renamed, so that nobody reads half of it. */
function writeAside(path, contents) {
  const aside = `${path}.${process.pid}`;
  writeFileSync(aside, contents);
  renameSync(aside, path);
}
