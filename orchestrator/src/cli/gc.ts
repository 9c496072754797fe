// vlab gc: removes what has not been used for long, and then the least recently used until the rest fits. Everything it removes can be
// made again, but for runs: those go only when asked, by age and by size, and what is worth keeping goes last.
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { postgresImage } from '../image/images.ts';
import { namesIn } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Lab } from '../lib/lab.ts';
import { openDatabase } from '../record/database.ts';
import { runsOfAlerts } from '../record/levels.ts';
import { hasRecord, postgresPlace } from '../record/postgres.ts';
import { bytes, table } from '../report/text.ts';
import { readAlertNotes } from '../store/alert-notes.ts';
import { citedHere } from '../store/cited.ts';
import { evidenceOf, type Evidence } from '../store/evidence.ts';
import { forgetProduct, staleProducts, type StaleProduct } from '../store/product-use.ts';
import { readRun } from '../store/read.ts';
import { underWaySince } from '../store/under-way.ts';
import { counting } from './counting.ts';
import { answer, type Answer, type Context } from './command.ts';

export type GcOptions = { olderThan: string; maxSize: string; runsOlderThan: string | undefined; runsMaxSize: string | undefined; shared: boolean; dryRun: boolean };

type Item = { what: string; name: string; bytes: number; usedAt: number; remove: () => Promise<void> };

/** What was used this recently may be in use now. */
const IN_USE_MS = 3600_000;
/** By so much the clocks of two hosts may differ. */
const CLOCKS_MS = 3600_000;

export async function gc(context: Context, options: GcOptions): Promise<Answer<'gc'>> {
  const { lab } = context;
  const maxAgeMs = daysOf(options.olderThan, '--older-than') * 86_400_000;
  const maxBytes = bytesOf(options.maxSize, '--max-size');
  const now = Date.now();
  const doomed: (Item & { why: string })[] = (await leftovers(lab)).map((item) => ({ ...item, why: 'left behind' }));
  const products = (await productsOf(lab)).sort((a, b) => a.usedAt - b.usedAt);
  let total = products.reduce((sum, item) => sum + item.bytes, 0);
  for (const item of products) {
    const ageMs = now - item.usedAt;
    if (ageMs < IN_USE_MS) continue;
    if (ageMs > maxAgeMs) doomed.push({ ...item, why: `unused for ${String(Math.floor(ageMs / 86_400_000))} days` });
    else if (total > maxBytes) doomed.push({ ...item, why: `the lab holds more than ${bytes(maxBytes)}` });
    else continue;
    total -= item.bytes;
  }
  const runs = await doomedRuns(context, options);
  doomed.push(...runs);
  const evidence = evidenceOf(lab.config);
  const ours = options.shared || !evidence.shared;
  if (!options.dryRun) {
    for (const item of doomed) await item.remove();
    if (ours) await evidence.forget(new Set(runs.map((run) => run.name)));
  }
  if (options.shared && evidence.shared) doomed.push(...await staleInStore(evidence, now - maxAgeMs, options.dryRun));
  if (ours) doomed.push(...await strayEvidence(evidence, options.dryRun));
  const removed = doomed.map(({ what, name, bytes: size, why }) => ({ what, name, bytes: size, why }));
  const freedBytes = removed.reduce((sum, item) => sum + item.bytes, 0);
  const verb = options.dryRun ? 'would remove' : 'removed';
  const rows = removed.map((item) => [item.what, item.name, bytes(item.bytes), item.why]);
  return answer('gc', { removed, freedBytes, keptBytes: total, dryRun: options.dryRun },
    `${rows.length === 0 ? '' : `${table([['what', 'name', 'size', 'why'], ...rows])}\n\n`}${verb} ${String(removed.length)} things, ${bytes(freedBytes)}; ${bytes(total)} stay`);
}

/** A failure is worth looking at for longer than a pass. */
const FAILURES_STAY = 4;

