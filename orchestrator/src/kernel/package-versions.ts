// Which versions Debian has now of some packages, by its own index: asked in a container, since the host may be another Debian or none.
import { join } from 'node:path';
import { builderImage } from '../image/images.ts';
import { LabError } from '../lib/lab-error.ts';
import type { Making } from '../lib/lab.ts';
import { within } from '../lib/within.ts';

export type Asked = { suite: string; package: string };
export type PackageVersion = Asked & { version: string };

const ANSWER_MS = 180_000;
/** As Debian writes names and versions: what is not of that form never becomes a word of a command. */
const LINE = /^([a-z][a-z0-9-]*) ([a-z0-9][a-z0-9.+-]*) ([0-9][A-Za-z0-9.+:~-]*)$/;

/** Of each package the newest first. `extent`: what apt of the builder takes of a suite, or all that Debian has released for it, security's too. */
export async function packageVersions(asked: readonly Asked[], extent: 'usual' | 'all', making: Making): Promise<PackageVersion[]> {
  if (asked.length === 0) return [];
  const { lab } = making;
  const builder = await builderImage(making);
  const lines: string[] = [];
  const exit = await within({ what: 'Debian\'s index', ms: ANSWER_MS, blame: 'lab', signal: making.signal }, (signal) => lab.engine.run({
    image: builder.tag, purpose: 'source', user: 0, network: 'bridge', memoryMiB: 1024, pids: 128,
    argv: ['sh', '/in-builder/package-versions.sh', extent, ...asked.flatMap((one) => [one.suite, one.package])],
    binds: [{ from: join(lab.config.checkout, 'orchestrator/src/kernel/in-builder'), to: '/in-builder' }],
  }, {
    signal,
    onLine: (line) => {
      lines.push(line);
      if (line.startsWith('show-suite: ')) making.progress(line.slice('show-suite: '.length), 0, null);
    },
  }));
  if (exit.code !== 0) throw new LabError('NO_INDEX', `Debian's index could not be asked: ${exit.how}`, { blame: 'lab', stage: 'kernel', evidence: lines.slice(-5).join('\n') });
  return lines.flatMap((line) => {
    const [, suite, name, version] = LINE.exec(line) ?? [];
    return suite === undefined || name === undefined || version === undefined ? [] : [{ suite, package: name, version }];
  });
}

/** Of versions of one kernel package, by their numbers in order: an index that has lost some of what it had names an older one as its newest. */
export function isNewer(version: string, than: string): boolean {
  const [one, other] = [version, than].map((text) => (text.match(/\d+/g) ?? []).map(Number));
  for (let at = 0; at < Math.max(one?.length ?? 0, other?.length ?? 0); at++) {
    const difference = (one?.[at] ?? 0) - (other?.[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
