// Folders of numbered patches: the numbers of the files count.
import { expect, test } from 'vitest';
import { rejection } from '../../test/parts.ts';
import { choose } from './choose.ts';
import { readFolder } from './folder.ts';
import { inOrder, titleOf } from './thread.ts';

const DIFF = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n';
const mail = (subject: string): Buffer => Buffer.from(`From 0123 Mon Sep 17 00:00:00 2001\nFrom: a <a@b.c>\nSubject: ${subject}\n\nWhy.\n---\n${DIFF}`);
const files = (...named: [string, Buffer][]): { name: string; bytes: Buffer }[] => named.map(([name, bytes]) => ({ name, bytes }));

async function titles(...named: [string, Buffer][]): Promise<string[]> {
  const { thread } = await readFolder(files(...named));
  return inOrder(choose(thread, { version: undefined, alone: named.length === 1 }).posting).map((one) => one.subject.title);
}

test('the order is that of the files, whatever their subjects count', async () => {
  expect(await titles(['0001-a.patch', mail('[PATCH] first')], ['0002-b.patch', mail('[PATCH] second')])).toEqual(['first', 'second']);
  expect(await titles(['0001-a.patch', mail('[PATCH 2/2] first')], ['0002-b.patch', mail('[PATCH 1/2] second')])).toEqual(['first', 'second']);
});

test('of several versions, as git format-patch -v2 leaves them, the newest whole one is taken, with its cover letter', async () => {
  const { thread } = await readFolder(files(['0001-a.patch', mail('[PATCH] old')], ['v2-0000-cover-letter.patch', mail('[PATCH v2 0/1] what it is')], ['v2-0001-a.patch', mail('[PATCH v2 1/1] new')]));
  const { posting } = choose(thread, { version: undefined, alone: false });
  expect([posting.version, titleOf(posting)]).toEqual([2, 'what it is']);
});

test('a number that is not there, in the files or by the subjects, is said', async () => {
  expect(await rejection(titles(['0001-a.patch', mail('[PATCH] a')], ['0003-c.patch', mail('[PATCH] c')]))).toMatchObject({ code: 'INCOMPLETE', message: expect.stringContaining('patches 1, 3 of 3 are there, patch 2 is missing') as string });
  expect(await rejection(titles(['0001-a.patch', mail('[PATCH 1/3] a')], ['0002-b.patch', mail('[PATCH 2/3] b')]))).toMatchObject({ code: 'INCOMPLETE', message: expect.stringContaining('patch 3 is missing') as string });
});

test('a number that is there twice is refused, with the file\'s name', async () => {
  expect(await rejection(titles(['0001-a.patch', mail('a')], ['0001-b.patch', mail('b')]))).toMatchObject({ code: 'TWICE', message: expect.stringContaining('0001-b.patch') as string });
});

test('a diff without a mail around it goes by its file\'s name, and keeps what stands above it', async () => {
  const { thread } = await readFolder(files(['0001-drm-virtio-fix-it.patch', Buffer.from(`Because.\n\n${DIFF}`)]));
  const [only] = inOrder(choose(thread, { version: undefined, alone: true }).posting);
  expect(only?.subject.title).toBe('drm-virtio-fix-it');
  expect(Buffer.from(only?.bytes ?? []).toString()).toMatch(/\n\nBecause\.\n\n\n---\n\ndiff --git/);
});
