// docs/schemas/ is generated: this fails when the contract has changed and nobody wrote it anew.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { CHECKOUT } from '../../test/parts.ts';
import { DOCUMENTS } from '../contract/documents.ts';
import { namesIn, readIfThere } from '../lib/files.ts';
import { schemaFiles } from './schemas.ts';

const FOLDER = join(CHECKOUT, 'docs/schemas');
const ANEW = 'npm run docs:schemas writes docs/schemas/ anew';

test('there is one schema file per document, and no other file', async () => {
  expect([...schemaFiles().keys()].sort()).toEqual(Object.keys(DOCUMENTS).map((name) => `${name}.schema.json`).sort());
  expect(await namesIn(FOLDER), ANEW).toEqual([...schemaFiles().keys()].sort());
});

test.each([...schemaFiles()])('docs/schemas/%s is what the contract says', async (name, text) => {
  expect(await readIfThere(join(FOLDER, name)), ANEW).toBe(text);
});

test.each(Object.entries(DOCUMENTS))('the schema of %s is zod\'s own, under a title', (name, schema) => {
  const { title, ...rest } = JSON.parse(schemaFiles().get(`${name}.schema.json`) ?? '{}') as { title?: unknown };
  expect(title).toBe(`vlab: ${name}`);
  expect(rest).toEqual(JSON.parse(JSON.stringify(z.toJSONSchema(schema))));
});
