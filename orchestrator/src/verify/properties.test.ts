// What an importer saw of each design of 2019, and what is made of it: facts as real guests told them.
import { describe, expect, test } from 'vitest';
import type { EndLine, FactLine } from '../contract/probe.ts';
import { PROPERTIES, Property, propertiesOn, type PropertyResult } from '../contract/property.ts';
import { judgeProperty } from './properties.ts';

const DONE: EndLine = { t: 'end', id: 1, status: 'done', frames: 0 };
const NO_ENTRY = 2;

function fact(of: string, is: FactLine['is']): FactLine {
  return { t: 'fact', id: 1, of, is };
}

function judged(property: Property, ...facts: FactLine[]): PropertyResult {
  return judgeProperty({ property, facts, end: DONE });
}

const named = (channel: string, change: FactLine['is'] = {}): FactLine => fact('name', { channel, buffers: 72, answered: 72, right: 72, fake: 0, error: 0, firstId: 7, lastId: 78, ...change });
const REAL_ADDRESS = named('address', { right: 0, wanted: 7, got: 0x33eb000 });

describe('the id', () => {
  test('is none where every channel is silent, and that is no failure', () => {
    const result = judged('id', REAL_ADDRESS, named('hostId', { answered: 0, right: 0, error: -95 }), named('resourceId', { answered: 0, right: 0, error: -95 }), fact('uuid', { error: -19 }));
    expect(result).toMatchObject({ holds: null, value: 'none; UUID: ENODEV', asked: true });
  });

  test.each([
    { design: 'the RFC\'s address', facts: [named('address', { fake: 72 })] },
    { design: 'the field', facts: [REAL_ADDRESS, named('hostId')] },
    { design: 'the helper', facts: [REAL_ADDRESS, named('resourceId')] },
  ])('is right by $design', ({ facts }) => {
    expect(judged('id', ...facts)).toMatchObject({ holds: true, value: '72 of 72 right' });
  });

  test('is wrong when a single buffer has another, and the evidence says which', () => {
    const result = judged('id', REAL_ADDRESS, named('resourceId', { right: 71, wanted: 12, got: 13 }));
    expect(result).toMatchObject({ holds: false, binding: true, value: '71 of 72 right' });
    expect(result.evidence).toContain('13 for resource 12');
  });

  test('must be there for every buffer: an answer that fails for some is not right', () => {
    expect(judged('id', named('resourceId', { answered: 70, right: 70, error: -11 })).holds).toBe(false);
  });
});

describe('UUIDs', () => {
  const uuids = (change: FactLine['is']): FactLine => fact('uuids', { buffers: 72, answered: 72, error: 0, distinct: 72, stable: 72, zero: 0, version4: 72, ...change });

  test('that the host does not offer are no failure', () => {
    expect(judged('uuid', uuids({ answered: 0, error: -19, distinct: 0, stable: 0 }))).toMatchObject({ holds: null, value: 'ENODEV' });
  });

  test.each([[{}, true], [{ distinct: 1, zero: 72 }, false], [{ stable: 71 }, false], [{ answered: 71 }, false]] as const)('%o: %s', (change, holds) => {
    expect(judged('uuid', uuids(change)).holds).toBe(holds);
  });
});

const TABLE = { error: 0, step: '', size: 20480, entries: 5, dmaEntries: 5, withoutPage: 0, hidden: 0, dmaBytes: 20480, pageBytes: 20480, address: 0x4000, physical: 0x4000, walkCrc: 7, contentCrc: 7, userCrc: 7 };

test.each([
  { is: {}, holds: true, value: '5 entries, right' },
  { is: { entries: 1, withoutPage: 1, pageBytes: 0, walkCrc: 0, address: 37 }, holds: false, value: '1 of 1 without a page' },
  { is: { dmaBytes: 16384, entries: 4, pageBytes: 16384 }, holds: false, value: '16384 of 20480 bytes' },
  { is: { walkCrc: 8 }, holds: false, value: 'pages that hold other bytes' },
  { is: { contentCrc: 8 }, holds: false, value: 'vmap shows other bytes' },
  { is: { hidden: 1, pageBytes: 0, walkCrc: 0 }, holds: true, value: '5 entries, right' },
  { is: { hidden: 1, pageBytes: 0, walkCrc: 0, address: 37 }, holds: false, value: 'an address that is not the page\'s' },
  { is: { error: -5, step: 'map' }, holds: false, value: 'map: EIO' },
])('a table with $is: $value', ({ is, holds, value }) => {
  expect(judged('dynamic', fact('table', { ...TABLE, ...is }))).toMatchObject({ holds, value });
});

