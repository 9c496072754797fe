// An added series, to workers on other hosts: its files go by their digests through the store that hosts share. Whoever fetches them trusts neither the store
// nor whoever wrote the queue: the files are those that the digest stands for, no larger than a series may be, and no patch that would not have been added.
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../contract/manifest.ts';
import { patchFiles, readSeriesIn, type ReadSeries } from '../kernel/series.ts';
import { exists, filesBelow, makeFolderWhole, sha256, sha256OfFile, touch } from '../lib/files.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { takeLock } from '../lib/lock.ts';
import type { Product, Products } from '../lib/products.ts';
import { addedFolder } from './added.ts';
import { LIMITS } from './limits.ts';
import { checkPatch } from './safe-patch.ts';

const LAST = 'series.yaml';
const MOST_YAML_BYTES = 256 * 1024;

/** Puts it where other hosts find it, and says by what. */
export async function offerSeries(name: string, products: Products, { lab, signal }: Making): Promise<Digest> {
  const folder = addedFolder(lab.config, name);
  await using _lock = await takeLock(join(lab.config.home, 'locks', 'series'), signal);
  if (!(await exists(join(folder, LAST)))) throw new LabError('NO_SERIES', `Expected series ${name} as it was added, and it is not there any more`, { blame: 'request', stage: 'request', hint: 'vlab series list' });
  const digest = await digestOf(folder);
  await products.offer({ ...productOf(digest, folder), others: await patchFiles(folder) }, signal);
  return digest;
}

/** The series with that digest; `name` is what whoever asked calls it, and no place to look. */
export async function fetchSeries(name: string, digest: Digest, { lab, signal }: Making): Promise<ReadSeries> {
  const folder = join(lab.config.home, 'series', 'taken', digest);
  if (!(await exists(join(folder, LAST)))) {
    // Whoever can write the queue could else take this host out: three of the lab's faults do.
    const { products } = lab;
    if (products === undefined) throw refusal('NO_STORE', `Expected series ${name} with the digest ${digest} in the store that hosts share; this worker was given none`, 'vlab worker --store URL');
    await mkdir(join(folder, '..'), { recursive: true });
    await makeFolderWhole(folder, async (fresh) => {
      if (!(await products.take(productOf(digest, fresh), signal))) throw refusal('NO_SERIES', `Expected series ${name} with the digest ${digest} in the store that hosts share, found none`);
      await check(fresh, name, digest);
    });
  }
  await touch(join(folder, LAST));
  return readSeriesIn({ folder, shown: name, hint: HINT }, name);
}

const HINT = 'ask for it again where it was added: vlab series list';

function productOf(digest: Digest, folder: string): Product {
  return { name: `series/${digest}`, folder, last: LAST, mostBytes: LIMITS.sourceBytes };
}

/** Over its patches and what it says of itself, not over where it came from. */
async function digestOf(folder: string): Promise<Digest> {
  const names = [...await patchFiles(folder), LAST];
  return sha256(JSON.stringify(await Promise.all(names.map(async (name) => [name, await sha256OfFile(join(folder, name))]))));
}

async function check(folder: string, name: string, digest: Digest): Promise<void> {
  const patches = await patchFiles(folder);
  const files = await filesBelow(folder);
  if (files.length !== patches.length + 1 || await digestOf(folder) !== digest) throw refusal('NOT_AS_KEPT', `Expected the files of series ${name} to have the digest ${digest}, got others`);
  if (patches.length > LIMITS.patches) throw refusal('TOO_MANY_PATCHES', `Expected at most ${String(LIMITS.patches)} patches of ${name}, got ${String(patches.length)}`);
  if ((await stat(join(folder, LAST))).size > MOST_YAML_BYTES) throw refusal('TOO_BIG', `Expected at most ${String(MOST_YAML_BYTES)} bytes of ${name}/${LAST}, got more`);
  for (const file of patches) {
    const checked = checkPatch((await readFile(join(folder, file))).toString('latin1'));
    if (!checked.ok) throw refusal('BAD_SERIES', `${name}/${file} is no patch that the lab takes: ${checked.problem.why}`);
  }
  await readSeriesIn({ folder, shown: name, hint: HINT }, name);
}

function refusal(code: string, why: string, hint = HINT): LabError {
  return new LabError(code, why, { blame: 'request', stage: 'kernel', hint });
}
