// A real listener on loopback: what it gets is signed, what it answers is not trusted, and one that is away or slow costs a bounded time.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { rejection } from '../../test/parts.ts';
import { checkTargets, notify, signatureOf, SIGNATURE_HEADER } from './notify.ts';

const SECRET = 'a secret of some length';
const LIMITS = { tries: 3, answerMs: 20_000, pauseMs: 5 };

type Heard = { body: string; signature: string | undefined; type: string | undefined };

async function listener(answer: (response: ServerResponse, count: number) => void): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => { body += chunk.toString('utf8'); }).on('end', () => {
      heard.push({ body, signature: request.headers[SIGNATURE_HEADER] as string | undefined, type: request.headers['content-type'] });
      answer(response, heard.length);
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  onTestFinished(() => new Promise<void>((resolve) => { server.closeAllConnections(); server.close(() => { resolve(); }); }));
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook`, heard };
}

const status = (code: number) => (response: ServerResponse): void => { response.writeHead(code).end('{"do":"something else"}'); };

test('the document arrives once, signed so that whoever has the secret can tell', async () => {
  const { url, heard } = await listener(status(204));
  expect(await notify([url], { night: 'n-0000000001' }, SECRET, LIMITS)).toEqual([{ url, delivered: true, tries: 1, why: 'status 204' }]);
  expect(heard).toEqual([{ body: '{"night":"n-0000000001"}', signature: signatureOf('{"night":"n-0000000001"}', SECRET), type: 'application/json' }]);
  expect(signatureOf('Hello, World!', 'It\'s a Secret to Everybody')).toBe('sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17');
});

test('a listener that is busy is tried again, one that refuses is not', async () => {
  const busy = await listener((response, count) => { status(count < 3 ? 503 : 200)(response); });
  const refuses = await listener(status(403));
  expect(await notify([busy.url, refuses.url], {}, SECRET, LIMITS)).toMatchObject([{ delivered: true, tries: 3 }, { delivered: false, tries: 1, why: 'status 403' }]);
});

test('a listener that never answers, one that is gone and one that points elsewhere end in bounded time', async () => {
  const hangs = await listener(() => undefined);
  const elsewhere = await listener(status(200));
  const points = await listener((response) => { response.writeHead(307, { location: elsewhere.url }).end(); });
  const told = await notify([hangs.url, 'http://127.0.0.1:1/', points.url], {}, SECRET, { ...LIMITS, answerMs: 200 });
  expect(told.map(({ delivered, tries }) => [delivered, tries])).toEqual([[false, 3], [false, 3], [false, 3]]);
  expect(elsewhere.heard).toEqual([]);
});

test.each([
  { what: 'an address of a file', urls: ['file:///etc/passwd'], secret: SECRET, code: 'BAD_URL' }, { what: 'no address', urls: ['ci'], secret: SECRET, code: 'BAD_URL' },
  { what: 'no secret', urls: ['https://example.org/'], secret: undefined, code: 'NO_SECRET' }, { what: 'a short secret', urls: ['https://example.org/'], secret: 'short', code: 'NO_SECRET' },
])('$what is refused before the night begins', async ({ urls, secret, code }) => {
  expect(await rejection(Promise.resolve().then(() => { checkTargets(urls, secret); }))).toMatchObject({ code, blame: 'request' });
  expect(() => { checkTargets([], undefined); }).not.toThrow();
});
