// What a guest says on its serial console, through a FIFO that QEMU writes to. A serial port says every byte by itself: through a socket each of them is a
// packet, of which some two hundred fit, and a boot that says twenty thousand waits for its reader. A pipe holds 64 KiB of them.
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { runProgram } from '../lib/exec.ts';
import { LabError } from '../lib/lab-error.ts';
import { lineSplitter } from '../lib/lines.ts';

export type ConsolePipe = {
  /** Hears what has been said until now. */
  hear: () => void;
  /** Hears the last of it and removes the FIFO. */
  close: () => Promise<void>;
};

const LOOK_MS = 20;
const PIPE_BYTES = 64 * 1024;

/** Makes the FIFO, in a folder that is there. Another user may write to it, and it is read by this process only. */
export async function openConsole(path: string, onLine: (line: string) => void): Promise<ConsolePipe> {
  const made = await runProgram('mkfifo', ['-m', '622', path]);
  if (!made.ok) throw new LabError('NO_FIFO', `the console of a guest could not be made at ${path}: ${made.stderr.trim()}`, { blame: 'lab', stage: 'guest' });
  // Without O_NONBLOCK it would wait for QEMU, and QEMU for it.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const lines = lineSplitter(onLine);
  const gulp = Buffer.alloc(PIPE_BYTES);
  let closed = false;
  // One gulp holds all that a pipe does. QEMU's exit may be told after the end.
  const hear = (): void => {
    if (closed) return;
    const bytes = readSome(file, gulp);
    if (bytes > 0) lines(Buffer.from(gulp.subarray(0, bytes)));
  };
  const timer = setInterval(hear, LOOK_MS);
  return {
    hear,
    close: async () => {
      clearInterval(timer);
      hear();
      lines.flush();
      closed = true;
      closeSync(file);
      await rm(path, { force: true });
    },
  };
}

/** 0 where there is nothing to read now: nobody writes, or nobody wrote. */
function readSome(file: number, into: Buffer): number {
  try {
    return readSync(file, into);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw thrown;
  }
}