/** By age, then by size: the least worth goes first, which is the oldest, a failure counting as younger than it is. */
async function doomedRuns(context: Context, { runsOlderThan, runsMaxSize, shared }: GcOptions): Promise<(Item & { why: string })[]> {
  if (runsOlderThan === undefined && runsMaxSize === undefined) return [];
  const { lab } = context;
  const { home } = lab.config;
  const maxAgeMs = runsOlderThan === undefined ? Infinity : daysOf(runsOlderThan, '--runs-older-than') * 86_400_000;
  const maxBytes = runsMaxSize === undefined ? Infinity : bytesOf(runsMaxSize, '--runs-max-size');
  const { since, cited } = await needed(context, shared);
  const runs = await Promise.all((await folders(lab, 'run', 'runs')).map(async (item) => {
    const outcome = (await readRun(home, item.name))?.outcome.kind;
    const failure = outcome !== undefined && outcome !== 'passed' && outcome !== 'cancelled';
    const ageMs = Date.now() - item.usedAt;
    return { item, stays: cited.has(item.name) || item.usedAt >= since || ageMs < IN_USE_MS, worthMs: failure ? ageMs / FAILURES_STAY : ageMs, what: !failure ? 'a run' : outcome === 'failed' ? 'a run that failed' : `a run that was ${outcome}` };
  }));
  let total = runs.reduce((sum, { item }) => sum + item.bytes, 0);
  const found: (Item & { why: string })[] = [];
  for (const { item, worthMs, what } of runs.filter((run) => !run.stays).sort((a, b) => b.worthMs - a.worthMs)) {
    if (worthMs > maxAgeMs) found.push({ ...item, why: `${what}, old` });
    else if (total > maxBytes) found.push({ ...item, why: `${what}; all runs together are more than ${bytes(maxBytes)}` });
    else continue;
    total -= item.bytes;
  }
  return found;
}

/** What is pointed at stays, whatever its age and size: by verdicts, by nights, by alerts; and what is newer than the beginning of any evaluation or night that is under way. */
async function needed(context: Context, shared: boolean): Promise<{ since: number; cited: ReadonlySet<string> }> {
  const { home } = context.lab.config;
  const evidence = evidenceOf(context.lab.config);
  const everywhere = shared && evidence.shared;
  // What is under way first: a verdict that is given in between is then among those that are read.
  const since = Math.min(await underWaySince(home), everywhere ? await evidence.underWaySince() - CLOCKS_MS : Infinity);
  return { since, cited: new Set([...await citedHere(home), ...await alertedRuns(context), ...(await readAlertNotes(home)).map(({ run }) => run), ...everywhere ? await evidence.cited() : []]) };
}

async function alertedRuns(context: Context): Promise<string[]> {
  if (!(await hasRecord(context.lab))) return [];
  const place = await postgresPlace(context.lab, async () => (await postgresImage(counting(context))).tag);
  try {
    const db = await openDatabase(place.options);
    try {
      return await runsOfAlerts(db);
    } finally {
      await db.destroy();
    }
  } finally {
    await place.leave();
  }
}

/** What no host has taken from the shared store for long. Its bytes are those that nothing names any longer then. */
async function staleInStore(evidence: Evidence, sinceMs: number, dryRun: boolean): Promise<(Item & { why: string })[]> {
  const objects = await evidence.objects();
  const gone: StaleProduct[] = [];
  for (const product of await staleProducts(objects, sinceMs)) if (dryRun || await forgetProduct(objects, product)) gone.push(product);
  return gone.map(({ name, usedAt: at }) => ({ what: 'shared product', name, bytes: 0, usedAt: at, why: `no host has taken it since ${new Date(at).toISOString().slice(0, 10)}`, remove: () => Promise.resolve() }));
}

