// A plan with a mistake is refused by file and line, before anything is built.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CHECKOUT, rejection } from '../../test/parts.ts';
import { readCatalogue } from '../request/catalogue.ts';
import { parsePlan, profileOf, readPlan } from './read-plan.ts';

const catalogue = await readCatalogue(CHECKOUT);
const GOOD = await readFile(join(CHECKOUT, 'jobs/nightly.yaml'), 'utf8');
const parsed = (text: string): Promise<unknown> => Promise.resolve(text).then((one) => parsePlan(one, 'nightly.yaml', catalogue));
const lineOf = (words: string): number => GOOD.split('\n').findIndex((line) => line.includes(words)) + 1;

test.each([
  { what: 'a base', from: "bases: ['6.12']", to: "bases: ['6.13']", says: 'unknown base "6.13"; did you mean "6.12"' },
  { what: 'a stack', from: 'stacks: [trixie]', to: 'stacks: [trixi]', says: 'unknown stack "trixi"; did you mean "trixie"' },
  { what: 'a clip', from: 'clips: [h264-faults, fwht-faults]', to: 'clips: [h264-fault, fwht-faults]', says: 'unknown clip "h264-fault"' },
  { what: 'a series that is left out', from: 'leaveOut: [mutants/slow-fence,', to: 'leaveOut: [mutants/slow-fense,', says: 'unknown series "mutants/slow-fense"; did you mean "mutants/slow-fence"' },
])('$what that is not there is told by its line and the nearest word', async ({ from, to, says }) => {
  expect(GOOD).toContain(from);
  expect(await rejection(parsed(GOOD.replace(from, to)))).toMatchObject({ code: 'BAD_PLAN', blame: 'request', message: expect.stringContaining(`nightly.yaml:${String(lineOf(from))}: ${says}`) as string });
});

test('a rule that could never apply is refused, and so is a known issue of what is not tested', async () => {
  expect(await rejection(parsed(GOOD.replace('{ stack: [bookworm], device: [virgl-blob]', '{ stack: [bookworm], device: [venus]')))).toMatchObject({ code: 'BAD_PLAN', message: expect.stringContaining('device "venus" is in no profile') as string });
  expect(await rejection(parsed(GOOD.replace('known: []', "known: [{ pipeline: [edu-dma], reason: r, link: 'https://example.org/1', until: 2026-12-31 }]")))).toMatchObject({ message: expect.stringContaining('pipeline "edu-dma" is in no profile') as string });
});

test.each([
  { what: 'no reason', issue: "{ pipeline: [upload], link: 'https://example.org/1', until: 2026-12-31 }" },
  { what: 'no link', issue: '{ pipeline: [upload], reason: r, until: 2026-12-31 }' },
  { what: 'no end', issue: "{ pipeline: [upload], reason: r, link: 'https://example.org/1' }" },
  { what: 'an end that is no day', issue: "{ pipeline: [upload], reason: r, link: 'https://example.org/1', until: soon }" },
])('a known issue with $what is none', async ({ issue }) => {
  expect(await rejection(parsed(GOOD.replace('known: []', `known: [${issue}]`)))).toMatchObject({ code: 'BAD_PLAN', message: expect.stringContaining('"known.0') as string });
});

test.each(['{{{', '', '[]', 'a: &a [*a]'])('%j is no plan', async (text) => {
  expect(await rejection(parsed(text))).toMatchObject({ code: 'BAD_PLAN', blame: 'request' });
});

test('a file that is not there, and a profile that is not in it, are told as such', async () => {
  expect(await rejection(readPlan('/nowhere/nightly.yaml', catalogue))).toMatchObject({ code: 'NO_PLAN', message: 'Expected a plan of a night at /nowhere/nightly.yaml, found none' });
  const plan = parsePlan(GOOD, 'nightly.yaml', catalogue);
  for (const name of ['quik', 'toString', '__proto__']) expect(await rejection(Promise.resolve(name).then((one) => profileOf(plan, one)))).toMatchObject({ code: 'UNKNOWN_NAME', message: expect.stringContaining(`unknown profile "${name}"`) as string });
});
