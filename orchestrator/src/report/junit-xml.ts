// JUnit XML, as CI servers read it: a suite per group, names that are unique in it, an error where the lab is to blame and no kernel. Knows neither
// evaluations nor nights.

export type JunitCase = { classname: string; name: string; status: 'pass' | 'fail' | 'skip' | 'error'; why: string };
export type JunitSuite = { name: string; properties: Readonly<Record<string, string>>; cases: readonly JunitCase[] };
export type JunitReport = { name: string; seconds: number; startedAt: string; suites: readonly JunitSuite[] };

export async function junitXml({ name: title, seconds, startedAt, suites }: JunitReport): Promise<string> {
  const { create } = await import('xmlbuilder2');
  const of = (list: readonly JunitCase[], name: string): Record<string, string> => ({
    name: clean(name), tests: String(list.length), failures: count(list, 'fail'), errors: count(list, 'error'), skipped: count(list, 'skip'), time: String(seconds), timestamp: startedAt,
  });
  const root = create({ version: '1.0', encoding: 'UTF-8' }).ele('testsuites', of(suites.flatMap((one) => one.cases), title));
  for (const { name: group, properties: given, cases } of suites) {
    const suite = root.ele('testsuite', of(cases, group));
    const properties = suite.ele('properties');
    for (const [name, value] of Object.entries(given)) properties.ele('property', { name: clean(name), value: clean(value) });
    for (const one of cases) {
      const testcase = suite.ele('testcase', { classname: clean(one.classname), name: clean(one.name) });
      if (one.status === 'fail') testcase.ele('failure', { message: clean(one.why.split('\n')[0] ?? ''), type: clean(group) }).txt(clean(one.why));
      if (one.status === 'error') testcase.ele('error', { message: clean(one.why.split('\n')[0] ?? ''), type: 'lab' }).txt(clean(one.why));
      if (one.status === 'skip') testcase.ele('skipped', { message: clean(one.why) });
      if (one.status === 'pass') testcase.ele('system-out').txt(clean(one.why));
    }
  }
  return `${root.end({ prettyPrint: true })}\n`;
}

function count(list: readonly JunitCase[], status: JunitCase['status']): string {
  return String(list.filter((one) => one.status === status).length);
}

/** What XML 1.0 has no way to say, not even escaped. */
function clean(text: string): string {
  return text.replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '?');
}
