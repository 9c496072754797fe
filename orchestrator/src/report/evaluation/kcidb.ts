// KCIDB 5.3: the series as a checkout, its kernel as a build, correctness and each metric as a test. What the schema has no word for is in misc.
import { createHash } from 'node:crypto';
import type { EvaluationRecord } from '../../contract/evaluation.ts';
import { casesOf, type Case } from './cases.ts';

const ORIGIN = 'vlab';
const STATUS: Readonly<Record<Case['status'], string>> = { pass: 'PASS', fail: 'FAIL', skip: 'DONE', error: 'MISS' };

export function kcidbOf(record: EvaluationRecord): string {
  const id = `${ORIGIN}:${record.id}`;
  const { correctness, kernels, messageId, startedAt, seconds } = record;
  const unbuilt = correctness.failures.find((one) => one.detector === 'build' || one.detector === 'apply');
  return `${JSON.stringify({
    version: { major: 5, minor: 3 },
    checkouts: [{
      id, origin: ORIGIN, patchset_hash: patchsetHash(record), comment: record.title, start_time: startedAt, valid: unbuilt?.detector !== 'apply',
      ...messageIdOf(messageId), misc: { base: record.base, base_version: record.baseVersion, series: record.series },
    }],
    builds: [{
      id, checkout_id: id, origin: ORIGIN, architecture: 'x86_64', config_name: 'perf', start_time: startedAt, status: unbuilt === undefined ? (kernels.patched === null ? 'MISS' : 'PASS') : 'FAIL',
      ...(kernels.compiler === null ? {} : { compiler: kernels.compiler }), ...(unbuilt === undefined ? {} : { log_excerpt: unbuilt.why.slice(-16_000) }), misc: { kernel: kernels.patched, base_kernel: kernels.base },
    }],
    tests: casesOf(record).map((one, at) => ({
      id: `${id}.${String(at + 1)}`, build_id: id, origin: ORIGIN, path: pathOf(one), status: STATUS[one.status], start_time: startedAt, duration: seconds, comment: one.why.slice(0, 1000),
      ...(one.row?.patchedMedian === null || one.row === undefined ? {} : { number: { value: one.row.patchedMedian, unit: one.row.unit } }),
      environment: { comment: `QEMU guest, device ${record.device}, stack ${record.stack}`, misc: record.versions },
      misc: { evaluation: record.id, method: record.method, seed: record.seed, verdict: one.row?.verdict ?? record.verdict, change_pct: one.row?.changePct ?? null, ci_pct: one.row?.ci ?? null, p: one.row?.p ?? null },
    })),
    issues: [], incidents: [],
  }, null, 2)}\n`;
}

/** The schema takes it as a mail address without brackets; what is none of that shape is left out. */
function messageIdOf(messageId: string | null): { message_id?: string } {
  const bare = (messageId ?? '').replaceAll(/[<>]/g, '').trim();
  return /^[\w.+%=-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(bare) ? { message_id: bare } : {};
}

function pathOf({ group, name }: Case): string {
  return [ORIGIN, group, ...(name === group ? [] : [name.replaceAll(/[^A-Za-z0-9]+/g, '_')])].join('.');
}

/** `sha256sum *.patch | cut -c-64 | sha256sum | cut -c-64`. */
function patchsetHash({ patches }: EvaluationRecord): string {
  return patches.length === 0 ? '' : createHash('sha256').update(patches.map((one) => `${one.sha256}\n`).join('')).digest('hex');
}
