// The monitor over a real unix socket; the other end is scripted, because QEMU cannot be made to answer late, twice or nonsense.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished, expect, test } from 'vitest';
import { emptyFolder, rejection } from '../../test/parts.ts';
import { lineSplitter } from '../lib/lines.ts';
import { openPorts } from './ports.ts';
import { Qmp, type QmpEvent } from './qmp.ts';

const GREETING = { QMP: { version: { qemu: { micro: 2, minor: 0, major: 10 }, package: 'Debian 1:10.0.2+ds-2' }, capabilities: ['oob'] } };

test('greets, negotiates and knows QEMU\'s version', async () => {
  const { qmp, first } = await negotiated();
  expect(first).toEqual({ execute: 'qmp_capabilities', arguments: {}, id: 1 });
  expect(qmp.version).toBe('10.0.2');
});

test('gives each command its own answer, whatever order they come in', async () => {
  const { qmp, peer } = await negotiated();
  const status = qmp.execute('query-status');
  const stop = qmp.execute('stop', { force: true });
  const asked = [await peer.next(), await peer.next()];
  expect(asked).toEqual([{ execute: 'query-status', arguments: {}, id: 2 }, { execute: 'stop', arguments: { force: true }, id: 3 }]);
  peer.say({ return: { stopped: true }, id: 3 });
  peer.say({ return: { status: 'running' }, id: 2 });
  expect(await Promise.all([status, stop])).toEqual([{ status: 'running' }, { stopped: true }]);
});

test('rejects with QEMU\'s own description when it refuses, and goes on with the next command', async () => {
  const { qmp, peer } = await negotiated();
  const refused = rejection(qmp.execute('device_add'));
  const asked = await peer.next();
  peer.say({ error: { class: 'GenericError', desc: "Parameter 'driver' is missing" }, id: asked.id });
  expect(await refused).toMatchObject({ code: 'QMP_REFUSED', blame: 'lab', message: "QEMU refused: Parameter 'driver' is missing" });
  const status = qmp.execute('query-status');
  peer.say({ return: {}, id: (await peer.next()).id });
  expect(await status).toEqual({});
});

test('does not take a refused negotiation for a monitor', async () => {
  const { peer, opening } = await opened();
  peer.say(GREETING);
  peer.say({ error: { class: 'CommandNotFound', desc: 'not now' }, id: (await peer.next()).id });
  expect(await rejection(opening)).toMatchObject({ code: 'QMP_REFUSED' });
});

test('hands on events as they come, between the answers and before the first of them', async () => {
  const { peer, opening, events } = await opened();
  peer.say(GREETING);
  const { id } = await peer.next();
  peer.say({ event: 'GUEST_PANICKED', data: { action: 'pause' }, timestamp: { seconds: 1, microseconds: 2 } });
  peer.say({ return: {}, id });
  peer.say({ event: 'STOP', timestamp: { seconds: 1, microseconds: 3 } });
  const qmp = await opening;
  const status = qmp.execute('query-status');
  peer.say({ return: {}, id: (await peer.next()).id });
  await status;
  expect(events).toEqual([{ event: 'GUEST_PANICKED', data: { action: 'pause' } }, { event: 'STOP', data: {} }]);
});

test('ends every wait when QEMU closes its monitor', async () => {
  const { qmp, peer } = await negotiated();
  const waits = [rejection(qmp.execute('query-status')), rejection(qmp.execute('stop'))];
  await peer.next();
  peer.socket.destroy();
  for (const wait of waits) expect(await wait).toMatchObject({ code: 'QMP_GONE', blame: 'lab', message: 'QEMU closed its monitor' });
});

test('refuses a command to a monitor that is closed, instead of waiting for its answer', async () => {
  const { qmp, peer, socket } = await negotiated();
  peer.socket.destroy();
  await once(socket, 'close');
  expect(await rejection(qmp.execute('quit'))).toMatchObject({ code: 'QMP_GONE', message: 'QEMU\'s monitor is closed; "quit" was not sent' });
});

test('gives up on a monitor that closes before it greets', async () => {
  const { peer, opening } = await opened();
  peer.socket.end();
  expect(await rejection(opening)).toMatchObject({ code: 'QMP_GONE' });
});

test('passes over lines that are no QMP', async () => {
  const { peer, opening, events } = await opened();
  for (const text of ['', 'qemu: warning: something', '{"QMP": "no version"}', '[]', 'null', '{"return"', '{"event": 5}', '{"return": {}, "id": "1"}', '\u0000\u0001']) peer.socket.write(`${text}\n`);
  peer.say(GREETING);
  const { id } = await peer.next();
  peer.say({ error: { class: 'GenericError', desc: 'JSON parse error' } });
  peer.say({ return: { for: 'nobody' }, id: 4711 });
  peer.say({ return: {}, id });
  expect((await opening).version).toBe('10.0.2');
  expect(events).toEqual([]);
});

test('reads a message however it is cut into pieces', async () => {
  const { peer, opening } = await opened();
  const bytes = Buffer.from(`${JSON.stringify(GREETING)}\r\n`);
  for (const byte of bytes) await new Promise<void>((resolve) => { peer.socket.write(Buffer.from([byte]), () => { resolve(); }); });
  peer.say({ return: {}, id: (await peer.next()).id });
  expect((await opening).version).toBe('10.0.2');
});

type Command = { execute: string; arguments: unknown; id: number };

/** QEMU's end of the monitor, moved by hand. */
class Peer {
  readonly socket: Socket;
  readonly #come: Command[] = [];
  readonly #wanted: ((command: Command) => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', lineSplitter((line) => {
      const command = JSON.parse(line) as Command;
      const want = this.#wanted.shift();
      if (want === undefined) this.#come.push(command);
      else want(command);
    }));
  }

  say(message: unknown): void { this.socket.write(`${JSON.stringify(message)}\n`); }

  async next(): Promise<Command> {
    return this.#come.shift() ?? new Promise((resolve) => { this.#wanted.push(resolve); });
  }
}

async function opened(): Promise<{ peer: Peer; socket: Socket; opening: Promise<Qmp>; events: QmpEvent[] }> {
  const folder = join(await emptyFolder(), 's');
  const { ports, close } = await openPorts(folder, ['qmp'] as const);
  onTestFinished(close);
  const peer = new Peer(connect(join(folder, 'qmp')));
  onTestFinished(() => { peer.socket.destroy(); });
  const socket = await ports.qmp.connected;
  const events: QmpEvent[] = [];
  const opening = Qmp.over(socket, (event) => { events.push(event); });
  opening.catch(() => undefined);
  return { peer, socket, opening, events };
}

async function negotiated(): Promise<{ peer: Peer; socket: Socket; qmp: Qmp; first: Command }> {
  const { peer, socket, opening } = await opened();
  peer.say(GREETING);
  const first = await peer.next();
  peer.say({ return: {}, id: first.id });
  return { peer, socket, qmp: await opening, first };
}
