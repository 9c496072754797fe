// vlab export site: the pages of one job as plain files, for whoever has no lab: a CI's artifact, a mail, a disk.
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildPages } from '../../../dashboards/server/build-pages.ts';
import { exportSite as fill, isSite, MARK } from '../../../dashboards/server/export-site.ts';
import { makeServer, type QueueSource } from '../../../dashboards/server/server.ts';
import manifest from '../../package.json' with { type: 'json' };
import { postgresImage } from '../image/images.ts';
import { namesIn, replaceFolder } from '../lib/files.ts';
import { LabError, messageOf } from '../lib/lab-error.ts';
import { within } from '../lib/within.ts';
import { Keeper } from '../record/keeper.ts';
import { bytes, counted } from '../report/text.ts';
import { checkedId } from '../store/read.ts';
import { counting } from './counting.ts';
import { answer, type Answer, type Context } from './command.ts';

/** A record that is made anew reads some hundred folders in a second. */
const LOOK_MS = 30 * 60_000;
/** Of what a copy is made of, nothing is the queue's. */
const NO_QUEUE: QueueSource = { submit: noQueue, cancel: noQueue, order: noQueue, look: noQueue };

export async function exportSite(context: Context, folder: string, { job: given }: { job?: string }): Promise<Answer<'export-site'>> {
  const { lab: { config }, talk, signal } = context;
  const to = resolve(folder);
  const asked = given === undefined ? undefined : checkedId(given);
  await refuseForeign(to);
  const built = await buildPages(join(config.checkout, 'dashboards'), talk, 'copy');
  const keeper = new Keeper(context.lab, async () => (await postgresImage(counting(context))).tag);
  await keeper.open();
  try {
    await within({ what: 'a look at the lab\'s folders', ms: LOOK_MS, blame: 'lab', signal }, (until) => once(keeper, 'looked', { signal: until }));
    const job = asked ?? await newestJob(keeper);
    const parts = { home: config.home, checkout: config.checkout, keeper, queue: NO_QUEUE, version: manifest.version, pages: built, hosts: [], board: noBoard, unlimited: true, store: () => null };
    const { server, live } = await makeServer(parts);
    try {
      return told(to, await replaceFolder(to, (fresh) => fill(server, parts, { job, folder: fresh, built, signal, talk })).catch((error: unknown) => { throw placed(to, error); }));
    } finally {
      live.close();
      await server.close();
    }
  } finally {
    await keeper.close();
  }
}

function noQueue(): Promise<never> {
  return Promise.reject(new LabError('NO_QUEUE', 'a copy has no queue', { blame: 'request', hint: 'vlab serve' }));
}

function told(to: string, { job, pages, files, bytes: size }: Awaited<ReturnType<typeof fill>>): Answer<'export-site'> {
  const open = pathToFileURL(join(to, 'index.html')).href;
  return answer('export-site', { job, folder: to, pages, files, bytes: size, open }, `${counted(pages, 'page')} of ${job} in ${counted(files, 'file')}, ${bytes(size)}: ${to}\nOpen ${open} in a browser, or put the folder below any address of a web server.`);
}

async function newestJob({ db }: Keeper): Promise<string> {
  const found = await db.selectFrom('jobs').select('id').orderBy('submitted_at', 'desc').limit(1).executeTakeFirst();
  if (found === undefined) throw new LabError('NO_JOB', 'there is no job yet, so there is nothing to copy', { blame: 'request', stage: 'request', hint: 'vlab run jobs/first-look.yaml' });
  return found.id;
}

/** What is replaced is what this command wrote, or an empty folder. */
async function refuseForeign(to: string): Promise<void> {
  const names = await namesIn(to).catch((cause: unknown) => { throw placed(to, cause); });
  if (names.length === 0 || await isSite(to)) return;
  throw new LabError('NOT_A_SITE', `Expected ${to} to be missing, empty, or written by vlab export site, got a folder without ${MARK} that has ${String(names[0])} in it`, { blame: 'request', stage: 'request', hint: `vlab export site ${join(to, 'site')}` });
}

/** The disk's own refusals are the request's; whatever else went wrong keeps its own words. */
function placed(to: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EBUSY', 'EXDEV'].includes(code)) return error;
  return new LabError('EXPORT_PLACE', `Expected a folder to write to at ${to}: ${messageOf(error)}`, { blame: 'request', stage: 'request', hint: 'vlab export site site', cause: error });
}

function noBoard(_server: unknown, _options: unknown, done: () => void): void {
  done();
}
