// Which packages of an image Debian has in another version now, by the image's own sources and preferences: what making it anew would give.
import type { Making } from '../lib/lab.ts';
import { within } from '../lib/within.ts';
import { LabError } from '../lib/lab-error.ts';
import type { ImageRecord } from './build.ts';

export type Newer = { package: string; before: string; after: string };

/** What a result stands on besides the kernel: QEMU, virglrenderer, Mesa. */
export const WATCHED = /^(qemu-system-x86|libvirglrenderer\d|mesa-libgallium|libgl1-mesa-dri)$/;

const ANSWER_MS = 180_000;
const CANDIDATE = /^([a-z0-9][a-z0-9.+-]*) ([0-9][A-Za-z0-9.+:~-]*)$/;

/** `asked` is the image whose apt is asked: the image itself, or where it has none one of the same Debian. */
export async function newerPackages(image: ImageRecord, asked: string, { lab, signal }: Making): Promise<Newer[]> {
  const watched = Object.entries(image.packages).filter(([name]) => WATCHED.test(name));
  if (watched.length === 0) return [];
  const lines: string[] = [];
  const exit = await within({ what: 'Debian\'s index', ms: ANSWER_MS, blame: 'lab', signal }, (until) => lab.engine.run({
    image: asked, purpose: 'source', user: 0, network: 'bridge', memoryMiB: 1024, pids: 128,
    argv: ['sh', '-ec', 'apt-get update -q >&2; for one in "$@"; do echo "$one $(apt-cache policy "$one" | sed -n "s/^ *Candidate: //p")"; done', 'newest', ...watched.map(([name]) => name)],
  }, { signal: until, onLine: (line) => { lines.push(line); } }));
  if (exit.code !== 0) throw new LabError('NO_INDEX', `Debian's index could not be asked: ${exit.how}`, { blame: 'lab', stage: 'image', evidence: lines.slice(-5).join('\n') });
  const candidates = new Map(lines.flatMap((line) => { const [, name, version] = CANDIDATE.exec(line) ?? []; return name === undefined || version === undefined ? [] : [[name, version] as const]; }));
  return watched.flatMap(([name, before]) => { const after = candidates.get(name); return after === undefined || after === before ? [] : [{ package: name, before, after }]; });
}
