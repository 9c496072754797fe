// vlab reproduce RUN: one archive that boots the run's guest again on a machine with only Docker.
import { rm, stat, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { sha256OfFile } from '../lib/files.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';
import { bytes } from '../report/text.ts';
import { writeArchive } from '../reproduce/archive.ts';
import { checkedId } from '../store/read.ts';
import { answer, type Answer, type Context } from './command.ts';

export async function reproduce({ lab, signal, talk }: Context, given: string, { output }: { output?: string }): Promise<Answer<'reproduce'>> {
  const path = resolve(output ?? `reproduce-${checkedId(given)}.tar`);
  await checkPlace(path);
  await lab.engine.version();
  const { record, folder, image, entries } = await writeArchive(given, path, { lab, signal, progress: (what) => { talk(what); } });
  const document = {
    run: record.id, path, bytes: (await stat(path)).size, sha256: await sha256OfFile(path), folder, image,
    entries: entries.map(({ name, bytes: size, sha256 }) => ({ name, bytes: size, sha256 })),
  };
  const text = [
    `${path}: ${bytes(document.bytes)}, ${String(entries.length)} files`, `SHA-256 ${document.sha256}`,
    `on a machine with Docker: tar -xf ${basename(path)} && ${folder}/reproduce`,
  ].join('\n');
  return answer('reproduce', document, text);
}

/** Said before half a minute is spent on what cannot be written. */
async function checkPlace(path: string): Promise<void> {
  const refusal = (why: string, cause?: unknown): LabError => new LabError('NO_OUTPUT', `Expected to write ${path}: ${why}`, { blame: 'request', stage: 'request', hint: '--output FILE in a folder that can be written', cause });
  const tried = `${path}.${String(process.pid)}.try`;
  await writeFile(tried, '').catch((cause: unknown) => { throw refusal(messageOf(cause), cause); });
  await rm(tried);
  if ((await stat(path).catch(() => undefined))?.isDirectory() === true) throw refusal('it is a folder');
}
