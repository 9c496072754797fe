// KCIDB 5.3: each base as a checkout and a build, each cell as a test, each known issue that was met as an issue with its incidents.
import { createHash } from 'node:crypto';
import type { NightCell, NightRecord } from '../../contract/night.ts';
import { statusOf } from './status.ts';

const ORIGIN = 'vlab';

export function kcidbOfNight(record: NightRecord): string {
  const { id, startedAt, cells, bases } = record;
  const built = (base: string): string => `${ORIGIN}:${id}.${String(bases.findIndex((one) => one.base === base) + 1)}`;
  const tested = cells.filter((cell) => bases.some((one) => one.base === cell.base));
  const known = new Map(tested.flatMap((cell) => (cell.known === null ? [] : [[`${ORIGIN}:${hashOf(cell.known.link + cell.known.reason)}`, cell.known] as const])));
  return `${JSON.stringify({
    version: { major: 5, minor: 3 },
    checkouts: bases.map((one) => ({ id: built(one.base), origin: ORIGIN, patchset_hash: '', start_time: startedAt, valid: true, comment: one.version, misc: { base: one.base, night: id, profile: record.profile } })),
    builds: bases.map((one) => ({ id: built(one.base), checkout_id: built(one.base), origin: ORIGIN, architecture: 'x86_64', config_name: 'perf', start_time: startedAt, status: 'PASS', misc: { kernel: one.kernel, run: one.run } })),
    tests: tested.map((cell, at) => ({
      id: testId(id, at), build_id: built(cell.base), origin: ORIGIN, path: `${ORIGIN}.${[cell.stack, cell.device, cell.pipeline, cell.clip].map(word).join('.')}`, status: statusOf(cell), start_time: startedAt,
      comment: cell.why.slice(0, 1000), environment: { comment: `QEMU guest, device ${cell.device}, stack ${cell.stack}` },
      misc: { night: id, run: cell.run, flavour: cell.flavour, change: cell.change, first_bad: cell.firstBad?.night ?? null, last_good: cell.lastGood?.night ?? null },
    })),
    issues: [...known].map(([issue, one]) => ({ id: issue, version: 1, origin: ORIGIN, report_url: one.link, report_subject: one.reason.slice(0, 200), comment: one.reason })),
    incidents: tested.flatMap((cell, at) => incidentsOf(cell, testId(id, at))),
  }, null, 2)}\n`;
}

function incidentsOf({ known }: NightCell, test: string): object[] {
  if (known === null) return [];
  const issue = `${ORIGIN}:${hashOf(known.link + known.reason)}`;
  return [{ id: `${ORIGIN}:${hashOf(issue + test)}`, origin: ORIGIN, issue_id: issue, issue_version: 1, test_id: test, present: true }];
}

function testId(night: string, at: number): string {
  return `${ORIGIN}:${night}.t${String(at + 1)}`;
}

function word(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9-]+/g, '_');
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
