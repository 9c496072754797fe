// Traces of a real run, as a collector of OpenTelemetry's gets them: one trace from the submit to the stages, over three processes.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { ServeDocument, SubmitDocument } from '../src/contract/documents.ts';
import { TestLab } from './lab.ts';

const Value = z.object({ stringValue: z.string().optional(), intValue: z.coerce.number().optional(), boolValue: z.boolean().optional() });
const Attribute = z.object({ key: z.string(), value: Value });
const Span = z.object({ traceId: z.string(), spanId: z.string(), parentSpanId: z.string().optional(), name: z.string(), attributes: z.array(Attribute) });
/** OTLP as JSON, so far as it is looked at here. */
const Export = z.object({ resourceSpans: z.array(z.object({ resource: z.object({ attributes: z.array(Attribute) }), scopeSpans: z.array(z.object({ spans: z.array(Span) })) })) });
type Seen = z.infer<typeof Span> & { of: Record<string, unknown>; service: unknown; pid: unknown };

const spans: Seen[] = [];
let collector: Server;
let lab: TestLab;
let env: Record<string, string>;

function plain(attributes: readonly z.infer<typeof Attribute>[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.boolValue]));
}

beforeAll(async () => {
  lab = await TestLab.open();
  collector = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => { text += chunk.toString('utf8'); });
    request.on('end', () => {
      for (const { resource, scopeSpans } of Export.parse(JSON.parse(text)).resourceSpans) {
        const about = plain(resource.attributes);
        for (const span of scopeSpans.flatMap((one) => one.spans)) spans.push({ ...span, of: plain(span.attributes), service: about['service.name'], pid: about['process.pid'] });
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => { collector.listen(0, '127.0.0.1', resolve); });
  env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${String((collector.address() as AddressInfo).port)}` };
});

afterAll(async () => {
  collector.close();
  await lab.end();
});

async function named(name: string, match: Record<string, unknown> = {}): Promise<Seen> {
  await expect.poll(() => spans.some((one) => one.name === name && Object.entries(match).every(([key, value]) => one.of[key] === value)), { timeout: 120_000 }).toBe(true);
  return spans.find((one) => one.name === name && Object.entries(match).every(([key, value]) => one.of[key] === value)) as Seen;
}

test('a job is one trace: its submit, and in another process each run with its stages', async () => {
  const job = SubmitDocument.parse(JSON.parse((await lab.vlab(['run', await lab.job({ pipelines: ['upload'] }), '--detach', '--json'], env)).stdout));
  const working = lab.process(['worker', '--json'], env);
  const run = await named('run', { 'vlab.run': job.submitted[0] });
  working.kill('SIGINT');
  await working;
  const [asked, submit] = [await named('job'), await named('submit')];
  expect(run.of).toMatchObject({ 'vlab.job': job.job, 'vlab.base': '6.12', 'vlab.series': 'none', 'vlab.device': 'virgl', 'vlab.outcome': 'passed', 'vlab.kernel': expect.stringMatching(/^[0-9a-f]{16}$/) as string });
  expect([run.parentSpanId, submit.parentSpanId, asked.parentSpanId ?? '']).toEqual([asked.spanId, asked.spanId, '']);
  expect(run.pid).not.toBe(asked.pid);
  expect(spans.filter((one) => one.parentSpanId === run.spanId).map((one) => one.name)).toEqual(['request', 'image', 'kernel', 'clip', 'guest', 'pipeline', 'verify', 'store']);
  expect(new Set(spans.map((one) => one.traceId))).toEqual(new Set([asked.traceId]));
  expect(new Set(spans.map((one) => one.service))).toEqual(new Set(['virgil-lab']));
});

test('a request to the server is a span, below that of whoever asked', async () => {
  const serving = lab.process(['serve', '--port', '0', '--json'], { ...env, OTEL_SERVICE_NAME: 'my-lab' });
  const { url } = ServeDocument.parse(JSON.parse(await serving.firstLine()));
  await fetch(`${url}/api/queue`, { headers: { traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01' } });
  await fetch(`${url}/api/queue`, { headers: { traceparent: 'nonsense' } });
  serving.kill('SIGINT');
  await serving;
  const known = spans.filter((one) => one.name === 'GET /api/queue');
  expect(known.map((one) => [one.traceId === '0123456789abcdef0123456789abcdef', one.parentSpanId ?? '', one.of['http.response.status_code'], one.service])).toEqual([[true, '0123456789abcdef', 200, 'my-lab'], [false, '', 200, 'my-lab']]);
});

test('a collector that is not there costs a word, and nothing else', async () => {
  const { exitCode, stderr, stdout } = await lab.vlab(['run', await lab.job({}), '--detach', '--json'], { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
  expect(exitCode).toBe(0);
  expect(stderr.split('\n').filter((line) => line.includes('traces cannot be sent'))).toHaveLength(1);
  await lab.vlab(['cancel', SubmitDocument.parse(JSON.parse(stdout)).job]);
});