const MOVED = { error: 0, step: '', offset: 0, bytes: 4096, entries: 2, withoutPage: 0, address: 0x33ec000, first: 0x33ec000, physical: 0x33ec000, landed: 4096, changed: 4096, lowBefore: -1, lowAfter: -1 };
const ASTRAY = { ...MOVED, entries: 1, withoutPage: 1, address: 0x1c0, first: 0x1c0, landed: 0, changed: 0, lowBefore: 3, lowAfter: 4096 };

test.each([
  { property: 'dma', is: MOVED, holds: true, value: 'lands in the buffer' },
  { property: 'dma', is: ASTRAY, holds: false, value: 'lands at 0x1c0' },
  { property: 'dma', is: { ...ASTRAY, lowAfter: 3 }, holds: false, value: 'lands nowhere' },
  { property: 'dma', is: { ...ASTRAY, error: -1, step: 'guard', lowAfter: -1 }, holds: false, value: 'guard: EPERM' },
  { property: 'dma-iommu', is: { ...MOVED, first: 0xfffff000 }, holds: true, value: 'lands, translated' },
  { property: 'dma-iommu', is: MOVED, holds: null, value: 'not translated' },
  { property: 'dma-iommu', is: { ...ASTRAY, lowAfter: 3 }, holds: false, value: 'lands nowhere' },
] as const)('$property: $value', ({ property, is, holds, value }) => {
  expect(judged(property, fact('dma', is))).toMatchObject({ holds, value });
});

test('a scattered buffer needs all of its transfers in place, and more than one entry', () => {
  const table = fact('table', { ...TABLE, size: 8192, dmaBytes: 8192, pageBytes: 8192, entries: 2 });
  expect(judged('fragmented', table, fact('dma', MOVED), fact('dma', MOVED))).toMatchObject({ holds: true, value: 'lands, 2 entries' });
  expect(judged('fragmented', table, fact('dma', MOVED), fact('dma', { ...MOVED, landed: 0 }))).toMatchObject({ holds: false, value: 'lands nowhere' });
  expect(judged('fragmented', fact('table', { ...TABLE, entries: 1 }), fact('dma', MOVED))).toMatchObject({ holds: null, value: 'not scattered' });
});

const CAMERA = { allocator: 'contig', error: 0, streamError: 0, size: 90112, picture: 86400, written: 86400, entries: 22, contiguous: 4096, physicalContiguous: 4096, address: 0x6000, physical: 0x6000 };

test.each([
  { property: 'dma-contig', is: { ...CAMERA, error: 14, written: 0 }, holds: true, value: 'refused: EFAULT' },
  { property: 'dma-contig', is: { ...CAMERA, entries: 1, contiguous: 90112 }, holds: false, value: 'taken as contiguous' },
  { property: 'dma-contig', is: { ...CAMERA, entries: 1, contiguous: 90112, address: 0x1c2 }, holds: false, value: 'taken at 0x1c2' },
  { property: 'dma-contig', is: { ...CAMERA, physicalContiguous: 90112, address: 0x1c2 }, holds: false, value: 'taken at 0x1c2' },
  { property: 'dma-contig', is: { ...CAMERA, physicalContiguous: 90112 }, holds: true, value: 'contiguous, taken' },
  { property: 'vmalloc', is: CAMERA, holds: true, value: 'taken and filled' },
  { property: 'vmalloc', is: { ...CAMERA, written: 0 }, holds: false, value: 'taken, not filled' },
  { property: 'vmalloc', is: { ...CAMERA, error: 22, written: 0 }, holds: false, value: 'refused: EINVAL' },
] as const)('$property: $value', ({ property, is, holds, value }) => {
  expect(judged(property, fact('camera', is))).toMatchObject({ holds, value });
});

describe('a foreign buffer', () => {
  const own = (names: Record<string, number>): FactLine => fact('own', { id: 9, names: { fake: 0, address: 0x5000, ...names } });
  const foreign = (names: Record<string, number>, change: FactLine['is'] = {}): FactLine => fact('foreign', { exporter: 'udmabuf', madeError: 0, uuidError: -22, names: { fake: 0, address: 0x6000, ...names }, ...change });

  test.each([
    { design: 'no id at all', facts: [own({}), foreign({})], holds: true, value: 'EINVAL' },
    { design: 'the RFC', facts: [own({ fake: 1, address: 9 }), foreign({})], holds: false, value: 'not to be told' },
    { design: 'the field', facts: [own({ hostId: 9 }), foreign({ hostId: 0 })], holds: true, value: 'field is 0' },
    { design: 'a field that is never cleared', facts: [own({ hostId: 9 }), foreign({ hostId: 3 })], holds: false, value: 'udmabuf has an id' },
    { design: 'the helper', facts: [own({ resourceId: 9 }), foreign({ resourceIdError: -22 })], holds: true, value: 'EINVAL' },
    { design: 'one exporter that is not there', facts: [own({}), foreign({}), foreign({}, { exporter: 'vgem', madeError: -19 })], holds: true, value: 'EINVAL (1 of 2)' },
    { design: 'none that is there', facts: [own({}), foreign({}, { madeError: -NO_ENTRY })], holds: null, value: 'no foreign buffer' },
  ])('with $design: $value', ({ facts, holds, value }) => {
    expect(judged('foreign', ...facts)).toMatchObject({ holds, value });
  });
});

