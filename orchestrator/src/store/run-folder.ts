// One run's folder while it is written: evidence as it comes, run.json last. The only writer of results.
import type { WriteStream } from 'node:fs';
import { mkdir, open as openFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { RunRecord } from '../contract/run.ts';
import { exists, readRecord, writeWhole } from '../lib/files.ts';
import { isNoSpace, LabError } from '../lib/lab-error.ts';
import { layout, RUN_FILES } from './layout.ts';

const MAX_LOG_BYTES = 32 * 1024 * 1024;
/** Held back while the run is alive and given up before it is sealed, so that a full disk can still be told. */
const RESERVE_BYTES = 512 * 1024;
const RESERVE = 'reserve';

/** attempt.json: who owns the folder. */
export const Attempt = z.strictObject({ attempt: z.int(), owner: z.string() });

/** Keeps what lies in the folder elsewhere too, before its record seals it. Throws where another attempt's result is kept already. */
export type Keep = (folder: string, record: string) => Promise<void>;

export class RunFolder {
  readonly path: string;
  readonly #attempt: number;
  readonly #logs: Map<string, CappedLog>;
  readonly #failure: AbortController;
  readonly #keep: Keep;

  private constructor(path: string, attempt: number, keep: Keep, logs: Map<string, CappedLog>, failure: AbortController) {
    this.path = path;
    this.#attempt = attempt;
    this.#keep = keep;
    this.#logs = logs;
    this.#failure = failure;
  }

  /** Makes the folder of an attempt. What an earlier attempt left unsealed is moved aside, not lost. */
  static async open(home: string, id: string, attempt: number, owner: string, keep: Keep): Promise<RunFolder> {
    const path = layout.run(home, id);
    await mkdir(layout.runs(home), { recursive: true });
    if (await exists(path)) {
      const before = (await readRecord(join(path, RUN_FILES.attempt), Attempt))?.attempt ?? attempt - 1;
      // Sockets of a dead worker are no evidence.
      await rm(join(path, RUN_FILES.sockets), { recursive: true, force: true });
      await rename(path, layout.lost(home, id, before)).catch(async (error: unknown) => {
        if (await exists(path)) throw error;
      });
    }
    try {
      await mkdir(join(path, RUN_FILES.frames), { recursive: true });
      await writeFile(join(path, RUN_FILES.attempt), JSON.stringify({ attempt, owner }));
      await writeFile(join(path, RESERVE), Buffer.alloc(RESERVE_BYTES));
    } catch (cause) {
      if (!isNoSpace(cause)) throw cause;
      throw new LabError('DISK_FULL', `no space left for the run folder ${path}`, { blame: 'lab', stage: 'store', hint: 'vlab gc', cause });
    }
    const failure = new AbortController();
    const onError = (error: Error): void => {
      const full = isNoSpace(error);
      failure.abort(new LabError(full ? 'DISK_FULL' : 'STORE', full ? `no space left on the disk of ${path}` : `could not write evidence to ${path}: ${error.message}`, {
        blame: 'lab', stage: 'store', hint: 'vlab gc', cause: error,
      }));
    };
    const logs = new Map<string, CappedLog>();
    // Opened here and now: a log that opens later could land in the folder of a newer attempt.
    for (const name of [RUN_FILES.events, RUN_FILES.console, RUN_FILES.probe, RUN_FILES.qemu, RUN_FILES.trace]) logs.set(name, new CappedLog(await openFile(join(path, name), 'w'), onError));
    return new RunFolder(path, attempt, keep, logs, failure);
  }

  /** Fires when evidence can no longer be written. */
  get failed(): AbortSignal { return this.#failure.signal; }

  append(file: 'events' | 'console' | 'probe' | 'qemu' | 'trace', line: string): void {
    this.#logs.get(RUN_FILES[file])?.append(line);
  }

  async write(name: string, content: string | Uint8Array): Promise<void> {
    await this.checkOurs();
    await writeWhole(join(this.path, name), content);
  }

  /** Ends the logs; after this, evidence is what it is. */
  async close(): Promise<void> {
    await Promise.all([...this.#logs.values()].map((log) => log.end()));
  }

  /** Writes run.json, unless another attempt owns the folder by now: the late result of an old attempt is nobody's. */
  async seal(record: RunRecord): Promise<void> {
    await this.close();
    await this.checkOurs();
    await rm(join(this.path, RESERVE), { force: true });
    const text = JSON.stringify(record, null, 2);
    await this.#keep(this.path, text);
    await this.write(RUN_FILES.record, text);
  }

  /** Throws once another attempt owns the folder. */
  async checkOurs(): Promise<void> {
    const owner = await readRecord(join(this.path, RUN_FILES.attempt), Attempt);
    if (owner?.attempt === this.#attempt) return;
    throw new LabError('LATE_ATTEMPT', `attempt ${String(this.#attempt)} at ${this.path} is late: ${owner === undefined ? 'another host has sealed it' : `attempt ${String(owner.attempt)} has begun`}`, { blame: 'lab', stage: 'store' });
  }
}

/** Lines that come within so many milliseconds are written at once: a guest says hundreds of them per second. */
const GATHER_MS = 100;

/** A log that stops growing at its limit and says so, whatever a guest writes. */
class CappedLog {
  readonly #stream: WriteStream;
  #gathered: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #bytes = 0;
  #full = false;

  constructor(file: FileHandle, onError: (error: Error) => void) {
    this.#stream = file.createWriteStream();
    this.#stream.on('error', onError);
  }

  append(line: string): void {
    if (this.#full) return;
    this.#bytes += Buffer.byteLength(line) + 1;
    this.#full = this.#bytes > MAX_LOG_BYTES;
    this.#gathered.push(this.#full ? `(cut here: more than ${String(MAX_LOG_BYTES)} bytes)\n` : `${line}\n`);
    this.#timer ??= setTimeout(() => { this.#write(); }, GATHER_MS);
  }

  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#gathered.join('');
    this.#gathered = [];
    if (text !== '' && !this.#stream.destroyed && !this.#stream.writableEnded) this.#stream.write(text);
  }

  async end(): Promise<void> {
    this.#write();
    if (this.#stream.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('close', resolve);
      this.#stream.end();
    });
  }
}
