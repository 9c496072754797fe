import { expect, test } from 'vitest';
import { hintOf, isOnThisMachine, shownUrl } from './outside.ts';

test.each([
  ['redis://me:secret@127.0.0.1:1', 'redis://...@127.0.0.1:1'],
  ['rediss://me:se%40cret@redis.example:6379/3', 'rediss://...@redis.example:6379/3'],
  // The last @ is the one that ends the password.
  ['redis://me:se@cret@host', 'redis://...@host'],
  ['postgres://h/db?password=secret&sslkey=k', 'postgres://h/db'],
  ['unix:/run/redis.sock', 'unix:///run/redis.sock'],
  ['secret and nothing else', '(not a URL)'],
])('%s is shown as %s', (url, shown) => { expect(shownUrl(url)).toBe(shown); });

test.each([
  ['/run/redis.sock', true], ['localhost', true], ['127.0.0.1', true], ['127.8.9.10', true], ['::1', true],
  ['10.0.0.1', false], ['127.0.0.1.example', false], ['localhost.example', false], ['redis', false], ['', false],
])('%s is on this machine: %s', (host, is) => { expect(isOnThisMachine(host)).toBe(is); });

test('a certificate that nobody vouches for has a cure, a refused connection has not', () => {
  expect(hintOf(Object.assign(new Error(), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }))).toContain('NODE_EXTRA_CA_CERTS=');
  expect(hintOf(Object.assign(new Error(), { code: 'ECONNREFUSED' }))).toBeUndefined();
});
