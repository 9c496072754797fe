// A file of a run folder, opened to be read: never through a link, which a guest's output could be made into.
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

export function openPlain(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
}
