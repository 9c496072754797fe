// What is said of workers, for people.
import type { HostFacts, WorkerPresence } from '../contract/worker.ts';
import { counted, printable } from './text.ts';

export function sayFacts({ accelerator, display, virgl, blob, venus, cores, memoryMiB, stacks }: HostFacts): string {
  const tried = accelerator === null ? 'accelerator and display not tried yet' : `${accelerator}, display ${display ?? 'none'}`;
  const can = [virgl === true ? 'virgl' : '', blob ? 'blob' : '', venus ? 'venus' : ''].filter((word) => word !== '');
  return `${tried}; ${can.length === 0 ? 'nothing special' : can.join(', ')}; ${counted(cores, 'core')}, ${(memoryMiB / 1024).toFixed(1)} GiB; stacks ${stacks.length === 0 ? 'none yet' : stacks.join(', ')}`;
}

/** `version`: of whoever looks. */
export function workerLines(worker: WorkerPresence, version: string): string[] {
  const { worker: name, running, slots, facts, why, draining } = worker;
  const state = draining ? ', takes nothing' : '';
  const other = worker.version === version ? '' : `, lab ${worker.version}: takes nothing that lab ${version} asks for`;
  return [
    printable(`worker ${name}: ${String(running.length)} of ${counted(slots, 'slot')}${state}${other} ${running.join(' ')}`).trimEnd(),
    ...(why === null ? [] : [printable(`    ${why}`)]),
    ...(facts === null ? [] : [printable(`    ${sayFacts(facts)}`)]),
  ];
}
