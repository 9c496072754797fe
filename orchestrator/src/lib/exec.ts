// Programs of the host, from argv arrays, never through a shell. The one place that starts them, but for the lock's flock.
import { execa } from 'execa';

export type Ran = { ok: boolean; stdout: string; stderr: string };

/** Runs to the end; a program that is missing or fails is an answer, not an error. An abort of the signal ends it and is thrown. */
export async function runProgram(name: string, argv: readonly string[], signal?: AbortSignal): Promise<Ran> {
  const result = await execa(name, argv, { reject: false, stdin: 'ignore', ...(signal === undefined ? {} : { cancelSignal: signal }) });
  signal?.throwIfAborted();
  return { ok: !result.failed, stdout: result.stdout, stderr: result.failed && result.stderr === '' ? (result.message ?? '') : result.stderr };
}
