// From whatever holds a series to a series that the lab can build: START HERE for vlab series add. Each step is a file beside this one.
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { Series } from '../contract/job.ts';
import type { SeriesSource, TriedBase } from '../contract/series.ts';
import { ADDED } from '../kernel/series.ts';
import { identityOf } from '../kernel/source.ts';
import { exists, makeFolderWhole, writeWhole } from '../lib/files.ts';
import { messageOf } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { takeLock } from '../lib/lock.ts';
import { readYaml } from '../lib/yaml.ts';
import { addedFolder, addedNames, patchBytes, readAdded, type AddedSeries } from './added.ts';
import { tryBases, type Bases, type Trial, type TryPatch } from './bases.ts';
import { choose, type Choice } from './choose.ts';
import { refusal } from './refusal.ts';
import { readFolder } from './folder.ts';
import { LIMITS } from './limits.ts';
import { linesIn, readMail, withoutFromLine, type Mail, type Unread } from './mail.ts';
import { writePatches, type WrittenPatch } from './patches.ts';
import { checkPatch } from './safe-patch.ts';
import { openSource, type Place, type Source } from './source.ts';
import { slug } from './subject.ts';
import { authorOf, basesOf, dateOf, inOrder, missingOf, readThread, titleOf, type Posting, type Thread } from './thread.ts';

export type AddAsk = {
  source: string;
  place: Place;
  bases: Bases;
  name?: string | undefined;
  version?: number | undefined;
  /** The base that it must apply to. */
  base?: string | undefined;
  /** Adds it though its base does not take it: the run that asked for it then fails, and says so. */
  evenIfNot?: boolean;
};

/** `fresh`: it was not there before. */
export type Added = AddedSeries & { name: string; fresh: boolean };

export async function addSeries(ask: AddAsk, making: Making): Promise<Added> {
  await making.lab.engine.version();
  const source = await openSource(ask.source, ask.place, making);
  const { thread, unread } = await readAll(source, making.signal);
  const choice = choose(thread, { version: ask.version, alone: source.files.length === 1 });
  const patches = await writePatches(inOrder(choice.posting), making);
  const yaml = ownYaml(source);
  const record = recordOf({ ask, source, yaml, thread, choice, patches, unread });
  await using _lock = await takeLock(join(making.lab.config.home, 'locks', 'series'), making.signal);
  const there = await findThere(ask, record, making);
  if (there.series !== undefined && knows(there.series, ask.base)) return { ...there.series, name: there.name, fresh: false };
  const trial = await tryBases({ patches, bases: ask.bases, order: await orderOf(ask, record, yaml, making), wanted: ask.base, all: yaml !== undefined }, making);
  if (!trial.tried.some((one) => one.took) && ask.evenIfNot !== true) throw noBaseTakesIt(record, trial, ask.base !== undefined);
  const also = ask.evenIfNot === true ? ask.base : undefined;
  if (there.series !== undefined) await noteTrial(there.series, trial, also);
  else await keep({ name: there.name, patches, yaml, record: withTrial(record, trial), also }, making);
  const added = await readAdded(making.lab.config, there.name);
  if (added === undefined) throw new Error(`${there.name} is not there after it was added`);
  return { ...added, name: there.name, fresh: there.series === undefined };
}

/** An added series on a base that it has not been tried on: tried now, and its series.yaml says so from then on. */
export async function fitAdded(name: string, ask: Pick<AddAsk, 'bases' | 'evenIfNot'> & { base: string }, making: Making): Promise<void> {
  const { lab, signal } = making;
  await using _lock = await takeLock(join(lab.config.home, 'locks', 'series'), signal);
  const added = await readAdded(lab.config, name);
  if (added === undefined || knows(added, ask.base)) return;
  const patches: TryPatch[] = await Promise.all(added.series.patches.map(async ({ file, path }) => {
    const bytes = await patchBytes(path);
    const checked = checkPatch(bytes.toString('latin1'));
    if (!checked.ok) throw refusal('BAD_SERIES', `${name}/${file} is not as it was added: ${checked.problem.why}`, `vlab series remove ${name}`);
    return { file, bytes, files: checked.files };
  }));
  const trial = await tryBases({ patches, bases: ask.bases, order: [ask.base], wanted: ask.base, all: false }, making);
  if (!trial.tried.some((one) => one.took) && ask.evenIfNot !== true) throw noBaseTakesIt(added.source, trial, true);
  await noteTrial(added, trial, ask.evenIfNot === true ? ask.base : undefined);
}

