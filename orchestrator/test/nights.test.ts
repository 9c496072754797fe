// Nights of real guests: one is quiet, in the next two layers change of which one is at fault, and it is found; then all is right again. A lab that misses a
// mutant is not believed, and an interrupt leaves nothing.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { NightlyDocument, NightListDocument } from '../src/contract/night.ts';
import { SIGNATURE_HEADER, signatureOf } from '../src/night/notify.ts';
import { CHECKOUT, TestLab } from './lab.ts';

const MINUTES = 60_000;

let lab: TestLab;
let checkout: string;

beforeAll(async () => {
  lab = await TestLab.open();
  checkout = join(lab.home, 'checkout');
  for (const folder of ['jobs', 'kernel-patches', 'guest-images', 'orchestrator/src']) {
    await mkdir(join(checkout, folder), { recursive: true });
    await cp(join(CHECKOUT, folder), join(checkout, folder), { recursive: true });
  }
});
afterAll(() => lab[Symbol.asyncDispose]());

/** A plan that takes a minute; `mutants` are its self-test. */
async function plan(name: string, mutants: readonly string[]): Promise<string> {
  const kernels = mutants.map((series) => ({ base: '6.12', series, expect: 'failed' }));
  await writeFile(join(checkout, `jobs/${name}-test.yaml`), JSON.stringify({ title: 'mutants', kernels, pipelines: ['dmabuf-copy'], clip: 'h264-faults' }));
  const profile = {
    bases: ['6.12'], stacks: ['trixie'], devices: ['virgl'], pipelines: ['upload', 'dmabuf-copy'], clips: ['h264-faults'], limitMinutes: 20,
    selfTest: { job: `${name}-test.yaml`, flavours: ['perf'], why: 'a test has no more time' },
  };
  const path = join(checkout, `jobs/${name}.yaml`);
  await writeFile(path, JSON.stringify({ title: 'a small night', profiles: { quick: profile } }));
  return path;
}

async function night(path: string, { more = [], env = {} }: { more?: string[]; env?: Record<string, string> } = {}): Promise<{ document: NightlyDocument; exitCode: number | undefined }> {
  const { stdout, stderr, exitCode } = await lab.vlab(['nightly', '--wait', '--json', '--quiet', '--plan', path, '--profile', 'quick', ...more], { VLAB_CHECKOUT: checkout, ...env });
  const parsed = NightlyDocument.safeParse(JSON.parse(stdout));
  if (!parsed.success) throw new Error(`${stdout}\n${stderr}`);
  return { document: parsed.data, exitCode };
}

async function change(path: string, from: string, to: string): Promise<void> {
  const text = await readFile(join(checkout, path), 'utf8');
  expect(text).toContain(from);
  await writeFile(join(checkout, path), text.replace(from, to));
}

test('what is new is told with the layer at fault, found by putting one back at a time, and what is right again as fixed', async () => {
  const path = await plan('small', ['mutants/build-error']);
  const first = await night(path);
  expect(first.document, first.document.why).toMatchObject({ lab: 'ok', new: [], fixed: [], stillFailing: [], flaky: [], mutantsCaught: 1, mutantsTotal: 1, before: null });
  expect(first.exitCode).toBe(0);

  // The guest's program draws wrongly from now on; that the clip is another one too is no matter.
  const [right, wrong] = ['return int(round(t * 255.0));', 'return int(round(t * 255.0)) + 1;'];
  await change('guest-images/probe/pipe-upload.c', right, wrong);
  await change('jobs/clips/clips.yaml', 'h264-faults: { codec: h264, width: 640, height: 360, frames: 16 }', 'h264-faults: { codec: h264, width: 640, height: 360, frames: 12 }');
  const second = await night(path);
  expect(second.document.lab, second.document.why).toBe('ok');
  expect(second.document.new.map(({ pipeline, fault, changed }) => ({ pipeline, fault, changed: changed.map((one) => one.layer) }))).toEqual([{ pipeline: 'upload', fault: 'guest', changed: ['guest', 'clip'] }]);
  expect(second.document).toMatchObject({ lab: 'ok', fixed: [], stillFailing: [], flaky: [], before: first.document.night });
  expect(second.document.new[0]).toMatchObject({ firstBad: { night: second.document.night }, lastGood: { night: first.document.night } });
  expect(second.exitCode).toBe(1);
  expect(await readFile(second.document.report, 'utf8')).toMatch(/## Newly failing[\s\S]*guest as it was: right[\s\S]*clip as it was: wrong/);

  await change('guest-images/probe/pipe-upload.c', wrong, right);
  const third = await night(path);
  expect(third.document.lab, third.document.why).toBe('ok');
  expect(third.document.fixed.map((one) => one.pipeline)).toEqual(['upload']);
  expect(third.document).toMatchObject({ lab: 'ok', new: [], before: second.document.night });
  expect(third.exitCode).toBe(0);
  expect(await lab.left()).toEqual([]);
}, 15 * MINUTES);

test('a night in which the lab misses a mutant is the lab\'s failure, whatever its kernels did, and whoever wants to hear of it is told', async () => {
  const secret = 'a secret that is long enough';
  const heard: { body: string; signature: unknown }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => { body += chunk.toString('utf8'); }).on('end', () => {
      heard.push({ body, signature: request.headers[SIGNATURE_HEADER] });
      response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => { server.close(); });
  await once(server, 'listening');
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook`;
  const path = await plan('blind', ['mutants/build-error', 'harmless/refactor']);
  const { document, exitCode } = await night(path, { more: ['--notify', url], env: { VLAB_WEBHOOK_SECRET: secret } });
  expect(heard).toEqual([{ body: JSON.stringify(document), signature: signatureOf(heard[0]?.body ?? '', secret) }]);
  expect(JSON.parse(await readFile(join(dirname(document.report), 'notified.json'), 'utf8'))).toMatchObject([{ delivered: true, tries: 1 }]);
  expect(document).toMatchObject({ lab: 'failed', new: [], mutantsCaught: 1, mutantsTotal: 2, why: expect.stringContaining('harmless/refactor') as string });
  expect(exitCode).toBe(3);
}, 10 * MINUTES);

test('an interrupt cancels what runs, says so, leaves nothing, and is no night to hold another against', async () => {
  const running = lab.process(['nightly', '--wait', '--json', '--plan', await plan('cut', ['mutants/build-error']), '--profile', 'quick'], { VLAB_CHECKOUT: checkout });
  await lab.event(running, (event) => event.event === 'guest.started' && Date.parse(event.at) > Date.now() - 5000);
  running.kill('SIGINT');
  const { exitCode, stdout, stderr } = await running;
  expect(NightlyDocument.parse(JSON.parse(stdout))).toMatchObject({ lab: 'interrupted', new: [] });
  expect(stderr).toContain('interrupted: the runs of this night are cancelled');
  expect(exitCode).toBe(130);
  expect(await lab.left()).toEqual([]);
  const { nights } = NightListDocument.parse(JSON.parse((await lab.vlab(['nightly', 'list', '--json'])).stdout));
  expect(nights.map((one) => one.lab)).toEqual(['interrupted', 'failed', 'ok', 'ok', 'ok']);
}, 10 * MINUTES);
