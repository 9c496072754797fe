// What sealed runs left, kept by digest behind one small interface (objects.ts): in the lab's folder, or in a store that all hosts of a fleet share.
// There a run is known by its manifest, which is put once: the first attempt that does so is the run's result, whoever comes later.
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { citedBy, EvaluationRecord } from '../contract/evaluation.ts';
import { Manifest } from '../contract/manifest.ts';
import { RunRecord } from '../contract/run.ts';
import type { Config } from '../lib/config.ts';
import { exists, filesBelow, makeFolderWhole, readRecord, sha256, writeWhole } from '../lib/files.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';
import { ownerLives } from '../lib/owner.ts';
import { parseCiting } from './cited.ts';
import { folderObjects } from './folder-objects.ts';
import { blobName, describeFiles, putFiles, takeFiles } from './kept-files.ts';
import { layout, RUN_FILES } from './layout.ts';
import type { Listed, ObjectStore } from './objects.ts';
import { openObjects } from './open-objects.ts';
import { readRun } from './read.ts';
import { Attempt } from './run-folder.ts';

/** A run, and when it was asked for: by both it is found in a store, whichever attempt sealed it. */
export type Asked = { id: string; submittedAt: string };
/** Records that are one file, written once. */
export type Document = 'jobs' | 'evaluations';
type Kind = Document | 'runs';

const MANIFESTS = ['runs/', 'jobs/', 'evaluations/', 'products/'] as const;
/** Files are put before the manifest that names them. */
const UNDER_WAY_MS = 24 * 3600_000;
const BEGUN = 'begun/';
const Begun = z.strictObject({ startedAt: z.iso.datetime() });
const NOT_EVIDENCE: ReadonlySet<string> = new Set([RUN_FILES.record, RUN_FILES.attempt, RUN_FILES.manifest, 'reserve']);

export class Evidence {
  readonly home: string;
  readonly shared: boolean;
  readonly #open: () => Promise<ObjectStore>;
  #objects: Promise<ObjectStore> | undefined;

  constructor(home: string, storeUrl: string | undefined) {
    this.home = home;
    this.shared = storeUrl !== undefined;
    this.#open = storeUrl === undefined ? () => Promise.resolve(folderObjects(layout.evidence(home))) : () => openObjects(storeUrl);
  }

