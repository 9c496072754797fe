// JUnit XML, as CI servers read it: a suite per group, names that are unique in it, an error where the lab is to blame and no kernel.
import type { EvaluationRecord } from '../../contract/evaluation.ts';
import { casesOf, type Case } from './cases.ts';

export async function junitOf(record: EvaluationRecord): Promise<string> {
  const { create } = await import('xmlbuilder2');
  const cases = casesOf(record);
  const of = (list: readonly Case[], name: string): Record<string, string> => ({
    name: clean(name), tests: String(list.length), failures: count(list, 'fail'), errors: count(list, 'error'), skipped: count(list, 'skip'), time: String(record.seconds), timestamp: record.startedAt,
  });
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('testsuites', of(cases, `${record.series} on ${record.base}`));
  for (const group of new Set(cases.map((one) => one.group))) {
    const list = cases.filter((one) => one.group === group);
    const suite = root.ele('testsuite', of(list, group));
    const properties = suite.ele('properties');
    for (const [name, value] of Object.entries({ evaluation: record.id, method: String(record.method), seed: String(record.seed), device: record.device, ...record.versions })) properties.ele('property', { name: clean(name), value: clean(value) });
    for (const one of list) {
      const testcase = suite.ele('testcase', { classname: clean(`${record.series}.${group}`), name: clean(one.name) });
      if (one.status === 'fail') testcase.ele('failure', { message: clean(one.why.split('\n')[0] ?? ''), type: group }).txt(clean(one.why));
      if (one.status === 'error') testcase.ele('error', { message: clean(one.why.split('\n')[0] ?? ''), type: 'lab' }).txt(clean(one.why));
      if (one.status === 'skip') testcase.ele('skipped', { message: clean(one.why) });
      if (one.status === 'pass') testcase.ele('system-out').txt(clean(one.why));
    }
  }
  return `${root.end({ prettyPrint: true })}\n`;
}

function count(list: readonly Case[], status: Case['status']): string {
  return String(list.filter((one) => one.status === status).length);
}

/** What XML 1.0 has no way to say, not even escaped. */
function clean(text: string): string {
  return text.replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?');
}
