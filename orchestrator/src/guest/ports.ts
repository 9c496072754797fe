// The lab's ends of a guest's ports: unix sockets that QEMU connects to. Whoever makes them removes them.
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { Cleanup } from '../lib/cleanup.ts';
import { LabError } from '../lib/lab-error.ts';

/** Linux's limit is 108 bytes with the final zero (unix(7), sun_path). */
const MAX_SOCKET_PATH = 107;

export type Port = { connected: Promise<Socket>; close: () => Promise<void> };

/** Makes the folder and one listening socket per name in it; the container's user may connect to each, once. */
export async function openPorts<Name extends string>(folder: string, names: readonly Name[]): Promise<{ ports: Record<Name, Port>; close: () => Promise<void> }> {
  await using undo = new Cleanup();
  // Node removes the sockets. A folder that was there before is somebody else's.
  const made = await mkdir(folder, { recursive: true });
  if (made !== undefined) undo.add('remove the folder of the ports', () => rm(folder, { recursive: true, force: true }));
  const opened: [Name, Port][] = [];
  for (const name of names) {
    const port = await openPort(join(folder, name));
    undo.add(`close the port ${name}`, port.close);
    opened.push([name, port]);
  }
  const owned = undo.move();
  return { ports: Object.fromEntries(opened) as Record<Name, Port>, close: () => owned[Symbol.asyncDispose]() };
}

async function openPort(path: string): Promise<Port> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    throw new LabError('LONG_PATH', `the socket path ${path} has ${String(Buffer.byteLength(path))} bytes; Linux takes ${String(MAX_SOCKET_PATH)}`, {
      blame: 'lab', stage: 'guest', hint: 'VLAB_HOME=/var/tmp/vlab vlab ...',
    });
  }
  // A paused socket goes on reading until so many bytes wait for it: with one, what comes after that stays with the kernel.
  const server = createServer({ highWaterMark: 1 });
  const connected = new Promise<Socket>((resolve) => {
    server.once('connection', (socket: Socket) => {
      // A dying QEMU resets its ports; its exit is what tells, not the reset.
      socket.on('error', () => undefined);
      resolve(socket);
      server.on('connection', (extra: Socket) => extra.destroy());
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => { resolve(); });
  });
  await chmod(path, 0o777);
  return { connected, close: () => closePort(server, connected) };
}

async function closePort(server: Server, connected: Promise<Socket>): Promise<void> {
  const nobody = Symbol('nobody connected');
  const socket = await Promise.race([connected, Promise.resolve(nobody)]);
  if (typeof socket !== 'symbol') socket.destroy();
  await new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
}
