// vlab series add|list|show|remove: from whatever holds a series to one that the lab can build, and what there is.
import { join, relative, resolve } from 'node:path';
import type { SeriesAddDocument, SeriesListDocument } from '../contract/documents.ts';
import type { SeriesSource } from '../contract/series.ts';
import { isAdded, readSeriesOf, type ReadSeries } from '../kernel/series.ts';
import type { Making } from '../lib/lab.ts';
import { table } from '../report/text.ts';
import { readCatalogue, type Catalogue } from '../request/catalogue.ts';
import { nearest } from '../request/check-job.ts';
import { addSeries, fitAdded, type Added } from '../series/add.ts';
import { addedFolder, addedNames, readAdded, removeAdded } from '../series/added.ts';
import { readStdin } from '../series/read-stdin.ts';
import { refusal } from '../series/refusal.ts';
import { looksLikeSource } from '../series/source.ts';
import { answer, type Answer, type Context } from './command.ts';
import { counting } from './counting.ts';

export type SeriesAddOptions = { name?: string; version?: string; base?: string };

export async function seriesAdd(context: Context, words: readonly string[], options: SeriesAddOptions): Promise<Answer<'series-add'>> {
  const making = counting(context);
  const { bases } = await readCatalogue(context.lab.config.checkout);
  if (options.base !== undefined) knownBase(options.base, bases);
  const added = await addSeries({
    source: sourceOf(words), place: { folder: '.', stdin: readStdin }, bases, name: options.name, version: versionOf(options.version), base: options.base,
  }, making);
  return answer('series-add', addDocument(added), sayAdded(added));
}

function addDocument({ name, fresh, folder, series, source }: Added): SeriesAddDocument {
  return { series: name, fresh, folder, appliesTo: series.appliesTo, source };
}

/** `git:DIR BASE..HEAD` is one word or two. */
export function sourceOf(words: readonly string[]): string {
  const [first = '', second] = words;
  if (words.length === 2 && second !== undefined && first.startsWith('git:')) return `${first} ${second}`;
  if (words.length === 1) return first;
  throw refusal('USAGE', `Expected one source, got ${words.length}: ${words.slice(0, 4).join(', ')}`, 'vlab help series add');
}

function versionOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const version = Number(text.replace(/^v/i, ''));
  if (!Number.isInteger(version) || version < 1) throw refusal('USAGE', `Expected --version to be a number from 1, got "${text}"`, 'vlab help series add');
  return version;
}

export function knownBase(name: string, bases: Catalogue['bases']): void {
  if (!Object.hasOwn(bases, name)) throw refusal('UNKNOWN_NAME', `unknown base "${name}"${nearest(name, Object.keys(bases))}`);
}

function sayAdded({ name, fresh, folder, source, series }: Added): string {
  const rows = source.patches.map((patch) => [`${patch.number}/${source.patches.length}`, patch.subject, patch.author]);
  const base = source.base ?? series.appliesTo[0] ?? '';
  return [
    `${name}: ${fresh ? 'added' : 'was there already'}, v${source.version}, ${source.patches.length === 1 ? 'one patch' : `${source.patches.length} patches`}, for base ${series.appliesTo.join(', ')}`,
    table(rows).split('\n').map((row) => `    ${row}`).join('\n'),
    ...remarksOn(source),
    folder,
    `next: vlab kernel build ${name}${base === '' ? '' : ` --base ${base}`}`,
  ].join('\n');
}

function remarksOn(source: SeriesSource): string[] {
  return [
    ...source.said,
    ...source.tried.filter((one) => !one.took).map((one) => `${one.base} does not take it: ${one.why ?? ''}`),
    ...source.notTried.filter((one) => !one.why.startsWith('another')).map((one) => `${one.base} was not tried: ${one.why}`),
    ...(source.trailers.length === 0 ? [] : [`${source.trailers.length} trailers were given in ${source.replies} replies; none is applied (vlab series show)`]),
    ...(source.prerequisites.length === 0 ? [] : [`it says that it needs ${source.prerequisites.join(', ')}`]),
    ...(source.unread.length === 0 ? [] : [`left out, as they cannot be read: ${source.unread.slice(0, 3).join('; ')}${source.unread.length > 3 ? `, and ${source.unread.length - 3} more` : ''}`]),
  ];
}

