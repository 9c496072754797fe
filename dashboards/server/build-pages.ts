// The pages as files for a browser, made anew when a source is newer than they are.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError, messageOf } from '../../orchestrator/src/lib/lab-error.ts';

/** `folder` is dashboards/ of the checkout; returns where the built pages lie. */
export async function buildPages(folder: string, talk: (line: string) => void): Promise<string> {
  const built = join(folder, 'dist');
  const madeMs = await stat(join(built, 'index.html')).then(({ mtimeMs }) => mtimeMs, () => 0);
  const newestMs = Math.max(await newestIn(join(folder, 'pages')), await newestIn(join(folder, 'api')));
  if (madeMs >= newestMs) return built;
  talk('making the pages (vite build)');
  try {
    const { build } = await import('vite');
    await build({ configFile: join(folder, 'vite.config.ts'), root: join(folder, 'pages'), logLevel: 'error' });
  } catch (cause) {
    throw new LabError('PAGES', `the pages could not be made: ${messageOf(cause)}`, { blame: 'lab', hint: 'scripts/setup', cause });
  }
  return built;
}

async function newestIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const times = await Promise.all(entries.filter((one) => one.isFile()).map((one) => stat(join(one.parentPath, one.name)).then(({ mtimeMs }) => mtimeMs)));
  return Math.max(0, ...times);
}
