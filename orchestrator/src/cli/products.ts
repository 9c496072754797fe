// vlab kernel build|list and image build|list: make or name what runs are made of.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Flavour, KernelRecord } from '../contract/job.ts';
import type { ImageBuildDocument } from '../contract/documents.ts';
import { ImageRecord } from '../image/build.ts';
import { builderImage, guestImage, labImage, postgresImage, stackImage, storeImage, workshopImage } from '../image/images.ts';
import { buildKernel } from '../kernel/build.ts';
import { readDriver } from '../kernel/drivers.ts';
import { readSeriesOf } from '../kernel/series.ts';
import { namesIn, readRecord } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Lab } from '../lib/lab.ts';
import { kernelText } from '../report/kernel-report.ts';
import { bytes, duration, table } from '../report/text.ts';
import { readCatalogue } from '../request/catalogue.ts';
import { answer, type Answer, type Context } from './command.ts';
import { counting } from './counting.ts';
import { knownBase, seriesFor, sourceOf } from './series.ts';

/** Of a kernel for which nobody names one, as long as its series is for it. */
const DEFAULT_BASE = '6.12';

export async function kernelBuild(context: Context, words: readonly string[], options: { base?: string; flavour: string; driver: string[] }): Promise<Answer<'kernel-build'>> {
  const { lab } = context;
  const catalogue = await readCatalogue(lab.config.checkout);
  if (options.base !== undefined) knownBase(options.base, catalogue.bases);
  const flavour = Flavour.safeParse(options.flavour);
  if (!flavour.success) throw new LabError('UNKNOWN_NAME', `unknown flavour "${options.flavour}"; known: ${Flavour.options.join(', ')}`, { blame: 'request', stage: 'request' });
  const making = counting(context);
  const wanted = words.length === 0 ? undefined : (await seriesFor({ given: sourceOf(words), base: options.base, folder: '.', evenIfNot: false, catalogue }, making)).name;
  const baseName = options.base ?? await baseFor(wanted, lab);
  const base = catalogue.bases[baseName];
  if (base === undefined) throw new LabError('UNKNOWN_NAME', `unknown base "${baseName}"; known: ${Object.keys(catalogue.bases).join(', ')}`, { blame: 'request', stage: 'request' });
  const series = wanted === undefined ? undefined : await readSeriesOf(lab.config, wanted, baseName);
  const drivers = await Promise.all(options.driver.map((name) => readDriver(lab.config.checkout, name, baseName)));
  const { record, vmlinux, cached } = await buildKernel({ baseName, base, drivers, series, flavour: flavour.data }, making);
  const document = { ...record, cached, vmlinux };
  return answer('kernel-build', document, kernelText(document));
}

async function baseFor(series: string | undefined, { config }: Lab): Promise<string> {
  const bases = series === undefined ? [DEFAULT_BASE] : (await readSeriesOf(config, series)).appliesTo;
  return bases.includes(DEFAULT_BASE) ? DEFAULT_BASE : (bases[0] ?? DEFAULT_BASE);
}

export async function kernelList({ lab }: Context): Promise<Answer<'kernel-list'>> {
  const kernels = await recordsBelow(join(lab.config.home, 'kernels'), 'kernel.json', KernelRecord);
  const rows = kernels.map((one) => [one.kernel, [one.base, ...one.drivers].join(' + '), one.series === null ? '(unpatched)' : `${one.series}${ofPatches(one)}`, one.flavour, duration(one.seconds * 1000), one.version]);
  return answer('kernel-list', { kernels }, rows.length === 0 ? 'no kernel is built yet; vlab kernel build' : table([['kernel', 'base', 'series', 'flavour', 'took', 'version'], ...rows]));
}

/** A prefix of a series has not all its patches. */
function ofPatches({ patches }: KernelRecord): string {
  return patches.length > 1 ? ` (1-${String(patches.length)})` : '';
}

export async function imageBuild(context: Context, kind: string, name: string): Promise<Answer<'image-build'>> {
  const making = counting(context);
  const catalogue = await readCatalogue(context.lab.config.checkout);
  const known = (what: string, words: readonly string[]): void => {
    if (!words.includes(name)) throw new LabError('UNKNOWN_NAME', `unknown ${what} "${name}"; known: ${words.join(', ')}`, { blame: 'request', stage: 'request' });
  };
  if (kind === 'builder') return imageAnswer(context.lab, await builderImage(making));
  if (kind === 'workshop') return imageAnswer(context.lab, await workshopImage(making));
  if (kind === 'postgres') return imageAnswer(context.lab, await postgresImage(making));
  if (kind === 'store') return imageAnswer(context.lab, await storeImage(making));
  if (kind === 'lab') return imageAnswer(context.lab, await labImage(making));
  if (kind === 'stack') {
    known('stack', catalogue.stacks);
    return imageAnswer(context.lab, await stackImage(name, making));
  }
  if (kind === 'guest') {
    known('image', catalogue.images);
    return imageAnswer(context.lab, await guestImage(name, making));
  }
  throw new LabError('UNKNOWN_NAME', `unknown kind of image "${kind}"; known: builder, workshop, postgres, store, lab, stack, guest`, { blame: 'request', stage: 'request' });
}

async function imageAnswer(lab: Lab, image: ImageRecord): Promise<Answer<'image-build'>> {
  const document = await documentOf(lab, image);
  return answer('image-build', document, `${document.tag}: built in ${duration(document.seconds * 1000)}${document.erofsBytes === null ? '' : `, ${bytes(document.erofsBytes)} as erofs`}\n${versionsLine(document)}`);
}

export async function imageList({ lab }: Context): Promise<Answer<'image-list'>> {
  const images = await Promise.all((await recordsBelow(join(lab.config.home, 'images'), 'image.json', ImageRecord)).map((one) => documentOf(lab, one)));
  const rows = images.map((one) => [one.kind, one.name, one.key, one.erofsBytes === null ? '-' : bytes(one.erofsBytes), versionsLine(one)]);
  return answer('image-list', { images }, rows.length === 0 ? 'no image is built yet; vlab image build stack trixie' : table([['kind', 'name', 'key', 'erofs', 'main packages'], ...rows]));
}

async function documentOf(lab: Lab, image: ImageRecord): Promise<ImageBuildDocument> {
  const erofs = join(lab.config.home, 'images', `${image.kind}-${image.name}-${image.key}`, 'root.erofs');
  const { name, kind, key, tag, seconds, builtAt, packages } = image;
  return { name, kind, key, tag, seconds, builtAt, packages, erofsBytes: await stat(erofs).then((found) => found.size, () => null) };
}

const MAIN_PACKAGES = ['qemu-system-x86', 'libvirglrenderer1', 'libgl1-mesa-dri', 'libavcodec61', 'redis-server', 'gcc', 'ffmpeg'];

function versionsLine(image: ImageBuildDocument): string {
  return MAIN_PACKAGES.filter((name) => image.packages[name] !== undefined).map((name) => `${name} ${image.packages[name] ?? ''}`).join(', ');
}

async function recordsBelow<T>(folder: string, file: string, schema: { parse: (data: unknown) => T } & Parameters<typeof readRecord>[1]): Promise<T[]> {
  const records: T[] = [];
  for (const name of await namesIn(folder)) {
    const record = await readRecord(join(folder, name, file), schema);
    if (record !== undefined) records.push(record as T);
  }
  return records;
}

