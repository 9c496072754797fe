// One archive of one run: gathered, completed by what its replay needs, hashed and written.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ArchiveManifest } from '../contract/archive.ts';
import { PIPELINES } from '../contract/pipeline.ts';
import type { RunRecord } from '../contract/run.ts';
import { readStack, workshopImage } from '../image/images.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { printable } from '../report/text.ts';
import { hashed, SUMS, sumsOf, writeTar, type Entry, type HashedEntry } from './entries.ts';
import { gather, type Gathered } from './gather.ts';
import { IN_ARCHIVE, nodeEntries, replayProgram } from './node.ts';
import { MAX_PICTURE_BYTES, rawBytesOf, writePictures } from './pictures.ts';
import { savedImage } from './stack-image.ts';

export type Archive = { record: RunRecord; folder: string; image: string; entries: HashedEntry[] };

/** The guest's own memory and what is beside it (guest/boot.ts), a control's, and Node's. */
const MEMORY_MIB = { guest: 1536 + 1536, control: 2048, node: 512 } as const;

/** Writes the archive of run `id` to `path`. */
export async function writeArchive(id: string, path: string, making: Making): Promise<Archive> {
  const { lab, progress, signal } = making;
  const gathered = await gather(id, lab);
  const { record, inputs } = gathered;
  // An outer guest wants its own kernel, and ten times the time: nobody has tried that elsewhere.
  if ((await readStack(inputs.stack.name, lab)).nested) throw new LabError('NESTED', `Expected a run whose QEMU is not in a guest itself, got one of stack ${inputs.stack.name}`, { blame: 'request', stage: 'request', hint: 'stack: trixie' });
  const desk = await mkdtemp(join(lab.config.home, 'reproduce-'));
  try {
    const image = await savedImage(gathered.stack, making);
    const pictures = await pictureEntries(gathered, desk, making);
    const manifest: ArchiveManifest = {
      version: 1, inputs, image: image.tag, madeAt: new Date().toISOString(),
      clips: inputs.clips.map(({ disk }) => ({ disk, pictures: pictures.some((one) => one.name === picturesOf(disk)) })),
    };
    progress('hashes of all files', 0, null);
    const entries: HashedEntry[] = [];
    for (const entry of [
      ...(await textEntries(record, manifest, making)), { name: 'manifest.json', content: JSON.stringify(manifest, null, 2) }, ...gathered.entries, ...pictures,
      { name: 'stack.tar.gz', from: image.path }, ...(await nodeEntries(process.execPath, signal)), { name: 'replay.cjs', content: await replayProgram() },
    ]) entries.push(await hashed(entry));
    await tryNode(entries, inputs.stack.tag, making);
    const sums = await hashed({ name: SUMS, content: sumsOf(entries) });
    const folder = `reproduce-${record.id}`;
    progress(`writes ${path}`, 0, null);
    await writeTar(path, folder, [sums, ...entries], signal);
    return { record, folder, image: image.tag, entries: [sums, ...entries] };
  } finally {
    await rm(desk, { recursive: true, force: true });
  }
}

function picturesOf(disk: string): string {
  return `clips/${disk}.pictures.gz`;
}

/** As many as there is room for, the first clips first. */
async function pictureEntries({ clips, inputs }: Gathered, desk: string, making: Making): Promise<Entry[]> {
  const entries: Entry[] = [];
  let room = MAX_PICTURE_BYTES;
  for (const { disk, record, path } of clips) {
    const bytes = rawBytesOf(record);
    if (bytes > room) continue;
    room -= bytes;
    making.progress(`golden pictures of ${inputs.clips.find((one) => one.disk === disk)?.name ?? disk}`, 0, null);
    const from = join(desk, `${disk}.gz`);
    await writePictures({ ...record, path: join(dirname(path), `clip.${record.container}`), diskPath: path }, (await workshopImage(making)).tag, from, making);
    entries.push({ name: picturesOf(disk), from });
  }
  return entries;
}

/** The two texts that people read first. Whatever goes into the script is held to its form: it is the only text that a shell reads. */
async function textEntries(record: RunRecord, { inputs, image }: ArchiveManifest, { lab }: Making): Promise<Entry[]> {
  const controls = inputs.request.pipelines.some((name) => PIPELINES[name].place !== 'guest');
  const memory = String(MEMORY_MIB.guest + MEMORY_MIB.node + (controls ? MEMORY_MIB.control : 0));
  const devices = devicesOf(record).join(' ');
  const { kernel } = record;
  const words: Readonly<Record<string, string>> = {
    RUN: plain(record.id, /^r-[0-9a-z]{10}$/), IMAGE: plain(image, /^[a-z0-9][a-z0-9/:_.-]*$/), MEMORY: memory, DEVICES: devices,
    RECORDED: record.startedAt, OUTCOME: record.outcome.kind, KERNEL: printable(`${kernel?.version ?? record.base}${record.series === null ? '' : ` + ${record.series}`}, ${record.flavour}`),
  };
  const fill = async (file: string): Promise<string> =>
    (await readFile(join(lab.config.checkout, IN_ARCHIVE, file), 'utf8')).replace(/@([A-Z]+)@/g, (_, word: string) => words[word] ?? '');
  return [{ name: 'reproduce', content: await fill('reproduce'), program: true }, { name: 'README.txt', content: await fill('README.txt') }];
}

function plain(text: string, form: RegExp): string {
  if (form.test(text)) return text;
  throw new Error(`${JSON.stringify(text)} is nothing to put into a script`);
}

/** What the container there is lent, where it is there. */
function devicesOf({ accelerator, display, device, measure }: RunRecord): string[] {
  return [
    ...(accelerator === 'kvm' && measure !== 'instructions' ? ['/dev/kvm'] : []), ...(display === 'egl' ? ['/dev/dri/renderD*'] : []),
    ...(device === '2d-blob' || device === 'venus' ? ['/dev/udmabuf'] : []),
  ];
}

/** Node in the archive, tried in the image in the archive. */
async function tryNode(entries: readonly HashedEntry[], image: string, { lab, signal }: Making): Promise<void> {
  const binds = entries.flatMap((entry) => (entry.name.startsWith('node/') && 'from' in entry ? [{ from: entry.from, to: `/vlab/${entry.name}` }] : []));
  const output: string[] = [];
  const exit = await lab.engine.run({
    image, purpose: 'reproduce', memoryMiB: 512, pids: 64, readOnly: true, binds, argv: ['/vlab/node/ld.so', '--library-path', '/vlab/node/lib', '/vlab/node/node', '--version'],
  }, { signal, onLine: (line) => { output.push(line); } });
  if (exit.code === 0 && output[0] === process.version) return;
  throw new LabError('NODE_ELSEWHERE', `Expected Node.js ${process.version} to run in ${image}, got ${exit.how}: ${output.slice(-3).join(' ')}`, { blame: 'lab' });
}