test('an id that is out before the host has answered is told, and fails nobody', () => {
  const early = fact('early', { channel: 'resourceId', buffers: 72, answered: 72, pending: 59, again: 0, fake: 0, error: 0 });
  expect(judged('early', early)).toMatchObject({ holds: false, binding: false, value: '59 of 72 before' });
});

test('with two GPUs an id alone names two buffers; with its device, one each', () => {
  const pair = (one: Record<string, number>, other: Record<string, number>): FactLine => fact('pair', { id: 3, otherId: 3, one: { fake: 0, ...one }, other: { fake: 0, ...other } });
  expect(judged('namespace', pair({ hostId: 3 }, { hostId: 3 }))).toMatchObject({ holds: false, value: '3 twice' });
  expect(judged('namespace', pair({ fake: 1, address: 3 }, { fake: 1, address: 3 }))).toMatchObject({ holds: false, value: '3 twice' });
  expect(judged('namespace', pair({ resourceId: 3, device: 1 }, { resourceId: 3, device: 2 }))).toMatchObject({ holds: true, value: '3 of 2 devices' });
  expect(judged('namespace', pair({ address: 0x5000 }, { address: 0x6000 }), fact('uuid', { error: -19 }))).toMatchObject({ holds: null });
});

test('an id is safe while its buffer is held, and may be another buffer\'s afterwards', () => {
  const own = fact('own', { id: 3, names: { fake: 0, resourceId: 3 } });
  expect(judged('stale', own, fact('stale', { id: 3, reusedWhileHeld: 0, reusedAfter: 1 }))).toMatchObject({ holds: false, value: 'safe held, then reused' });
  expect(judged('stale', own, fact('stale', { id: 3, reusedWhileHeld: 0, reusedAfter: 0 }))).toMatchObject({ holds: true });
  expect(judged('stale', own, fact('stale', { id: 3, reusedWhileHeld: 1, reusedAfter: 0 }))).toMatchObject({ holds: false, value: 'reused while held' });
});

test('a buffer that only an importer holds must have the same bytes at the same address', () => {
  const held = (change: FactLine['is']): FactLine => fact('held', { order: 'device, dma-buf', holdError: 0, error: 0, contentCrc: 5, userCrc: 5, sameAddress: 1, ...change });
  expect(judged('lifetime', held({}), held({}))).toMatchObject({ holds: true, value: 'kept, 2 orders' });
  for (const change of [{ contentCrc: 6 }, { sameAddress: 0 }, { error: -5 }]) expect(judged('lifetime', held({}), held(change)).holds).toBe(false);
});

test('a kernel without the importer has not been asked, and what was cut off is not held against anybody', () => {
  expect(judgeProperty({ property: 'dma', facts: [], end: { ...DONE, status: 'unsupported', why: '/dev/vlab-importer: No such file or directory' } })).toMatchObject({ holds: null, asked: false });
  expect(judgeProperty({ property: 'dma', facts: [], end: undefined })).toMatchObject({ holds: null, asked: false });
  expect(judgeProperty({ property: 'dma', facts: [], end: { ...DONE, status: 'crashed', why: 'killed by signal 11' } })).toMatchObject({ holds: false, asked: true });
});

test.each(Property.options)('%s: facts that are not there prove nothing', (property) => {
  const result = judged(property);
  expect(result.holds).not.toBe(true);
  expect(result.value.length).toBeLessThanOrEqual(28);
  expect(PROPERTIES[property].asks).toMatch(/[.?]$/);
});

test('what wants a device of its own is asked there only, the rest on plain devices, if there are any', () => {
  const asked: Property[] = ['id', 'dma-iommu', 'namespace'];
  const all = ['virgl', 'virgl-iommu', 'virgl-two-gpus'] as const;
  expect(all.map((device) => propertiesOn(device, asked, all))).toEqual([['id'], ['dma-iommu'], ['namespace']]);
  expect(propertiesOn('virgl-iommu', asked, ['virgl-iommu'])).toEqual(['id', 'dma-iommu']);
});