export async function seriesList({ lab }: Context): Promise<Answer<'series-list'>> {
  const { config } = lab;
  const catalogue = await readCatalogue(config.checkout);
  const rows: SeriesListDocument['series'] = [];
  for (const name of [...catalogue.series, ...await addedNames(config)]) {
    const { title, appliesTo, expect, patches } = await readSeriesOf(config, name);
    const source = isAdded(name) ? (await readAdded(config, name))?.source : undefined;
    rows.push({ series: name, title, patches: patches.length, appliesTo, expect, version: source?.version ?? null, from: source?.from ?? null });
  }
  return answer('series-list', { series: rows }, table([['series', 'patches', 'for', 'title'], ...rows.map((one) => [one.series, String(one.patches), one.appliesTo.join(', '), one.title])]));
}

export async function seriesShow({ lab }: Context, name: string): Promise<Answer<'series-show'>> {
  const { config } = lab;
  await knownSeries(lab.config, name);
  const series = await readSeriesOf(config, name);
  const source = isAdded(name) ? ((await readAdded(config, name))?.source ?? null) : null;
  const folder = isAdded(name) ? addedFolder(config, name) : join(config.checkout, 'kernel-patches', name);
  const { title, appliesTo, expect } = series;
  return answer('series-show', { series: name, folder, title, appliesTo, expect, patches: series.patches.map(({ file, sha256 }) => ({ file, sha256 })), source }, sayShown(series, source, folder));
}

function sayShown(series: ReadSeries, source: SeriesSource | null, folder: string): string {
  const lines = [`${series.name}: ${series.title}`, `for base ${series.appliesTo.join(', ')}; expected to be ${series.expect}`, ...series.patches.map((patch) => `    ${patch.file}`)];
  if (source === null) return [...lines, folder].join('\n');
  const trailers = source.trailers.map((one) => [one.version === null ? '' : `v${one.version}`, one.number === null ? '' : one.number === 0 ? 'cover' : `patch ${one.number}`, `${one.name}: ${one.value}`]);
  return [
    ...lines,
    `v${source.version} by ${source.author}${source.date === null ? '' : ` of ${source.date.slice(0, 10)}`}, from ${source.from} (${source.kind})`,
    ...source.versions.map((one) => `    v${one.version}: ${one.patches} patches${one.missing.length > 0 ? `, ${one.missing.join(', ')} missing` : ''}${one.taken ? ', taken' : ''}`),
    ...(source.baseCommit === null ? [] : [`base-commit: ${source.baseCommit}`]), ...(source.changeId === null ? [] : [`change-id: ${source.changeId}`]),
    ...remarksOn(source).filter((line) => !line.includes('vlab series show')),
    ...(trailers.length === 0 ? [] : [`given in ${source.replies} replies, and not applied:`, table(trailers).split('\n').map((row) => `    ${row}`).join('\n')]),
    folder,
  ].join('\n');
}

export async function seriesRemove({ lab }: Context, name: string): Promise<Answer<'series-remove'>> {
  if (!isAdded(name) && (await readCatalogue(lab.config.checkout)).series.includes(name)) throw refusal('NOT_ADDED', `Expected the name of an added series, got ${name}, which is a folder of kernel-patches/`, 'vlab series list');
  await removeAdded(lab.config, name);
  return answer('series-remove', { removed: name }, `${name}: removed`);
}

async function knownSeries(config: Context['lab']['config'], name: string): Promise<void> {
  const names = [...(await readCatalogue(config.checkout)).series, ...await addedNames(config)];
  if (!names.includes(name)) throw refusal('UNKNOWN_NAME', `unknown series "${name}"${nearest(name, names)}`, 'vlab series list');
}

export type Wanted = { given: string; base: string | undefined; folder: string; evenIfNot: boolean; catalogue: Catalogue };

/**
 * A series as it was given, by name or as a source, made ready to travel by name. A name of kernel-patches/ or of an added series wins over a
 * path; a source is added first.
 */
export async function seriesFor({ given, base, folder, evenIfNot, catalogue }: Wanted, making: Making): Promise<{ name: string; added: Added | undefined }> {
  const { config } = making.lab;
  const inCheckout = relative(join(config.checkout, 'kernel-patches'), resolve(folder, given));
  for (const name of [given, inCheckout]) if (catalogue.series.includes(name)) return { name, added: undefined };
  const known = await addedNames(config);
  if (known.includes(given)) {
    if (base !== undefined) await fitAdded(given, { bases: catalogue.bases, base, evenIfNot }, making);
    return { name: given, added: undefined };
  }
  if (given !== '-' && !looksLikeSource(given, folder)) throw refusal('UNKNOWN_NAME', `unknown series "${given}"${nearest(given, [...catalogue.series, ...known])}`, 'vlab series list');
  const added = await addSeries({ source: given, place: { folder, stdin: readStdin }, bases: catalogue.bases, base, evenIfNot }, making);
  return { name: added.name, added };
}
