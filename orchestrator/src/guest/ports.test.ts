// The lab's ends of a guest's ports: there for one QEMU, and gone with it.
import { once } from 'node:events';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished, expect, test } from 'vitest';
import { emptyFolder, rejection } from '../../test/parts.ts';
import { exists } from '../lib/files.ts';
import { openPorts } from './ports.ts';

test('makes a socket per name that another user\'s QEMU may connect to', async () => {
  const folder = join(await emptyFolder(), 'a', 's');
  const { close } = await openPorts(folder, ['qmp', 'console']);
  onTestFinished(close);
  expect((await readdir(folder)).sort()).toEqual(['console', 'qmp']);
  const { mode } = await stat(join(folder, 'qmp'));
  expect(mode & 0o777).toBe(0o777);
  expect(mode & 0o170000).toBe(0o140000);
});

test('hands over what is said on each port, and to each port only its own', async () => {
  const folder = join(await emptyFolder(), 's');
  const { ports, close } = await openPorts(folder, ['qmp', 'console']);
  onTestFinished(close);
  const [atQmp, atConsole] = [client(join(folder, 'qmp')), client(join(folder, 'console'))];
  const [qmp, console] = await Promise.all([ports.qmp.connected, ports.console.connected]);
  atQmp.write('to the monitor');
  atConsole.write('to the console');
  expect(String((await once(qmp, 'data'))[0])).toBe('to the monitor');
  expect(String((await once(console, 'data'))[0])).toBe('to the console');
});

test('lets nobody else in once QEMU is connected', async () => {
  const folder = join(await emptyFolder(), 's');
  const { ports, close } = await openPorts(folder, ['qmp']);
  onTestFinished(close);
  const first = client(join(folder, 'qmp'));
  const socket = await ports.qmp.connected;
  const second = client(join(folder, 'qmp'));
  await once(second, 'close');
  first.write('still here');
  expect(String((await once(socket, 'data'))[0])).toBe('still here');
});

test('closing removes the sockets and their folder, and hangs up on whoever is connected', async () => {
  const folder = join(await emptyFolder(), 's');
  const { ports, close } = await openPorts(folder, ['qmp', 'console']);
  const qemu = client(join(folder, 'qmp'));
  await ports.qmp.connected;
  const hungUp = once(qemu, 'close');
  await close();
  await hungUp;
  expect(await exists(folder)).toBe(false);
});

test('closing does not wait for a QEMU that never came', async () => {
  const folder = join(await emptyFolder(), 's');
  const { close } = await openPorts(folder, ['qmp']);
  await close();
  expect(await exists(folder)).toBe(false);
});

test('a reset by a dying QEMU is no error of the lab', async () => {
  const folder = join(await emptyFolder(), 's');
  const { ports, close } = await openPorts(folder, ['qmp']);
  onTestFinished(close);
  const qemu = client(join(folder, 'qmp'));
  const socket = await ports.qmp.connected;
  qemu.destroy();
  // Not once(): that would reject on the very error that must not matter.
  const closed = new Promise((resolve) => { socket.on('close', resolve); });
  socket.write('into the void');
  socket.resume();
  await closed;
  expect(socket.destroyed).toBe(true);
});

test('refuses a path that Linux would cut, with its length and with what to type', async () => {
  const folder = join(await emptyFolder(), 'x'.repeat(100));
  const length = Buffer.byteLength(join(folder, 'qmp'));
  expect(await rejection(openPorts(folder, ['qmp']))).toMatchObject({
    code: 'LONG_PATH', blame: 'lab', stage: 'guest', hint: expect.stringContaining('VLAB_HOME=') as string, message: expect.stringContaining(`${String(length)} bytes; Linux takes 107`) as string,
  });
});

test('takes a path of 107 bytes and refuses one of 108, counted in bytes and not in letters', async () => {
  const above = await emptyFolder();
  const folder = join(above, 'ä'.repeat(Math.floor((104 - above.length - 1) / 2)).padEnd((104 - above.length - 1) - Math.floor((104 - above.length - 1) / 2), 'x'));
  const fits = 'q'.repeat(107 - Buffer.byteLength(folder) - 1);
  const { close } = await openPorts(folder, [fits]);
  await close();
  expect(await rejection(openPorts(folder, [`${fits}q`]))).toMatchObject({ code: 'LONG_PATH' });
});

test('leaves nothing behind when the second of its ports cannot be opened', async () => {
  const above = await emptyFolder();
  const folder = join(above, 'x'.repeat(100 - above.length));
  expect(await rejection(openPorts(folder, ['qmp', 'a-name-too-long-for-it']))).toMatchObject({ code: 'LONG_PATH' });
  expect(await exists(folder)).toBe(false);
});

test('says so when something lies where a socket should be', async () => {
  const folder = join(await emptyFolder(), 's');
  await mkdir(folder);
  await writeFile(join(folder, 'qmp'), '');
  expect(await rejection(openPorts(folder, ['qmp']))).toMatchObject({ code: 'EADDRINUSE' });
});

function client(path: string): Socket {
  const socket = connect(path);
  socket.on('error', () => undefined);
  onTestFinished(() => { socket.destroy(); });
  return socket;
}
