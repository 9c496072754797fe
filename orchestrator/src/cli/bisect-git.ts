// The commits between two of a repository as kernels: each is the base, with all that the commit has otherwise than the good one.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvaluationRecord } from '../contract/evaluation.ts';
import { LabError } from '../lib/lab-error.ts';
import { printable } from '../report/text.ts';
import { readCatalogue, type Catalogue } from '../request/catalogue.ts';
import { addSeries, type Added } from '../series/add.ts';
import { asMail, changeOf, historyOf, mailPath, nameOf, rangeOf, type Commit, type Range } from '../series/history.ts';
import { readStdin } from '../series/read-stdin.ts';
import type { BisectOptions } from './bisect.ts';
import type { Context } from './command.ts';
import { counting } from './counting.ts';
import { evaluate } from './evaluate.ts';
import type { Hunt, NotLooked } from './hunt.ts';
import { knownBase, sourceOf } from './series.ts';

type Repository = { context: Context; range: Range; good: string; catalogue: Catalogue };

export async function gitHunt(context: Context, words: readonly string[], options: BisectOptions): Promise<Hunt> {
  const { config, engine } = context.lab;
  const catalogue = await readCatalogue(config.checkout);
  if (options.base !== undefined) knownBase(options.base, catalogue.bases);
  const range = await rangeOf(sourceOf(words), options.path, '.');
  await engine.version();
  const { good, commits } = await historyOf(range, counting(context));
  const [newest] = commits;
  if (newest === undefined) throw new Error('a history without a commit was not refused');
  const repository: Repository = { context, range, good, catalogue };
  const base = await baseFor(repository, newest, options.base);
  const byId = new Map(commits.map((one) => [one.id, one]));
  const of = (id: string): Commit => byId.get(id) ?? { id, parents: [], date: '', author: '', subject: '' };
  return {
    what: 'git', of: nameOf(range), base, unit: 'commit', identity: { good, newest: newest.id, paths: range.paths }, places: commits.map(({ id, parents }) => ({ id, parents })),
    described: (id) => ({ id, subject: printable(of(id).subject), author: printable(of(id).author), date: of(id).date }),
    called: (id) => printable(`${id.slice(0, 12)} ${of(id).subject}`.slice(0, 90)),
    evaluate: async (id, metric, narrow) => {
      const series = await madeOf(repository, id, base);
      if (typeof series !== 'string') return series;
      return (await evaluate(context, [series], { ...options, base, metric, ...(narrow === undefined ? {} : { narrow }) })).document as EvaluationRecord;
    },
  };
}

/** The base that takes all of the range's changes: the good commit is what that base is, or near enough. */
async function baseFor(repository: Repository, newest: Commit, asked: string | undefined): Promise<string> {
  const { range, good } = repository;
  try {
    const added = await changeAdded(repository, newest.id, { base: asked, evenIfNot: false });
    if (added === 'same') throw new LabError('EMPTY_RANGE', `Expected ${range.good}..${range.bad} to change something, and it ends as it began`, { blame: 'request', stage: 'request', hint: `git -C ${range.shown} diff ${range.good} ${range.bad}` });
    return asked ?? added.source.base ?? '6.12';
  } catch (thrown) {
    if (!(thrown instanceof LabError) || thrown.code !== 'DOES_NOT_APPLY') throw thrown;
    throw new LabError('DOES_NOT_APPLY', `Expected the changes from ${good.slice(0, 12)} (${range.good}) to ${newest.id.slice(0, 12)} to apply to ${asked ?? 'a base'}, and they do not: the good commit has to be what the base is there, or near it`, {
      blame: 'request', stage: 'request', hint: '--path to look at less of the tree, --base for another base, or a base of that commit in kernel-patches/bases.yaml', ...(thrown.evidence === undefined ? {} : { evidence: thrown.evidence }), cause: thrown,
    });
  }
}

/** The name of the series that makes the base this commit. What cannot be made one is gone around. */
async function madeOf(repository: Repository, id: string, base: string): Promise<string | NotLooked> {
  try {
    const added = await changeAdded(repository, id, { base, evenIfNot: true });
    return added === 'same' ? { saw: 'same', why: 'it has nothing otherwise than the good commit' } : added.name;
  } catch (thrown) {
    if (!(thrown instanceof LabError) || thrown.blame !== 'request') throw thrown;
    return { saw: 'skip', why: thrown.message };
  }
}

async function changeAdded({ context, range, good, catalogue }: Repository, id: string, { base, evenIfNot }: { base: string | undefined; evenIfNot: boolean }): Promise<Added | 'same'> {
  const making = counting(context);
  const diff = await changeOf(range, good, id, making);
  if (diff.length === 0) return 'same';
  const parent = join(context.lab.config.home, 'bisections');
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'work-'));
  try {
    const mail = mailPath(folder, id);
    await writeFile(mail, asMail(diff, { good, commit: id }));
    return await addSeries({ source: mail, place: { folder: '.', stdin: readStdin }, bases: catalogue.bases, base, evenIfNot }, making);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
