import { expect, test } from 'vitest';
import * as endpoints from '../pages/app/endpoints.ts';
import { evaluationUrl, exportUrl, fileUrl, probeText, reportUrl, type Table } from '../pages/app/files.ts';
import { aServer } from '../test/a-server.ts';

type Route = { parameters?: { name: string; in: string }[] };
type Asked = { method: 'get' | 'post'; url: string };

const [RUN, JOB, NIGHT, EVALUATION, ALERT, WORKER] = ['r-0000000000', 'j-0000000000', 'n-0000000000', 'e-0123456789', 'a-0123456789', 'a-host/1:2'];
const get = (url: string | undefined): Asked => ({ method: 'get', url: url ?? 'none' });
const post = (url: string): Asked => ({ method: 'post', url });

/** What a page fetches by itself, where it hands out no address. */
async function fetched(work: () => Promise<unknown>): Promise<string> {
  const own = globalThis.fetch;
  const urls: string[] = [];
  globalThis.fetch = (url) => {
    urls.push(url as string);
    return Promise.resolve(new Response(''));
  };
  await work().finally(() => { globalThis.fetch = own; });
  return urls.join(' ');
}

/** One that is added to the pages has to be added here, or these are no longer all. */
const ASKED: Record<keyof typeof endpoints, Asked> = {
  askHealth: get(endpoints.askHealth().url), askHome: get(endpoints.askHome().url), askNight: get(endpoints.askNight(NIGHT).url), askJob: get(endpoints.askJob(JOB).url),
  askRuns: get(endpoints.askRuns('outcome=failed&from=2026-01-01T00:00:00.000Z&after=x&limit=5').url), askRun: get(endpoints.askRun(RUN).url),
  askEvaluations: get(endpoints.askEvaluations('verdict=worse&base=6.12&from=x&to=x&after=x').url), askEvaluation: get(endpoints.askEvaluation(EVALUATION).url),
  askSeriesList: get(endpoints.askSeriesList().url), askDesigns: get(endpoints.askDesigns().url), askSeries: get(endpoints.askSeries('mutants/torn').url),
  askTrends: get(endpoints.askTrends('metric=ready&host=a&to=x&most=5').url), askAlerts: get(endpoints.askAlerts('from=x&to=x').url), askQueue: get(endpoints.askQueue().url),
  LIVE_URL: get(endpoints.LIVE_URL), logUrl: get(endpoints.logUrl(RUN, 'console', 17)),
  askSession: post(endpoints.askSession().url), alertNotesUrl: post(endpoints.alertNotesUrl(ALERT)), drainUrl: post(endpoints.drainUrl(WORKER)), undrainUrl: post(endpoints.undrainUrl(WORKER)),
};

const FILES: Record<string, Asked> = {
  'a file of a run': get(fileUrl(RUN, 'frames/a-got.png')), 'a report': get(reportUrl(EVALUATION, 'html')), 'a whole evaluation': get(evaluationUrl(EVALUATION)),
  'the probe\'s lines': get(await fetched(() => probeText(RUN, AbortSignal.timeout(1000)))),
};

const TABLES: Record<Table, string> = {
  'runs': 'outcome=failed&text=x', 'evaluations': 'series=x&verdict=worse&from=x&to=x', 'series': 'kind=mutants&text=x', 'series/designs': '', 'alerts': 'state=new&from=x&to=x', 'trends': 'metric=ready&clip=x', 'cells': `job=${JOB}`, 'jobs': '', 'changes': `job=${JOB}`,
  'night': `night=${NIGHT}`, 'workers': '', 'unreadable': '', 'passes': `run=${RUN}`, 'commands': `run=${RUN}`, 'steps': `run=${RUN}`, 'errors': `run=${RUN}`, 'stages': `run=${RUN}`, 'calls': `run=${RUN}`, 'properties': `run=${RUN}`, 'exercise': `run=${RUN}`, 'findings': `run=${RUN}`, 'sizes': `run=${RUN}`, 'frames': `run=${RUN}`,
  'compare': `from=${RUN}&to=${RUN}`, 'verdicts': `evaluation=${EVALUATION}`, 'failures': `evaluation=${EVALUATION}`, 'facts': `evaluation=${EVALUATION}`, 'prefixes': `evaluation=${EVALUATION}`, 'samples': `evaluation=${EVALUATION}`, 'phases': `evaluation=${EVALUATION}`, 'versions': 'name=mutants/torn',
};

/** What the OpenAPI document lacks of an address: its path with that method, or a name that it is asked with. */
async function lacking(): Promise<(asked: Asked) => string[]> {
  const { server } = await aServer();
  const { paths } = (await server.inject('/api/openapi.json')).json<{ paths: Record<string, Record<string, Route>> }>();
  // Of two that an address is like, the one that has it word for word: /series/designs, and not a series of that name.
  const patterns = Object.keys(paths).sort((a, b) => a.split('{').length - b.split('{').length).map((path) => [path, new RegExp(`^${path.replaceAll('.', '\\.').replace('{*}', '.+').replaceAll(/\{[a-z]+\}/g, '[^/]+')}$`)] as const);
  return ({ method, url }) => {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const route = paths[patterns.find(([, like]) => like.test(pathname))?.[0] ?? '']?.[method];
    if (route === undefined) return [`${method} ${pathname}`];
    const told = route.parameters?.flatMap((one) => (one.in === 'query' ? [one.name] : [])) ?? [];
    return [...searchParams.keys()].filter((name) => !told.includes(name)).map((name) => `${method} ${pathname}?${name}=`);
  };
}

test('the OpenAPI document tells of every address that a page asks, and of what it is asked with', async () => {
  const lacks = await lacking();
  expect(Object.values({ ...ASKED, ...FILES }).flatMap(lacks)).toEqual([]);
  expect([get('/api/nonsense'), post('/api/runs'), get('/api/runs?nonsense=1')].flatMap(lacks)).toEqual(['get /api/nonsense', 'post /api/runs', 'get /api/runs?nonsense=']);
});

test('it tells of every table that is taken away from a page, as CSV and as JSON, and of what narrows it', async () => {
  const lacks = await lacking();
  const tables = Object.entries(TABLES).flatMap(([table, query]) => (['csv', 'json'] as const).map((format) => get(exportUrl(table as Table, format, query))));
  expect(tables.flatMap(lacks)).toEqual([]);
});
