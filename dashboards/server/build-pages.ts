// The pages as files for a browser, made anew when a source is newer than they are.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../../orchestrator/src/lib/exec.ts';
import { LabError } from '../../orchestrator/src/lib/lab-error.ts';
import { takeLock } from '../../orchestrator/src/lib/lock.ts';

/** For a server, or for a copy that lies on a disk. */
const KINDS = { server: { out: 'dist', config: 'vite.config.ts' }, copy: { out: 'dist-site', config: 'vite.site.config.ts' } } as const;

/** What the pages are made of, from dashboards/. */
const SOURCES = ['pages', 'api', '../orchestrator/src/contract', '../orchestrator/src/report', '../orchestrator/src/verify'] as const;

/** `folder` is dashboards/ of the checkout; returns where the built pages lie. */
export async function buildPages(folder: string, talk: (line: string) => void, kind: keyof typeof KINDS = 'server'): Promise<string> {
  const { out, config } = KINDS[kind];
  const built = join(folder, out);
  if (await isFresh(folder, built)) return built;
  await using _lock = await takeLock(join(folder, '../node_modules/.vlab-pages.lock'));
  if (await isFresh(folder, built)) return built;
  talk('making the pages (vite build)');
  // In a process of its own: what NODE_ENV says here, in a test for one, would make pages that are twice as large.
  const made = await runProgram('env', ['NODE_ENV=production', process.execPath, join(folder, '../node_modules/vite/bin/vite.js'), 'build', '--config', join(folder, config), '--logLevel', 'error']);
  if (!made.ok) throw new LabError('PAGES', 'the pages could not be made', { blame: 'lab', hint: 'scripts/setup', evidence: made.stderr });
  return built;
}

async function isFresh(folder: string, built: string): Promise<boolean> {
  const madeMs = await stat(join(built, 'index.html')).then(({ mtimeMs }) => mtimeMs, () => 0);
  return madeMs >= Math.max(...await Promise.all(SOURCES.map((source) => newestIn(join(folder, source)))));
}

async function newestIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const times = await Promise.all(entries.filter((one) => one.isFile()).map((one) => stat(join(one.parentPath, one.name)).then(({ mtimeMs }) => mtimeMs)));
  return Math.max(0, ...times);
}