async function readAll(source: Source, signal: AbortSignal): Promise<{ thread: Thread; unread: Unread[] }> {
  const lines = source.files.reduce((sum, file) => sum + linesIn(file.bytes), 0);
  if (lines > LIMITS.sourceLines) throw refusal('TOO_BIG', `Expected at most ${LIMITS.sourceLines} lines of mails, got ${lines}`, 'save one thread per file');
  if (source.kind === 'folder' || source.kind === 'git' || source.kind === 'diff') return readFolder(source.files);
  const mails: Mail[] = [];
  const unread: Unread[] = [];
  for (const [index, file] of source.files.entries()) {
    signal.throwIfAborted();
    const read = await readMail(withoutFromLine(file.bytes), index);
    if (Array.isArray(read)) mails.push(...read);
    else unread.push(read);
  }
  if (mails.length === 0 && unread[0] !== undefined) throw refusal('BAD_MAIL', `mail ${unread[0].index + 1} cannot be read: ${unread[0].why}`);
  return { thread: readThread(mails), unread };
}

function ownYaml({ yaml }: Source): Series | undefined {
  if (yaml === undefined) return undefined;
  try {
    return Series.parse(readYaml(yaml, (line, message) => { throw new Error(`line ${line}: ${message}`); }).data);
  } catch (cause) {
    throw refusal('BAD_SERIES', `Expected the folder's series.yaml to be one: ${messageOf(cause).slice(0, 300)}`, 'docs/writing-a-job.md');
  }
}

type Gathered = { ask: AddAsk; source: Source; yaml: Series | undefined; thread: Thread; choice: Choice; patches: WrittenPatch[]; unread: Unread[] };

function recordOf({ ask, source, yaml, thread, choice, patches, unread }: Gathered): SeriesSource {
  const { posting } = choice;
  const { cover } = posting;
  const digest = createHash('sha256');
  for (const patch of patches) digest.update(`${patch.file} ${patch.bytes.length}\n`).update(patch.bytes);
  return {
    from: ask.source, kind: source.kind, addedAt: new Date().toISOString(), digest: digest.digest('hex'),
    title: yaml?.title ?? (titleOf(posting) || patches[0]?.subject || 'a series'), version: posting.version, author: authorOf(posting), date: sayDate(posting),
    cover: cover === undefined ? null : { subject: cover.subject.full, messageId: cover.id },
    patches: patches.map(({ file, number, subject, author, mail, files }) => ({ file, number, subject, author, messageId: mail.id, files })),
    ...basesOf(posting),
    versions: [...thread.postings].sort((a, b) => a.version - b.version).map((one) => ({
      version: one.version, patches: one.total, missing: missingOf(one), date: sayDate(one), taken: one === posting,
    })),
    replies: thread.replies.length,
    trailers: thread.trailers.map(({ trailer, ...rest }) => ({ ...trailer, ...rest })),
    missing: missingOf(posting), duplicates: posting.twice, reroll: posting.reroll ?? null,
    unread: unread.map((one) => `mail ${one.index + 1}: ${one.why}`), said: choice.said, base: null, tried: [], notTried: [],
  };
}

function sayDate(posting: Posting): string | null {
  const date = dateOf(posting);
  return date === 0 ? null : new Date(date).toISOString();
}

const MAX_NAME = 48;

/** The name that the series has or gets: the same patches are the same series. A name that another has gets a number, unless it was asked for. */
async function findThere(ask: AddAsk, record: SeriesSource, making: Making): Promise<{ name: string; series: AddedSeries | undefined }> {
  const { config } = making.lab;
  const asked = ask.name === undefined ? undefined : `${ADDED}${ask.name.replace(/^added\//, '')}`;
  if (asked !== undefined && !/^added\/[a-z0-9][a-z0-9-]{0,63}$/.test(asked)) throw refusal('BAD_NAME', `Expected a name of small letters, digits and dashes, got "${ask.name ?? ''}"`);
  if (asked === undefined) {
    for (const name of await addedNames(config)) {
      const series = await readAdded(config, name);
      if (series?.source.digest === record.digest) return { name, series };
    }
  }
  const stem = `${ADDED}${slug(record.title, MAX_NAME) || 'series'}${record.version > 1 ? `-v${record.version}` : ''}`;
  for (let count = 1; count < 1000; count++) {
    const name = asked ?? (count === 1 ? stem : `${stem}-${count}`);
    const series = await readAdded(config, name);
    if (series === undefined && !(await exists(addedFolder(config, name)))) return { name, series };
    if (asked !== undefined && series?.source.digest === record.digest) return { name, series };
    if (asked !== undefined) throw refusal('NAME_TAKEN', `Expected ${name} to be free, and another series has it${series === undefined ? '' : ` ("${series.source.title}", v${series.source.version})`}`, `vlab series remove ${name}`);
  }
  throw refusal('NAME_TAKEN', `Expected a name like ${stem} to be free, got a thousand series of it`, 'vlab series list');
}

