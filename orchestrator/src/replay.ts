// The program in an archive: boots the recorded guest in the container that it runs in, and tells what came out otherwise. Sole reader of argv and
// environment there, as main.ts is in the lab. docs/decisions/0011-reproduce.md.
import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, release } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { ClipRecord } from './clip/clips.ts';
import { ArchiveManifest } from './contract/archive.ts';
import { EXIT_CODE, type Outcome } from './contract/outcome.ts';
import { RunRecord } from './contract/run.ts';
import { argvOnThisHost, INSIDE } from './guest/argv.ts';
import { hostAbilities } from './guest/host.ts';
import { configFrom } from './lib/config.ts';
import { readIfThere, readRecord, writeWhole } from './lib/files.ts';
import { LabError, messageOf, rootOf } from './lib/lab-error.ts';
import type { Running } from './lib/lab.ts';
import { Processes } from './lib/processes.ts';
import { printable } from './report/text.ts';
import { compare, replayText, type Side } from './reproduce/compare.ts';
import { machineOf } from './reproduce/machine.ts';
import { readPictures } from './reproduce/pictures.ts';
import { endedEarly, nothingHeard, runGuest, type ClipOnDisk, type Parts } from './run-guest.ts';
import { Run } from './run.ts';
import { layout, RUN_FILES } from './store/layout.ts';
import { RunFolder } from './store/run-folder.ts';

/** The archive's folder and the one for what is seen, as the script mounts them. */
const ARCHIVE = '/vlab';
const OUT = '/out';
const RECORDED = join(ARCHIVE, 'recorded');

const Argv = z.object({ image: z.string(), argv: z.array(z.string()) });

void main(process.argv[2] ?? 'unknown').then((exitCode) => { process.exit(exitCode); }, (error: unknown) => {
  const root = rootOf(error);
  process.stderr.write(`reproduce: ${printable(root instanceof LabError ? root.message : messageOf(root instanceof Error ? root.stack : root))}\n`);
  process.exit(EXIT_CODE.broken);
});

async function main(engine: string): Promise<number> {
  const manifest = ArchiveManifest.parse(await json(join(ARCHIVE, 'manifest.json')));
  const recorded = RunRecord.parse(await json(join(RECORDED, RUN_FILES.record)));
  const { argv } = Argv.parse(await json(join(RECORDED, RUN_FILES.argv)));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => { stop.abort(new LabError('INTERRUPTED', 'interrupted', { blame: 'user' })); });
  // A guest that was emulated is emulated here too, whatever this machine can: it is the same guest then.
  const config = configFrom({ ...process.env, VLAB_HOME: OUT, VLAB_CHECKOUT: ARCHIVE, VLAB_ACCELERATOR: recorded.accelerator === 'tcg' ? 'tcg' : '' });
  const say = (line: string): void => { process.stderr.write(`reproduce: ${printable(line)}\n`); };
  const id = recorded.id;
  const before = (await readRecord(join(layout.run(OUT, id), RUN_FILES.attempt), z.object({ attempt: z.int() })))?.attempt ?? 0;
  const folder = await RunFolder.open(OUT, id, before + 1, 'reproduce', () => Promise.resolve());
  try {
    const run = new Run(manifest.inputs.request, before + 1, folder, (event) => { if (event.event === 'stage.started') say(event.stage); });
    run.seen.claim = recorded.claim;
    run.seen.kernel = recorded.kernel;
    const running: Running = { lab: { config, engine: await Processes.in('/tmp') }, signal: AbortSignal.any([stop.signal, folder.failed]), progress: run.progress };
    const here = await replay({ run, manifest, argv, engine }, running);
    const sides = { recorded: await sideOf(recorded, RECORDED), here: await sideOf(here, folder.path) };
    const document = compare(sides.recorded, sides.here);
    await writeWhole(join(OUT, 'comparison.json'), JSON.stringify(document, null, 2));
    process.stdout.write(`${replayText(document, recorded, here)}\n`);
    if (document.same) return EXIT_CODE.passed;
    return here.outcome.kind === 'broken' || here.outcome.kind === 'cancelled' ? EXIT_CODE[here.outcome.kind] : EXIT_CODE.failed;
  } finally {
    await folder.close();
  }
}

