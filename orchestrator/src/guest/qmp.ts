// The QMP monitor: a line of JSON at a time, answers matched by id, events as they come. Knows nothing of guests or jobs.
// QEMU docs/interop/qmp-spec.rst
import type { Socket } from 'node:net';
import * as z from 'zod';
import { LabError } from '../lib/lab-error.ts';
import { lineSplitter } from '../lib/lines.ts';

const QmpMessage = z.union([
  z.object({ QMP: z.object({ version: z.object({ qemu: z.object({ major: z.number(), minor: z.number(), micro: z.number() }) }) }) }),
  z.object({ event: z.string(), data: z.record(z.string(), z.unknown()).default({}) }),
  z.object({ id: z.number(), return: z.unknown() }),
  z.object({ id: z.number().optional(), error: z.object({ class: z.string(), desc: z.string() }) }),
]);

export type QmpEvent = { event: string; data: Record<string, unknown> };
type Waiting = { resolve: (value: unknown) => void; reject: (error: Error) => void };

export class Qmp {
  /** QEMU's version, as it greets. */
  readonly version: string;
  readonly #socket: Socket;
  readonly #waiting: Map<number, Waiting>;
  #lastId = 0;

  private constructor(socket: Socket, version: string, waiting: Map<number, Waiting>) {
    this.#socket = socket;
    this.version = version;
    this.#waiting = waiting;
  }

  /** Takes a connected socket through the greeting and the negotiation of capabilities. */
  static async over(socket: Socket, onEvent: (event: QmpEvent) => void): Promise<Qmp> {
    const waiting = new Map<number, Waiting>();
    const greeting = new Promise<string>((resolve, reject) => {
      socket.once('close', () => {
        const gone = new LabError('QMP_GONE', 'QEMU closed its monitor', { blame: 'lab', stage: 'guest' });
        reject(gone);
        for (const one of waiting.values()) one.reject(gone);
        waiting.clear();
      });
      socket.on('data', lineSplitter((line) => { receive(line, waiting, resolve, onEvent); }, 1024 * 1024));
    });
    const qmp = new Qmp(socket, await greeting, waiting);
    await qmp.execute('qmp_capabilities');
    return qmp;
  }

  /** Rejects with QEMU's own description when it refuses, and when the monitor closes. */
  execute(command: string, args: Record<string, unknown> = {}): Promise<unknown> {
    if (this.#socket.destroyed) return Promise.reject(new LabError('QMP_GONE', `QEMU's monitor is closed; "${command}" was not sent`, { blame: 'lab', stage: 'guest' }));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
  }
}

function receive(line: string, waiting: Map<number, Waiting>, greet: (version: string) => void, onEvent: (event: QmpEvent) => void): void {
  let data: unknown;
  try {
    data = JSON.parse(line);
  } catch {
    return;
  }
  const parsed = QmpMessage.safeParse(data);
  if (!parsed.success) return;
  const message = parsed.data;
  if ('QMP' in message) {
    const { major, minor, micro } = message.QMP.version.qemu;
    greet(`${String(major)}.${String(minor)}.${String(micro)}`);
  } else if ('event' in message) {
    onEvent(message);
  } else {
    const { id } = message;
    if (id === undefined) return;
    const one = waiting.get(id);
    waiting.delete(id);
    if ('error' in message) one?.reject(new LabError('QMP_REFUSED', `QEMU refused: ${message.error.desc}`, { blame: 'lab', stage: 'guest' }));
    else one?.resolve(message.return);
  }
}