function knows(added: AddedSeries, base: string | undefined): boolean {
  return added.source.tried.some((one) => one.took && (base === undefined || one.base === base));
}

/** The base that the series says, where one of the configured ones is at that commit; else the order in which they are configured. */
async function orderOf(ask: AddAsk, record: SeriesSource, yaml: Series | undefined, making: Making): Promise<string[]> {
  if (ask.base !== undefined) return [ask.base];
  const known = Object.keys(ask.bases);
  const named = yaml?.appliesTo.filter((base) => known.includes(base)) ?? known;
  if (named.length === 0) throw refusal('OTHER_BASE', `Expected a base of ${known.join(', ')}, and the folder's series.yaml names ${yaml?.appliesTo.join(', ') ?? 'none'}`);
  const { baseCommit } = record;
  if (baseCommit === null) return named;
  const atCommit: string[] = [];
  for (const name of named) {
    const base = ask.bases[name];
    if (base === undefined || !('git' in base)) continue;
    const commit = await identityOf(base, making.signal).catch(() => null);
    if (commit?.startsWith(baseCommit) === true) atCommit.push(name);
  }
  return [...atCommit, ...named.filter((name) => !atCommit.includes(name))];
}

function withTrial(record: SeriesSource, { tried, notTried }: Trial): SeriesSource {
  const all: TriedBase[] = [...record.tried.filter((one) => !tried.some((other) => other.base === one.base)), ...tried];
  const names = all.map((one) => one.base);
  return { ...record, tried: all, notTried: [...record.notTried, ...notTried].filter((one, at, list) => !names.includes(one.base) && list.findIndex((other) => other.base === one.base) === at), base: all.find((one) => one.took)?.base ?? null };
}

/** The bases that took it, and the one that a job insists on; of its own series.yaml, those that have not been tried. */
function appliesTo(record: SeriesSource, own: readonly string[], also: string | undefined): string[] {
  const took = record.tried.filter((one) => one.took).map((one) => one.base);
  const refused = record.tried.filter((one) => !one.took).map((one) => one.base);
  return [...new Set([...took, ...own.filter((base) => !refused.includes(base)), ...(also === undefined ? [] : [also])])];
}

type Kept = { name: string; patches: readonly WrittenPatch[]; yaml: Series | undefined; record: SeriesSource; also: string | undefined };

async function keep({ name, patches, yaml, record, also }: Kept, making: Making): Promise<void> {
  const folder = addedFolder(making.lab.config, name);
  await mkdir(join(folder, '..'), { recursive: true });
  await makeFolderWhole(folder, async (out) => {
    for (const patch of patches) await writeFile(join(out, patch.file), patch.bytes);
    const series = { ...yaml, title: yaml?.title ?? record.title.slice(0, 200), appliesTo: appliesTo(record, yaml?.appliesTo ?? [], also) };
    await writeFile(join(out, 'series.yaml'), stringify(series));
    await writeFile(join(out, 'source.json'), `${JSON.stringify(record, null, 2)}\n`);
  });
}

/** The two files are small and each is written whole: what a reader sees is the series before or after. */
async function noteTrial({ series, source, folder }: AddedSeries, trial: Trial, also: string | undefined): Promise<void> {
  const record = withTrial(source, trial);
  const { name: _name, unpatched: _unpatched, patches: _patches, ...rest } = series;
  const bases = appliesTo(record, rest.appliesTo, also);
  await writeWhole(join(folder, 'series.yaml'), stringify({ ...rest, appliesTo: bases }));
  await writeWhole(join(folder, 'source.json'), `${JSON.stringify(record, null, 2)}\n`);
}

function noBaseTakesIt(record: SeriesSource, { tried, notTried }: Trial, named: boolean): Error {
  const lines = [...tried.map((one) => `${one.base}: ${one.why ?? ''}`), ...notTried.map((one) => `${one.base}: not tried, ${one.why}`)];
  const wants = record.prerequisites.length > 0 ? `; it says that it needs ${record.prerequisites.slice(0, 3).join(', ')}` : '';
  const based = record.baseCommit === null ? '' : `; it was made on ${record.baseCommit.slice(0, 12)}`;
  const hint = notTried.length > 0 ? `--base ${notTried[0]?.base ?? ''}` : named ? 'leave --base out to try every base' : 'add its base to kernel-patches/bases.yaml';
  return refusal('DOES_NOT_APPLY', `Expected "${record.title.slice(0, 100)}" (v${record.version}) to apply to ${tried.map((one) => one.base).join(' or ') || 'a base'}, and it does not${based}${wants}`, hint, lines.join('\n'));
}