/** Bytes that no run, job, evaluation or product names any longer. */
async function strayEvidence(evidence: Evidence, dryRun: boolean): Promise<(Item & { why: string })[]> {
  const objects = await evidence.objects();
  const strays = await evidence.unreferenced();
  // One that was put again in the meantime stays.
  if (!dryRun) for (const { name, at } of strays) for await (const now of objects.list(name)) if (now.at.getTime() === at.getTime()) await objects.remove(name);
  return strays.map(({ name, bytes: size, at }) => ({ what: 'evidence', name: basename(name), bytes: size, usedAt: at.getTime(), why: 'nothing names it any longer', remove: () => Promise.resolve() }));
}

async function productsOf(lab: Lab): Promise<Item[]> {
  const kernels = await folders(lab, 'kernel', 'kernels', (key) => `vlab/kernel:${key}`);
  const clips = await folders(lab, 'clip', 'clips');
  const images = await folders(lab, 'image', 'images', (name) => {
    const key = name.slice(name.lastIndexOf('-') + 1);
    return `vlab/${name.slice(0, name.lastIndexOf('-'))}:${key}`;
  });
  return [...kernels, ...clips, ...images, ...await folders(lab, 'file', 'files'), ...await folders(lab, 'series', 'series/taken')];
}

/** Products of one folder, each with the engine's image that belongs to it where there is one. */
async function folders(lab: Lab, what: string, folder: string, tagOf?: (name: string) => string): Promise<Item[]> {
  const root = join(lab.config.home, folder);
  const names = (await namesIn(root)).filter((name) => !name.endsWith('.tmp'));
  return Promise.all(names.map(async (name) => {
    const path = join(root, name);
    const tag = tagOf?.(name);
    return {
      what, name, bytes: (await sizeOf(path)) + (tag === undefined ? 0 : await ownLayerBytes(lab, tag)), usedAt: await usedAt(path),
      remove: async () => {
        if (tag !== undefined) await lab.engine.docker.getImage(tag).remove({ force: true }).catch(() => undefined);
        await rm(path, { recursive: true, force: true });
      },
    };
  }));
}

/** Half-made folders of makers that died. */
async function leftovers(lab: Lab): Promise<Item[]> {
  const items: Item[] = [];
  for (const folder of ['', 'kernels', 'clips', 'images', 'files', 'series/taken']) {
    const root = join(lab.config.home, folder);
    for (const name of await namesIn(root)) {
      const path = join(root, name);
      const at = await usedAt(path);
      const half = name.endsWith('.tmp') || /^(debian|erofs)-\w{6}$/.test(name);
      if (half && Date.now() - at > IN_USE_MS) items.push({ what: 'leftover', name: join(folder, name), bytes: await sizeOf(path), usedAt: at, remove: () => rm(path, { recursive: true, force: true }) });
    }
  }
  return items;
}

/** The newest time on any file directly in a folder: a product is touched when it is used. */
async function usedAt(path: string): Promise<number> {
  const own = (await stat(path)).mtimeMs;
  const times = await Promise.all((await namesIn(path).catch(() => [])).map(async (name) => (await stat(join(path, name))).mtimeMs));
  return Math.max(own, ...times);
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isDirectory()) return found.size;
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(entries.filter((entry) => entry.isFile()).map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function ownLayerBytes(lab: Lab, tag: string): Promise<number> {
  try {
    const [top] = await lab.engine.docker.getImage(tag).history() as { Size: number }[];
    return top?.Size ?? 0;
  } catch {
    return 0;
  }
}

function daysOf(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)d?$/.exec(text);
  if (match?.[1] !== undefined) return Number(match[1]);
  throw new LabError('USAGE', `Expected ${option} to be a number of days such as 30d, got "${text}"`, { blame: 'request', stage: 'request' });
}

function bytesOf(text: string, option: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(kB|MB|GB|TB)$/i.exec(text);
  const unit = { KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }[match?.[2]?.toUpperCase() ?? ''];
  if (match?.[1] !== undefined && unit !== undefined) return Number(match[1]) * unit;
  throw new LabError('USAGE', `Expected ${option} to be a size such as 20GB, got "${text}"`, { blame: 'request', stage: 'request' });
}
