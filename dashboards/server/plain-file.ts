// A file of a run folder, opened to be read: never through a link, which a guest's output could be made into.
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** The probe's lines, but for the pixels of wrong frames, which are most of them. A reader may leave in the middle, or before the first line. */
export async function* withoutPixels(path: string): AsyncGenerator<string> {
  await using file = await openPlain(path);
  for await (const line of file.readLines({ autoClose: false })) if (!line.startsWith('{"t":"pixels"')) yield `${line}\n`;
}

export function openPlain(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
}