type Replay = { run: Run; manifest: ArchiveManifest; argv: readonly string[]; engine: string };

async function replay(what: Replay, running: Running): Promise<RunRecord> {
  const { run } = what;
  const heard = nothingHeard();
  const clips = await clipsOf(what.manifest);
  const pictures: Parameters<typeof runGuest>[3] = async (clip, wanted, onPicture) => {
    const disk = clips.find((one) => one.key === clip.key)?.disk;
    const known = what.manifest.clips.find((one) => one.disk === disk);
    if (known?.pictures === true) await readPictures(clip, join(ARCHIVE, 'clips', `${known.disk}.pictures.gz`), wanted, onPicture);
  };
  let outcome: Outcome;
  try {
    outcome = await runGuest(run, partsOf(what, clips, running), heard, pictures, running);
  } catch (thrown) {
    outcome = await endedEarly(thrown, run, heard, pictures, running.signal);
  }
  return run.stage('store', () => run.seal(outcome));
}

function partsOf({ manifest: { inputs }, argv, engine, run }: Replay, clips: readonly ClipOnDisk[], running: Running): Parts {
  const vmlinux = join(ARCHIVE, 'vmlinux');
  return {
    stack: { name: inputs.stack.name, tag: inputs.stack.tag, nested: false, spawn: false },
    vmlinux, baseVmlinux: vmlinux, root: join(ARCHIVE, 'root.erofs'), program: join(ARCHIVE, 'pipeline'), clips,
    // Where the recorded command line has them.
    sockets: INSIDE.sockets,
    host: () => hostAbilities({ stack: inputs.stack, vmlinux }, running),
    argv: (plan) => argvOnThisHost(argv, plan),
    controlClip: (path) => path,
    versions: async (host) => ({
      node: process.version, engine, hostKernel: release(), cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), host, kernel: run.seen.kernel,
      stack: { tag: inputs.stack.tag, packages: await packagesHere(running) },
      // Sealed in root.erofs, which is as it was.
      guest: z.object({ guest: z.unknown() }).parse(await json(join(RECORDED, RUN_FILES.versions))).guest,
    }),
  };
}

async function packagesHere({ lab, signal }: Running): Promise<Record<string, string>> {
  const packages: Record<string, string> = {};
  await lab.engine.run({ image: '', purpose: 'versions', argv: ['dpkg-query', '-W', '-f', '${Package} ${Version}\n'], memoryMiB: 256, pids: 32 }, {
    signal, onLine: (line) => {
      const [name, version] = line.split(' ');
      if (name !== undefined && version !== undefined) packages[name] = version;
    },
  });
  return packages;
}

async function clipsOf({ inputs }: ArchiveManifest): Promise<ClipOnDisk[]> {
  return Promise.all(inputs.clips.map(async ({ disk, name, seek, damaged }) => {
    const record = ClipRecord.parse(await json(join(ARCHIVE, 'clips', `${disk}.json`)));
    const path = join(ARCHIVE, disk);
    return { ...record, clip: name, name, disk, path, diskPath: path, seek: seek ?? undefined, damaged };
  }));
}

async function sideOf(record: RunRecord, folder: string): Promise<Side> {
  const probe = (await readIfThere(join(folder, RUN_FILES.probe))) ?? '';
  const argv = await readRecord(join(folder, RUN_FILES.argv), Argv);
  return { record, probe: probe.split('\n'), machine: machineOf(record, await readIfThere(join(folder, RUN_FILES.versions))), argv: argv?.argv ?? [] };
}

async function json(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8')) as unknown;
}