  /** Opened when it is first wanted; a store that could not be opened is tried again. Throws NO_STORE. */
  objects(): Promise<ObjectStore> {
    this.#objects ??= this.#open().catch((error: unknown) => {
      this.#objects = undefined;
      throw error;
    });
    return this.#objects;
  }

  /** Keeps what lies in a run's folder, with the record that is about to seal it. Throws LATE_ATTEMPT where another attempt's result is kept already. */
  async keepRun(asked: Asked, folder: string, record: string): Promise<void> {
    const objects = await this.objects();
    const names = (await filesBelow(folder)).filter((name) => !NOT_EVIDENCE.has(name) && !name.startsWith(`${RUN_FILES.sockets}/`));
    const files = await describeFiles(folder, names);
    await putFiles(objects, folder, files);
    const digest = sha256(record);
    await objects.putNew(blobName(digest), record);
    const manifest = Manifest.parse({ version: 1, of: asked.id, files: [...files, { name: RUN_FILES.record, bytes: Buffer.byteLength(record), sha256: digest }] });
    const text = JSON.stringify(manifest, null, 2);
    if (!await objects.putNew(nameOf('runs', asked), text) && (await this.#manifest(nameOf('runs', asked)))?.files.at(-1)?.sha256 !== digest) {
      throw new LabError('LATE_ATTEMPT', `run ${asked.id} has the result of another attempt already`, { blame: 'lab', stage: 'store' });
    }
    await writeWhole(join(folder, RUN_FILES.manifest), text);
  }

  /** The sealed run: as it lies here, or brought here from where another host left it. Undefined while nobody has sealed it. */
  async bring(asked: Asked): Promise<RunRecord | undefined> {
    return await readRun(this.home, asked.id) ?? (await this.#fetch('runs', asked.id, nameOf('runs', asked)) ? readRun(this.home, asked.id) : undefined);
  }

  /** The same for attempt `attempt`, which has come too late with a result of its own: that is moved aside, and nobody else's is. */
  async bringInstead(asked: Asked, attempt: number): Promise<RunRecord | undefined> {
    const folder = layout.run(this.home, asked.id);
    if ((await readRecord(join(folder, RUN_FILES.attempt), Attempt))?.attempt === attempt) await setAside(folder);
    return this.bring(asked);
  }

  /** Lets other hosts see a record that is one file and final. Where nothing is shared, the folder is all there is. */
  async share(kind: Document, asked: Asked, content: string): Promise<void> {
    if (!this.shared) return;
    const objects = await this.objects();
    const digest = sha256(content);
    await objects.putNew(blobName(digest), content);
    const manifest: Manifest = { version: 1, of: asked.id, files: [{ name: fileOf(kind, asked.id), bytes: Buffer.byteLength(content), sha256: digest }] };
    await objects.putNew(nameOf(kind, asked), JSON.stringify(manifest));
  }

  /** Everything that the shared store has of `days`, or at all, and this folder has not. Names what could not be read: one bad object keeps no other back. */
  async mirror(days: readonly string[] | undefined, signal: AbortSignal): Promise<string[]> {
    const bad: string[] = [];
    if (!this.shared) return bad;
    const objects = await this.objects();
    for (const kind of ['jobs', 'runs', 'evaluations'] as const) {
      for (const prefix of days?.map((day) => `${kind}/${day}/`) ?? [`${kind}/`]) {
        for await (const { name } of objects.list(prefix)) {
          const id = /\/([jre]-[0-9a-z]{10})\.json$/.exec(name)?.[1];
          if (signal.aborted) return bad;
          if (id !== undefined) await this.#fetch(kind, id, name).catch((error: unknown) => { bad.push(`${id}: ${messageOf(error)}`); });
        }
      }
    }
    return bad;
  }

  /** Lets other hosts know that an evaluation is under way; to be said again within a day. */
  async tellBegun({ id, submittedAt }: Asked): Promise<void> {
    if (!this.shared) return;
    const objects = await this.objects();
    const before = await namesOf(objects, `${BEGUN}${id}/`);
    await objects.putNew(`${BEGUN}${id}/${String(Date.now())}.json`, JSON.stringify({ startedAt: submittedAt }));
    for (const name of before) await objects.remove(name);
  }

  async tellEnded(id: string): Promise<void> {
    if (!this.shared) return;
    const objects = await this.objects();
    for (const name of await namesOf(objects, `${BEGUN}${id}/`)) await objects.remove(name);
  }

  /** When the first of the evaluations began that are under way on any host, in milliseconds; infinity where none is. */
  async underWaySince(): Promise<number> {
    const objects = await this.objects();
    let since = Infinity;
    for await (const { name, at } of objects.list(BEGUN)) {
      const text = Date.now() - at.getTime() > UNDER_WAY_MS ? undefined : await this.#text(name);
      if (text !== undefined) since = Math.min(since, Date.parse(parseCiting(text, Begun, `${name} of ${objects.title}`).startedAt));
    }
    return since;
  }

  /** The runs that the verdicts of all hosts stand on. Throws where one of those cannot be read. */
  async cited(): Promise<Set<string>> {
    const objects = await this.objects();
    const found = new Set<string>();
    for (const name of await namesOf(objects, 'evaluations/')) {
      const where = `${name} of ${objects.title}`;
      const [file] = parseCiting(await this.#text(name) ?? '', Manifest, where).files;
      for (const run of citedBy(parseCiting(file === undefined ? '' : await this.#text(blobName(file.sha256)) ?? '', EvaluationRecord, where))) found.add(run);
    }
    return found;
  }

  /** Runs whose folders go are forgotten here too. Their bytes go by `unreferenced`. */
  async forget(runs: ReadonlySet<string>): Promise<void> {
    if (runs.size === 0) return;
    const objects = await this.objects();
    for await (const { name } of objects.list('runs/')) if (runs.has(basename(name, '.json'))) await objects.remove(name);
  }

  /** Blobs that no manifest names, and that are older than whatever may be under way. */
  async unreferenced(): Promise<Listed[]> {
    const objects = await this.objects();
    const named = new Set<string>();
    for (const prefix of MANIFESTS) {
      for await (const { name } of objects.list(prefix)) for (const { sha256: digest } of (await this.#manifest(name))?.files ?? []) named.add(blobName(digest));
    }
    const found: Listed[] = [];
    for await (const blob of objects.list('blobs/')) if (!named.has(blob.name) && Date.now() - blob.at.getTime() > UNDER_WAY_MS) found.push(blob);
    return found;
  }

  /** False where there is nothing to bring, and where an attempt of this host is at work in that very folder. */
  async #fetch(kind: Kind, id: string, name: string): Promise<boolean> {
    if (await exists(pathOf(kind, this.home, id))) return false;
    const folder = dirname(pathOf(kind, this.home, id));
    if (kind === 'runs' && await inUse(folder)) return false;
    const manifest = await this.#manifest(name);
    if (manifest === undefined) return false;
    const objects = await this.objects();
    if (kind === 'jobs') await takeFiles(objects, manifest.files, folder);
    else {
      await setAside(folder);
      await makeFolderWhole(folder, async (whole) => {
        await takeFiles(objects, manifest.files, whole);
        await writeWhole(join(whole, RUN_FILES.manifest), JSON.stringify(manifest, null, 2));
      });
    }
    return true;
  }

  async #manifest(name: string): Promise<Manifest | undefined> {
    const text = await this.#text(name);
    return text === undefined ? undefined : Manifest.parse(JSON.parse(text));
  }

  async #text(name: string): Promise<string | undefined> {
    const stream = await (await this.objects()).get(name);
    if (stream === undefined) return undefined;
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  }
}

async function namesOf(objects: ObjectStore, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of objects.list(prefix)) names.push(name);
  return names;
}

const OPEN = new WeakMap<Config, Evidence>();

/** One for each lab. */
export function evidenceOf(config: Config): Evidence {
  const known = OPEN.get(config) ?? new Evidence(config.home, config.storeUrl);
  OPEN.set(config, known);
  return known;
}

function nameOf(kind: Kind, { id, submittedAt }: Asked): string {
  return `${kind}/${submittedAt.slice(0, 10)}/${id}.json`;
}

function fileOf(kind: Kind, id: string): string {
  return { runs: RUN_FILES.record, jobs: `${id}.json`, evaluations: 'evaluation.json' }[kind];
}

function pathOf(kind: Kind, home: string, id: string): string {
  return kind === 'jobs' ? layout.job(home, id) : join(home, kind, id, fileOf(kind, id));
}

/** Whether a process of this host writes there. */
async function inUse(folder: string): Promise<boolean> {
  const attempt = await readRecord(join(folder, RUN_FILES.attempt), Attempt);
  return attempt !== undefined && ownerLives(attempt.owner);
}

/** What an attempt of this host left that came to nothing, or too late: moved, not lost. */
async function setAside(folder: string): Promise<void> {
  if (!(await exists(folder))) return;
  await rm(join(folder, RUN_FILES.sockets), { recursive: true, force: true });
  await rename(folder, `${folder}.late-${String(Date.now())}`);
}
