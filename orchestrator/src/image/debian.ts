// The Debian root that every image starts from: pulled where a registry answers, else bootstrapped from this machine's own Debian mirror.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { splitTag } from '../lib/container.ts';
import { runProgram } from '../lib/exec.ts';
import { LabError } from '../lib/lab-error.ts';
import { keyOf, writeWhole } from '../lib/files.ts';
import type { Making } from '../lib/lab.ts';
import { takeLock } from '../lib/lock.ts';
import { madeOnce } from '../lib/products.ts';
import { within } from '../lib/within.ts';

const RECIPE = 1;

/** The tag of the base image of a suite; made when it is missing. */
export async function debianImage(suite: string, making: Making): Promise<string> {
  const { lab, signal } = making;
  const tag = `vlab/debian:${keyOf({ suite, recipe: RECIPE })}`;
  if (await lab.engine.hasImage(tag)) return tag;
  await using _lock = await takeLock(join(lab.config.home, 'locks', `debian-${suite}`), signal);
  if (await lab.engine.hasImage(tag)) return tag;
  const folder = join(lab.config.home, 'debian', suite);
  await madeOnce(lab.products, { name: `images/debian-${splitTag(tag).tag}`, folder, last: 'made-at', others: [], tag }, signal, async () => {
    making.progress(`pulling debian:${suite}-slim`, 0, null);
    const pulled = await pull(`debian:${suite}-slim`, tag, making);
    if (!pulled) await bootstrap(suite, tag, making);
    await mkdir(folder, { recursive: true });
    await writeWhole(join(folder, 'made-at'), `${new Date().toISOString()}\n`);
  });
  return tag;
}

/** False when no registry answers in time. */
async function pull(from: string, tag: string, { lab, signal }: Making): Promise<boolean> {
  const { docker } = lab.engine;
  try {
    await within({ what: `pulling ${from}`, ms: 60_000, blame: 'lab', signal }, async (limit) => {
      const stream = await docker.pull(from, { abortSignal: limit });
      await new Promise<void>((resolve, reject) => {
        docker.modem.followProgress(stream, (error) => { if (error) reject(error); else resolve(); });
      });
    });
  } catch {
    signal.throwIfAborted();
    return false;
  }
  await docker.getImage(from).tag(splitTag(tag));
  return true;
}

async function bootstrap(suite: string, tag: string, { lab, signal, progress }: Making): Promise<void> {
  const mirror = await ownMirror();
  const folder = await mkdtemp(join(lab.config.home, 'debian-'));
  try {
    progress(`bootstrapping Debian ${suite} with mmdebstrap`, 0, null);
    const tar = join(folder, 'root.tar');
    const sources = [`deb ${mirror} ${suite} main`, `deb ${mirror} ${suite}-updates main`];
    const result = await runProgram('mmdebstrap', ['--variant=minbase', '--include=ca-certificates', suite, tar, ...sources], signal);
    if (!result.ok) {
      throw new LabError('NO_BASE_IMAGE', `mmdebstrap could not make Debian ${suite}: ${tail(result.stderr)}`, { blame: 'lab', hint: 'scripts/setup', stage: 'image' });
    }
    const stream = await lab.engine.docker.importImage(tar, splitTag(tag));
    await new Promise<void>((resolve, reject) => {
      lab.engine.docker.modem.followProgress(stream, (error) => { if (error) reject(error); else resolve(); });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The mirror this machine itself installs Debian from. */
async function ownMirror(): Promise<string> {
  const { stdout } = await runProgram('apt-get', ['indextargets', '--format', '$(ORIGIN)|$(REPO_URI)', 'Created-By: Packages']);
  const uri = stdout.split('\n').map((line) => line.split('|')).find(([origin, repo]) => origin === 'Debian' && repo?.includes('security') === false)?.[1];
  if (uri !== undefined) return uri.replace(/\/$/, '');
  throw new LabError('NO_MIRROR', 'no Debian mirror in this machine\'s apt sources, and no registry to pull from', { blame: 'lab', hint: 'apt-get update', stage: 'image' });
}

function tail(text: string): string {
  return text.split('\n').slice(-5).join('\n');
}
