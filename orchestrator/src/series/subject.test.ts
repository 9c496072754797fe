// The subjects of patch lists, as people and their tools write them.
import { expect, test } from 'vitest';
import { oneLine, parseSubject, slug } from './subject.ts';

const PLAIN = { patch: true, reply: false, rfc: false, resend: false, version: 1, counter: 1, total: 1, counterGiven: false, title: 'drm/virtio: foo' };

test.each([
  ['[PATCH] drm/virtio: foo', {}],
  ['[PATCH v3 02/07 RFC net-next] drm/virtio: foo', { rfc: true, version: 3, versionGiven: true, counter: 2, total: 7, counterGiven: true, prefixes: ['net-next'] }],
  ['[RFC PATCH] drm/virtio: foo', { rfc: true }],
  ['[RFC v2] drm/virtio: foo', { patch: false, rfc: true, version: 2 }],
  ['[PATCH RESEND v2 1/2] drm/virtio: foo', { resend: true, version: 2, counter: 1, total: 2 }],
  ['[RESEND PATCH 1/2 v2] drm/virtio: foo', { resend: true, version: 2, counter: 1, total: 2 }],
  ['[PATCHv3 1/2] drm/virtio: foo', { version: 3, counter: 1, total: 2 }],
  ['[PATCH V3, 1/2] drm/virtio: foo', { version: 3, counter: 1, total: 2 }],
  ['[v3,2/7] drm/virtio: foo', { patch: false, version: 3, counter: 2, total: 7 }],
  ['[RFC,net-next,v2,1/3] drm/virtio: foo', { patch: false, rfc: true, version: 2, counter: 1, total: 3, prefixes: ['net-next'] }],
  ['[PATCH 1 of 2] drm/virtio: foo', { counter: 1, total: 2 }],
  ['[PATCH 0/12] drm/virtio: foo', { counter: 0, total: 12, counterGiven: true }],
  ['[PATCH 6/5] drm/virtio: foo', { counter: 6, total: 6 }],
  ['[PATCH][net-next] drm/virtio: foo', { prefixes: ['net-next'] }],
  ['[PATCH] [media] drm/virtio: foo', { prefixes: ['media'] }],
  ['[PATCH [RFC] v2 1/3] drm/virtio: foo', { rfc: true, version: 2, counter: 1, total: 3 }],
  ['[dri-devel] [PATCH v2\n\t1/3] drm/virtio:\n foo', { version: 2, counter: 1, total: 3, prefixes: ['dri-devel'] }],
  ['drm/virtio: foo', { patch: false }],
  ['Re: [PATCH v2 1/3] drm/virtio: foo', { reply: true, version: 2, counter: 1, total: 3 }],
  ['AW: Re: [PATCH v2 1/3] drm/virtio: foo', { reply: true, version: 2, counter: 1, total: 3 }],
  ['Fwd: [PATCH] drm/virtio: foo', { reply: true }],
  ['SV: [PATCH] drm/virtio: foo', { reply: true }],
  ['re: [PATCH] drm/virtio: foo', { reply: true }],
  ['[PATCH v0] drm/virtio: foo', { version: 1 }],
])('%j', (text, wanted) => { expect(parseSubject(text)).toMatchObject({ ...PLAIN, counterGiven: 'counter' in wanted, ...wanted }); });

test.each(['', ' ', '[', ']', '[]', '[PATCH', '[[[[[[', 'Re:', '[PATCH v99999999999999999999 1/2]', '[PATCH 12345/99999] a'])('%j is a subject too', (text) => {
  const { version, counter, total } = parseSubject(text);
  expect([version, counter, total].every((number) => Number.isInteger(number) && number >= 0 && number < 10_000)).toBe(true);
});

test('a subject of a megabyte is read as far as its beginning, at once', () => {
  const started = performance.now();
  expect(parseSubject(`[PATCH 1/2] ${'['.repeat(500_000)}${']'.repeat(500_000)}`)).toMatchObject({ counter: 1, total: 2 });
  expect(parseSubject('[PATCH] a '.repeat(100_000)).full.length).toBeLessThanOrEqual(1000);
  expect(performance.now() - started).toBeLessThan(1000);
});

test('what becomes a header again is one line, whatever it was', () => {
  expect(oneLine('a\r\nBcc: b\0\u0007\u2028c')).toBe('a Bcc: b c');
  expect(parseSubject('[PATCH] a\r\nX-Evil: yes').title).toBe('a X-Evil: yes');
});

test('a title becomes a name of whole words', () => {
  expect(slug('drm/virtio: Fix the "thing" (ä)', 48)).toBe('drm-virtio-fix-the-thing-a');
  expect(slug('drm/virtio: tidy up how resources', 27)).toBe('drm-virtio-tidy-up-how');
  expect(slug('x'.repeat(100), 10)).toBe('x'.repeat(10));
  expect(slug('../../etc', 48)).toBe('etc');
  expect(slug('☃', 48)).toBe('');
});
