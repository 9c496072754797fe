// Some of the workers of bench/fleet.ts, in a process of their own: the lab's own workers with a stub in place of a guest, or BullMQ's bare ones that do nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { Worker } from 'bullmq';
import type { LabEvent, StampedEvent } from '../src/contract/event.ts';
import type { Outcome } from '../src/contract/outcome.ts';
import { labVersion } from '../src/contract/worker.ts';
import { HostTurn } from '../src/lib/host-turn.ts';
import { queueFor } from '../src/queue/names.ts';
import { RunWorker, type Work } from '../src/queue/worker.ts';

/** `guestMs`: how long each simulated guest lasts; `waitedFor`: the title of runs whose waits are told. */
export type Start = { kind: 'bare' | 'lab'; first: number; count: number; guestMs: number; waitedFor: string; socket: string; version: string };
export type Order = { start: Start } | { stop: true };
/** `waits`: of people's runs, in milliseconds. */
export type Word = { ready: true } | { ran: number; waits: number[]; cpuUs: number } | { stopped: true };

const PASSED: Outcome = { kind: 'passed', stage: 'verify', why: 'simulated' };
const REPORT_MS = 20;

let ran = 0;
let waits: number[] = [];
let toldUs = 0;
let close: () => Promise<void> = () => Promise.resolve();

process.on('message', (order: Order) => {
  if ('start' in order) void start(order.start);
  else void stop();
});
setInterval(() => {
  if (ran > 0 || waits.length > 0) {
    const { user, system } = process.cpuUsage();
    say({ ran, waits, cpuUs: user + system - toldUs });
    toldUs = user + system;
  }
  ran = 0;
  waits = [];
}, REPORT_MS).unref();

async function start({ kind, first, count, guestMs, waitedFor, socket, version }: Start): Promise<void> {
  const options = { path: socket, maxRetriesPerRequest: null };
  const home = mkdtempSync('/tmp/vlab-b-');
  const turn = new HostTurn(join(home, 'host'));
  const opened = Array.from({ length: count }, (_, n) => (kind === 'bare' ? bareWorker() : labWorker(`w-${String(first + n)}`)));
  close = async () => {
    await Promise.all(opened.map((worker) => worker.close()));
    rmSync(home, { recursive: true, force: true });
  };
  await Promise.all(opened.flatMap((worker) => (worker instanceof Worker ? [worker.waitUntilReady()] : [])));
  say({ ready: true });

  function bareWorker(): Worker {
    const worker = new Worker(queueFor(labVersion(version), { needs: null, alone: false }), async () => {
      if (guestMs > 0) await after(guestMs);
      ran++;
      return PASSED;
    }, { connection: options, drainDelay: 2 });
    worker.on('error', () => undefined);
    return worker;
  }

  function labWorker(name: string): RunWorker {
    return new RunWorker({
      redis: options, version: labVersion(version), name, host: 'bench', lockMs: 30_000, work: simulated, onGone: () => undefined, slots: 1, turn, besideTiming: false, can: [],
      facts: () => Promise.resolve({ accelerator: null, acceleratorWhy: null, display: null, kvm: null, virgl: null, blob: false, venus: false, cores: 1, memoryMiB: 1, stacks: [] }),
      standing: { onChange: () => undefined, onEnd: () => undefined },
    });
  }

  /** The one thing that is not the lab's own: no folder, no kernel, no QEMU. It tells what every run tells. */
  async function simulated(...[{ id, title, submittedAt }, attempt, , tell]: Parameters<Work>): Promise<Outcome> {
    const stamp = (event: LabEvent): StampedEvent => ({ at: new Date().toISOString(), ms: 0, run: id, ...event });
    if (title === waitedFor) waits.push(Date.now() - Date.parse(submittedAt));
    tell(stamp({ event: 'run.opened', attempt, worker: 'bench' }));
    if (guestMs > 0) await after(guestMs);
    tell(stamp({ event: 'run.sealed', outcome: PASSED }));
    ran++;
    return PASSED;
  }
}

async function stop(): Promise<void> {
  await close();
  say({ stopped: true });
  process.disconnect();
}

function say(word: Word): void {
  process.send?.(word);
}
