// A guest driver and the probe that drives it are built apart, and must mean the same.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CHECKOUT } from '../../test/parts.ts';
import { IMPORTER_DRIVER } from '../contract/property.ts';
import { readDriver } from './drivers.ts';

test('the test importer\'s structure in the probe is the one in the driver, to the byte', async () => {
  const { series } = await readDriver(CHECKOUT, IMPORTER_DRIVER, '6.12');
  const header = series.patches.flatMap(({ text }) => /^\+\+\+ b\/include\/uapi\/linux\/vlab-importer\.h\n@@[^\n]*\n((?:\+.*\n)+)/m.exec(text)?.[1] ?? []).join('');
  expect(header.replaceAll(/^\+/gm, '')).toBe(await readFile(join(CHECKOUT, 'guest-images/probe/vlab-importer.h'), 'utf8'));
});

test.each(['6.12', '7.3'])('the test importer is for %s', async (base) => {
  expect((await readDriver(CHECKOUT, IMPORTER_DRIVER, base)).series.patches).toHaveLength(1);
});
