// The unpatched source of a base as an image layer on the builder: fetched once, with a network, before anything untrusted is near.
import { createHash } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContentKey } from '../contract/ids.ts';
import { sayBase, type Base } from '../contract/job.ts';
import { BUILDER_SUITE } from '../image/images.ts';
import { CONTAINER_UID, LABELS, type Bind } from '../lib/container.ts';
import { exists, filesBelow, keyOf } from '../lib/files.ts';
import { runProgram } from '../lib/exec.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { takeLock } from '../lib/lock.ts';

const RECIPE = 1;

export type SourcePlan = { name: string; base: Base; builder: string };

/** The tag of the image, where it is there already: asking must not fetch anything. */
export async function sourceIfThere(plan: SourcePlan, { lab, signal }: Making): Promise<string | undefined> {
  const { tag } = await placeOf(plan, signal);
  return (await lab.engine.hasImage(tag)) ? tag : undefined;
}

async function placeOf({ name, base, builder }: SourcePlan, signal: AbortSignal): Promise<{ key: ContentKey; tag: string }> {
  const key = keyOf({ recipe: RECIPE, name, base, builder, identity: await identityOf(base, signal) });
  return { key, tag: `vlab/source:${key}` };
}

/** The tag of an image that has the base's source in /work/linux. */
export async function kernelSource(plan: SourcePlan, making: Making): Promise<string> {
  const { lab, signal } = making;
  const { name, base, builder } = plan;
  const { key, tag } = await placeOf(plan, signal);
  if (await lab.engine.hasImage(tag)) return tag;
  await using _lock = await takeLock(join(lab.config.home, 'locks', `source-${key}`), signal);
  if (await lab.engine.hasImage(tag)) return tag;

  making.progress(`source of ${name}`, 0, null);
  const { argv, binds } = await fetching(base);
  const output: string[] = [];
  const exit = await lab.engine.runToImage({
    image: builder, purpose: 'source', user: 0, network: 'bridge', memoryMiB: 4096, pids: 256,
    argv: ['sh', ...argv], binds: [{ from: join(lab.config.checkout, 'orchestrator/src/kernel/in-builder'), to: '/in-builder' }, ...binds],
  }, { tag, labels: { [LABELS.purpose]: 'source', [LABELS.key]: key } }, { signal, onLine: (line) => { output.push(line); } });
  if (exit.code !== 0) {
    throw new LabError('NO_SOURCE', `the source of base ${sayBase(plan)} could not be had: ${exit.how}`, { blame: 'lab', stage: 'kernel', evidence: output.slice(-8).join('\n') });
  }
  return tag;
}

/**
 * What tells one state of a source from the next before it is fetched. A Debian package is taken at the version that apt has when it is
 * first fetched, and kept; the version is in every kernel's record.
 */
export async function identityOf(base: Base, signal: AbortSignal): Promise<string | null> {
  if ('package' in base) return null;
  if ('git' in base) {
    // An annotated tag is listed as itself and, with ^{}, as the commit it names.
    const listed = await runProgram('git', ['ls-remote', '--', base.git, base.ref, `${base.ref}^{}`], signal);
    const lines = listed.stdout.split('\n').map((line) => line.split('\t')).filter((words) => /^[0-9a-f]{40}$/.test(words[0] ?? ''));
    const [commit] = lines.find(([, name]) => name?.endsWith('^{}')) ?? lines[0] ?? [];
    if (new Set(lines.map(([, name]) => name?.replace('^{}', ''))).size > 1) {
      throw new LabError('VAGUE_REF', `ref "${base.ref}" of ${base.git} is ${lines.map(([, name]) => name ?? '').join(' and ')}: write it in full`, { blame: 'request', stage: 'kernel' });
    }
    if (commit !== undefined) return commit;
    // A commit that no ref names cannot be listed; it names itself.
    if (/^[0-9a-f]{40}$/.test(base.ref)) return base.ref;
    throw new LabError('NO_REF', `${base.git} has no ref "${base.ref}" ${listed.stderr.trim()}`, { blame: 'request', stage: 'kernel' });
  }
  const hash = createHash('sha256');
  for (const file of await filesBelow(base.folder)) {
    const { size, mtimeMs } = await lstat(join(base.folder, file));
    hash.update(`${file} ${String(size)} ${String(mtimeMs)}\n`);
  }
  return hash.digest('hex');
}

async function fetching(base: Base): Promise<{ argv: string[]; binds: Bind[] }> {
  const owner = String(CONTAINER_UID);
  if ('package' in base) {
    const { suite, version } = base;
    if (version !== undefined) return { argv: ['/in-builder/fetch-suite.sh', suite, `${base.package}=${version}`, owner], binds: [] };
    return { argv: suite === BUILDER_SUITE ? ['/in-builder/fetch-package.sh', base.package, owner] : ['/in-builder/fetch-suite.sh', suite, base.package, owner], binds: [] };
  }
  if ('folder' in base) return { argv: ['/in-builder/fetch-tree.sh', owner, '/from'], binds: [{ from: base.folder, to: '/from' }] };
  if (await exists(base.git)) return { argv: ['/in-builder/fetch-tree.sh', owner, 'file:///from', base.ref], binds: [{ from: base.git, to: '/from' }] };
  return { argv: ['/in-builder/fetch-tree.sh', owner, base.git, base.ref], binds: [] };
}
