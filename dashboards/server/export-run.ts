// One run in a copy: its answer, its logs as texts that the pages can show, and every file that it left.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { RUN_FILES } from '../../orchestrator/src/store/layout.ts';
import { LogName, type RunDetail } from '../api/shapes.ts';
import { copiedFile, logKey } from '../api/site-paths.ts';
import type { SiteIndex } from '../api/site.ts';
import { askRun } from '../pages/app/endpoints.ts';
import { fileUrl } from '../pages/app/files.ts';
import type { Asked } from './export-ask.ts';
import type { SiteFolder } from './export-folder.ts';
import { cutOff } from './routes/logs.ts';

/** Of a log, so much is shown in a page; the file has the rest. */
export const LOG_BYTES = 2 * 1024 * 1024;

/** Returns the run as the copy has it; undefined where it has no folder yet. */
export async function exportRun(id: string, asked: Asked, into: SiteFolder, index: Pick<SiteIndex, 'answers' | 'logs'>): Promise<RunDetail | undefined> {
  const { url } = askRun(id);
  const answer = await asked.text(url);
  if (answer === undefined) return undefined;
  index.answers[url] = await into.piece(answer.text);
  const run = JSON.parse(answer.text) as RunDetail;
  for (const { name } of run.files) {
    const path = join(into.root, copiedFile(id, name));
    const bytes = await asked.file(fileUrl(id, name), path);
    if (bytes === undefined) continue;
    into.count(bytes);
    const log = LogName.options.find((one) => RUN_FILES[one] === name);
    if (log !== undefined && bytes > 0) index.logs[logKey(id, log)] = { piece: await into.piece(await headOf(path)), cutOf: bytes > LOG_BYTES ? bytes : null };
  }
  return run;
}

/** Whole characters. */
async function headOf(path: string): Promise<string> {
  await using file = await open(path, 'r');
  const { bytesRead, buffer } = await file.read(Buffer.alloc(LOG_BYTES), 0, LOG_BYTES, 0);
  const head = buffer.subarray(0, bytesRead);
  return head.toString('utf8', 0, bytesRead < LOG_BYTES ? bytesRead : bytesRead - cutOff(head));
}
