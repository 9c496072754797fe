// A database that stops answering and stays away for a while: every page says so and what still can be had, none breaks, and each is whole again once it is back.
// The database is the lab's own; a second server asks it through a door that can be shut.
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServeDocument } from '../../orchestrator/src/contract/documents.ts';
import { beginNight, writeNight } from '../../orchestrator/src/store/nights.ts';
import { nightRecord } from '../../orchestrator/test/night-parts.ts';
import { evaluationOf } from '../../orchestrator/src/report/evaluation/fixture.ts';
import { TestLab, type Process } from '../../orchestrator/test/lab.ts';
import { runRecord } from '../../orchestrator/test/parts.ts';
import { Door } from './door.ts';
import { BOTH_LOOKS, expectRight, serveTo, takeLook, WIDE, type Served } from './look.ts';

const RUN = 'r-d000000001';
const BREAKS = 12;
/** What is made of the database alone, and what lies in folders. */
const LISTS = ['/', '/runs', '/jobs/j-0123456789', '/evaluations', '/series', '/series/view?name=mutants/torn', '/trends', '/alerts', '/runs/r-d000000009'];
const KEPT = [[`/runs/${RUN}`, 'The kernel did what it should'], ['/evaluations/e-0123456789', 'worse: instructions of upload'], ['/workers', 'Nobody is at work'], [`/compare?from=${RUN}&to=${RUN}`, 'Figures'], [`/runs/${RUN}/frames`, 'This run kept no pictures'], ['/nights/n-0123456789', 'Its matrix is not shown: the record\'s database does not answer']] as const;

let lab: TestLab;
let door: Door;
let owner: Process;
let close: () => Promise<void>;
let opened: Served['opened'];
let url: string;
let page: Page;
let misdeeds: string[];

async function seal(id: string): Promise<void> {
  await mkdir(join(lab.home, 'runs', id), { recursive: true });
  await writeFile(join(lab.home, 'runs', id, 'run.json'), JSON.stringify(runRecord({ id })));
}

async function recorded(): Promise<number> {
  return (await (await fetch(`${url}/api/health`)).json() as { record: { runs: number } }).record.runs;
}

beforeAll(async () => {
  lab = await TestLab.open();
  await seal(RUN);
  await mkdir(join(lab.home, 'evaluations/e-0123456789'), { recursive: true });
  await writeFile(join(lab.home, 'evaluations/e-0123456789/evaluation.json'), JSON.stringify(evaluationOf()));
  const night = nightRecord({ id: 'n-0123456789', before: null });
  await beginNight(lab.home, night.id, { startedAt: night.startedAt, endsBy: night.endedAt });
  await writeNight(lab.home, night, {});
  owner = lab.process(['serve', '--port', '0', '--json']);
  ServeDocument.parse(JSON.parse(await owner.firstLine()));
  door = new Door({ path: join(lab.home, 'postgres/.s.PGSQL.5432') });
  await door.open();
  ({ opened, url, page, misdeeds, close } = await serveTo(lab, { DATABASE_URL: `postgres://vlab@127.0.0.1:${String(door.port)}/postgres` }));
});

afterAll(async () => {
  await close();
  await door.shut();
  owner.kill('SIGINT');
  await owner;
  await lab.end();
});

const banner = (): ReturnType<Page['getByText']> => page.getByText(/The database is down/);

test('an open page says it, with why and what to do', async () => {
  await opened('/runs');
  await page.getByRole('row').getByRole('link', { name: RUN }).waitFor({ timeout: 60_000 });
  await door.shut();
  await banner().waitFor({ timeout: 60_000 });
  // What was there stays.
  await page.getByRole('row').getByRole('link', { name: RUN }).waitFor();
});

test.each(LISTS)('%s says it and what to do', async (path) => {
  await opened(path);
  await banner().waitFor();
  await page.locator('main .problem').getByText('NO_DATABASE').first().waitFor();
});

test.each(KEPT)('%s is there all the same', async (path, text) => {
  await opened(path);
  await banner().waitFor();
  await page.getByText(text).first().waitFor();
});

test.each(BOTH_LOOKS)('in $theme at $size.width pixels each is right', async (look) => {
  await takeLook(page, look);
  for (const path of [...LISTS, ...KEPT.map(([kept]) => kept)]) {
    await opened(path);
    await banner().waitFor();
    await expectRight(page, `database-down-${path}`, look);
  }
  await page.setViewportSize(WIDE);
});

test('who is at work is shown, and why it is not said how much their hosts scatter', async () => {
  const worker = lab.process(['worker']);
  await opened('/workers');
  await page.getByRole('row').filter({ hasText: hostname() }).getByText('not known', { exact: true }).waitFor({ timeout: 60_000 });
  await page.getByText(/^How much the hosts scatter could not be looked up: the record's database does not answer: .*ECONNREFUSED/).waitFor();
  worker.kill('SIGINT');
  await worker;
});

test('once it is back an open page fills by itself', async () => {
  await opened('/evaluations');
  await door.open();
  await banner().waitFor({ state: 'detached', timeout: 60_000 });
  await page.getByRole('row').getByRole('link', { name: 'e-0123456789' }).waitFor();
});

test('one that says nothing more and closes nothing is down as well: what waited for it is told, what is kept is there, and it is whole again', async () => {
  await opened('/runs');
  await page.getByRole('row').getByRole('link', { name: RUN }).waitFor();
  door.hold();
  const waited = await fetch(`${url}/api/runs?text=anything`);
  expect(waited.status).toBe(503);
  // By the watch, or where it had to wait for a connection, by that.
  expect(await waited.json()).toMatchObject({ error: 'NO_DATABASE', message: expect.stringMatching(/it has said nothing for 10 s|timeout/) as string });
  await banner().waitFor();
  await opened('/evaluations/e-0123456789');
  await page.getByText('worse: instructions of upload').first().waitFor();
  await door.shut();
  await door.open();
  await banner().waitFor({ state: 'detached', timeout: 60_000 });
  await opened('/runs');
  await page.getByRole('row').getByRole('link', { name: RUN }).waitFor();
});

test('a connection that breaks in the middle of what it was used for ends nobody, and what was sealed meanwhile comes in', async () => {
  const before = await recorded();
  for (let n = 0; n < BREAKS; n++) {
    await seal(`r-d1${n.toString(36).padStart(8, '0')}`);
    // Runs are looked for each second; at another moment of it each time.
    await after(700 + (n * 250) % 1000);
    await Promise.all([door.shut(), ...['/api/home', '/api/alerts', '/api/runs'].map((path) => fetch(`${url}${path}`).then((response) => response.arrayBuffer()))]);
    await door.open();
  }
  await expect.poll(recorded, { timeout: 60_000 }).toBe(before + BREAKS);
});

test('no page asked anything, logged an error, or threw', () => {
  expect(misdeeds).toEqual([]);
});
