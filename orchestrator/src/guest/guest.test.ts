// How a guest can end by itself, told apart: who is at fault, and in whose words. The guest's voices are played; time is vitest's.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LabError } from '../lib/lab-error.ts';
import { GuestState } from './guest.ts';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

type Played = { state: GuestState; splats: string[]; gone: { how: string; wanted: boolean }[]; lines: unknown[]; logs: [string, string][] };

function play(): Played {
  const splats: string[] = [];
  const gone: { how: string; wanted: boolean }[] = [];
  const lines: unknown[] = [];
  const logs: [string, string][] = [];
  const log = (name: string) => (line: string) => { logs.push([name, line]); };
  const state = new GuestState({
    onSplat: (kind) => { splats.push(kind); }, onGone: (how, wanted) => { gone.push({ how, wanted }); },
  }, { console: log('console'), probe: log('probe'), qemu: log('qemu'), trace: log('trace') });
  state.listen((line) => { lines.push(line); });
  return { state, splats, gone, lines, logs };
}

function reasonOf({ state }: Played): unknown {
  vi.advanceTimersByTime(5000);
  return state.dead.aborted ? state.dead.reason : undefined;
}

test('an oops ends the guest, in the kernel\'s words, once the kernel has finished its sentence', () => {
  const played = play();
  played.state.hearConsole('[   12.345678] BUG: kernel NULL pointer dereference, address: 0000000000000010');
  expect(played.state.dead.aborted).toBe(false);
  played.state.hearConsole('[   12.345999] RIP: 0010:virtio_gpu_transfer_to_host_ioctl+0x5a/0x2b0');
  const reason = reasonOf(played);
  expect(reason).toMatchObject({ blame: 'kernel', message: 'oops: BUG: kernel NULL pointer dereference, address: 0000000000000010' });
  expect((reason as LabError).evidence).toContain('virtio_gpu_transfer_to_host_ioctl');
});

test('a lock report is told and does not end the guest', () => {
  const played = play();
  played.state.hearConsole('[   12.345678] WARNING: possible recursive locking detected');
  expect(reasonOf(played)).toBeUndefined();
  expect(played.splats).toEqual(['lockdep']);
});

test('a reboot, a power-off and a panic that only QEMU heard of are the kernel\'s, each by its name', () => {
  const reboot = play();
  reboot.state.hearQmp({ event: 'SHUTDOWN', data: { guest: true, reason: 'guest-reset' } });
  expect(reasonOf(reboot)).toMatchObject({ blame: 'kernel', message: 'the guest rebooted by itself' });
  const off = play();
  off.state.hearQmp({ event: 'SHUTDOWN', data: { guest: true, reason: 'guest-shutdown' } });
  expect(reasonOf(off)).toMatchObject({ blame: 'kernel', message: 'the guest shut down by itself (guest-shutdown)' });
  const panic = play();
  panic.state.hearQmp({ event: 'GUEST_PANICKED', data: { action: 'pause' } });
  expect(reasonOf(panic)).toMatchObject({ blame: 'kernel', message: 'panic: the guest told QEMU that it panicked' });
});

test('a shutdown that no guest asked for, and QEMU\'s death, are the lab\'s', () => {
  const quit = play();
  quit.state.hearQmp({ event: 'SHUTDOWN', data: { guest: false, reason: 'host-signal' } });
  expect(reasonOf(quit)).toMatchObject({ blame: 'lab' });
  const died = play();
  died.state.hearQemu('qemu-system-x86_64: could not open the disk');
  died.state.hearExit('exit code 1');
  expect(reasonOf(died)).toMatchObject({ blame: 'lab', message: 'QEMU died: exit code 1', evidence: 'qemu-system-x86_64: could not open the disk' });
  expect(died.gone).toEqual([{ how: 'exit code 1', wanted: false }]);
});

test('a host side without Virgil3D is told by QEMU, before a guest makes do without it and is blamed', () => {
  const played = play();
  played.state.hearQemu('qemu-system-x86_64: virgl could not be initialized: -1');
  expect(reasonOf(played)).toMatchObject({ blame: 'lab', code: 'NO_VIRGL', message: 'the host side could not start Virgil3D: qemu-system-x86_64: virgl could not be initialized: -1' });
});

test('a guest that rebooted takes QEMU with it: the reboot is the reason, not QEMU\'s exit', () => {
  const played = play();
  played.state.hearExit('exit code 0');
  played.state.hearQmp({ event: 'SHUTDOWN', data: { guest: true, reason: 'guest-reset' } });
  expect(reasonOf(played)).toMatchObject({ message: 'the guest rebooted by itself' });
});

test('what happens after the lab asked for the end is no accident', () => {
  const played = play();
  played.state.stop();
  played.state.hearQmp({ event: 'SHUTDOWN', data: { guest: true, reason: 'guest-shutdown' } });
  played.state.hearExit('exit code 0');
  expect(reasonOf(played)).toBeUndefined();
  expect(played.gone).toEqual([{ how: 'exit code 0', wanted: true }]);
});

test('lines of the probe are taken when they are what the contract says; noise is passed over', () => {
  const played = play();
  for (const line of ['', 'not JSON', '{"t":"unheard of"}', '{"t":"hello","version":1,"kernel":"6.12.0","uptimeMs":900,"more":true}']) played.state.hearProbe(line);
  expect(played.lines).toEqual([{ t: 'hello', version: 1, kernel: '6.12.0', uptimeMs: 900 }]);
});

test('everyone who listens hears every line, until they stop', () => {
  const { state, lines } = play();
  const others: unknown[] = [];
  const stop = state.listen((line) => { others.push(line); });
  state.hearProbe('{"t":"error","why":"one"}');
  stop();
  state.hearProbe('{"t":"error","why":"two"}');
  expect([lines.length, others]).toEqual([2, [{ t: 'error', why: 'one' }]]);
});

test('QEMU\'s trace of its virtio-gpu is kept apart from its own words, which are what is shown when it dies', () => {
  const played = play();
  const words = ['qemu-system-x86_64: warning: virtio_gpu_cmd_ctx_submit is not its first word', 'virtio_gpux', 'libEGL debug: x'];
  const trace = ['virtio_gpu_cmd_res_unref res 0x1', 'virtio_gpu_fence_ctrl fence 0x1, type 0x207', 'virtio_gpu_cmd_get_display_info ', 'virtio_gpu_cmd_get_display_info'];
  for (const line of [...words, ...trace]) played.state.hearQemu(line);
  expect(played.logs).toEqual([...words.map((line) => ['qemu', line]), ...trace.map((line) => ['trace', line])]);
  played.state.hearExit('killed by signal 11');
  expect((reasonOf(played) as LabError).evidence).toBe(words.join('\n'));
  const aborted = play();
  aborted.state.hearExit('killed by signal 6');
  expect([(reasonOf(played) as LabError).code, (reasonOf(aborted) as LabError).code]).toEqual(['QEMU_DIED', 'QEMU_ABORTED']);
});

test('a guest that never stops talking is ended for it', () => {
  const played = play();
  const line = 'x'.repeat(64 * 1024);
  for (let n = 0; n <= 16 * 1024 && !played.state.dead.aborted; n++) played.state.hearProbe(line);
  expect(reasonOf(played)).toMatchObject({ code: 'GUEST_FLOOD', blame: 'kernel' });
});
