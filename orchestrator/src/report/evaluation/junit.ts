// An evaluation as JUnit XML: a suite for correctness and one for each kind of metric.
import type { EvaluationRecord } from '../../contract/evaluation.ts';
import { junitXml } from '../junit-xml.ts';
import { casesOf } from './cases.ts';

export async function junitOf(record: EvaluationRecord): Promise<string> {
  const cases = casesOf(record);
  const properties = { evaluation: record.id, method: String(record.method), seed: String(record.seed), device: record.device, ...record.versions };
  return junitXml({
    name: `${record.series} on ${record.base}`, seconds: record.seconds, startedAt: record.startedAt,
    suites: [...new Set(cases.map((one) => one.group))].map((group) => ({
      name: group, properties, cases: cases.filter((one) => one.group === group).map(({ name, status, why }) => ({ classname: `${record.series}.${group}`, name, status, why })),
    })),
  });
}
