// From what the test importer saw to whether a property of virtio-gpu's dma-bufs holds, in a few words and in numbers. Pure.
import type { EndLine, FactLine } from '../contract/probe.ts';
import { PROPERTIES, type Property, type PropertyResult } from '../contract/property.ts';
import { errnoName } from './errno.ts';
import { Fact, facts } from './fact.ts';

/** One property as the probe looked into it; `end` is undefined when the guest was gone before. */
export type PropertyEvidence = { property: Property; facts: readonly FactLine[]; end: EndLine | undefined };

/** The probe came to its end without the fact that it is there for. */
const NOTHING_SAID: Judgement = { holds: null, value: 'nothing said', evidence: 'the probe said nothing of it' };

type Judgement = Pick<PropertyResult, 'holds' | 'value' | 'evidence'>;

export function judgeProperty({ property, facts: lines, end }: PropertyEvidence): PropertyResult {
  const { binding } = PROPERTIES[property];
  return { property, binding, asked: end !== undefined && end.status !== 'unsupported' && end.status !== 'refused', ...(judgeEnd(end) ?? JUDGES[property](lines)) };
}

function judgeEnd(end: EndLine | undefined): Judgement | undefined {
  if (end?.status === 'done') return undefined;
  if (end === undefined) return { holds: null, value: 'not asked', evidence: 'the guest was gone before' };
  const why = end.why ?? 'no reason given';
  if (end.status === 'unsupported' || end.status === 'refused') return { holds: null, value: 'not to be had', evidence: why };
  return { holds: false, value: end.status === 'crashed' ? 'the probe died' : 'failed', evidence: why };
}

const JUDGES: Readonly<Record<Property, (lines: readonly FactLine[]) => Judgement>> = {
  'id': judgeId, 'uuid': judgeUuid, 'scatterlist': judgeScatterlist, 'ranges': judgeRanges, 'map-twice': judgeMapTwice, 'dynamic': judgeScatterlist,
  'dma': judgeDma, 'dma-iommu': judgeDmaIommu, 'fragmented': judgeFragmented, 'dma-contig': judgeDmaContig, 'vmalloc': judgeVmalloc, 'foreign': judgeForeign,
  'early': judgeEarly, 'lifetime': judgeLifetime, 'namespace': judgeNamespace, 'stale': judgeStale,
};

/** How an id comes to an importer. An address is one only where the table names no page: everywhere else it is an address. */
const CHANNELS: Readonly<Record<string, string>> = { address: 'sg_dma_address', hostId: 'dma_buf->host_id', resourceId: 'virtio_dma_buf_get_resource_id' };

function isOffered(fact: Fact): boolean {
  return fact.text('channel') === 'address' ? fact.number('fake') > 0 : fact.number('answered') > 0 || fact.number('again') > 0;
}

function judgeId(lines: readonly FactLine[]): Judgement {
  const offered = facts(lines, 'name').filter(isOffered);
  if (offered.length === 0) return noId(lines);
  const [wrong] = offered.filter((fact) => fact.number('right') !== fact.number('buffers'));
  const shown = wrong ?? offered[0];
  const right = `${String(shown?.number('right') ?? 0)} of ${String(shown?.number('buffers') ?? 0)} right`;
  return { holds: wrong === undefined, value: right, evidence: offered.map(sayChannel).join('; ') };
}

function sayChannel(fact: Fact): string {
  const { right, buffers, firstId, lastId, wanted, got } = fact.numbers();
  const miss = wanted === undefined ? '' : `; the first wrong one is ${String(got)} for resource ${String(wanted)}`;
  return `${CHANNELS[fact.text('channel')] ?? ''} against RESOURCE_INFO: ${String(right)} of ${String(buffers)} the same, resources ${String(firstId)} to ${String(lastId)}${miss}`;
}

function noId(lines: readonly FactLine[]): Judgement {
  const error = facts(lines, 'uuid')[0]?.number('error') ?? 0;
  const uuid = error === 0 ? 'a UUID' : `UUID: ${errnoName(error)}`;
  return { holds: null, value: error === 0 ? 'none, but a UUID' : `none; ${uuid}`, evidence: `no id is handed out; virtio_dma_buf_get_uuid() gives ${error === 0 ? uuid : errnoName(error)}` };
}

function judgeUuid(lines: readonly FactLine[]): Judgement {
  const { buffers = 0, answered = 0, error = 0, distinct = 0, stable = 0, zero = 0, version4 = 0 } = facts(lines, 'uuids')[0]?.numbers() ?? {};
  const evidence = `of ${String(buffers)} buffers ${String(answered)} have a UUID, ${String(distinct)} distinct, ${String(stable)} the same when asked again, ${String(zero)} zero, ${String(version4)} of RFC 4122 version 4`;
  if (answered === 0) return { holds: null, value: errnoName(error), evidence: `virtio_dma_buf_get_uuid() gives ${errnoName(error)} for each of ${String(buffers)} buffers: the host offers no UUIDs` };
  const holds = answered === buffers && distinct === buffers && stable === buffers && zero === 0;
  return { holds, value: holds ? `${String(buffers)} distinct` : `${String(distinct)} of ${String(buffers)} distinct`, evidence };
}

/** Null where the table is a table. */
function tableFault(fact: Fact): string | null {
  const { error = 0, size = 0, entries = 0, withoutPage = 0, hidden = 0, dmaBytes = 0, pageBytes = 0, walkCrc, contentCrc, userCrc } = fact.numbers();
  if (error !== 0) return `${fact.text('step')}: ${errnoName(error)}`;
  if (entries === 0) return 'no entry';
  if (withoutPage > 0) return `${String(withoutPage)} of ${String(entries)} without a page`;
  if (dmaBytes !== size) return `${String(dmaBytes)} of ${String(size)} bytes`;
  if (contentCrc !== userCrc) return 'vmap shows other bytes';
  if (hidden > 0) return fact.number('address') === fact.number('physical') ? null : 'an address that is not the page\'s';
  if (pageBytes !== size) return `pages of ${String(pageBytes)} of ${String(size)} bytes`;
  return walkCrc === userCrc ? null : 'pages that hold other bytes';
}

function sayTable(fact: Fact): string {
  const { size = 0, entries = 0, dmaEntries = 0, withoutPage = 0, dmaBytes = 0, pageBytes = 0, walkCrc = 0, userCrc = 0, address = 0, physical = 0, hidden = 0 } = fact.numbers();
  const pages = hidden > 0 ? 'this kernel hides the pages' : `${String(withoutPage)} without a page, pages of ${String(pageBytes)} bytes with CRC ${hex(walkCrc)}`;
  return `a buffer of ${String(size)} bytes (CRC ${hex(userCrc)}, first page at ${hex(physical)}): ${count(entries)}, ${String(dmaEntries)} for DMA, ${String(dmaBytes)} bytes from ${hex(address)}; ${pages}`;
}

function judgeScatterlist(lines: readonly FactLine[]): Judgement {
  const tables = facts(lines, 'table');
  const wrong = tables.map(tableFault).find((fault) => fault !== null);
  const entries = tables.map((fact) => fact.number('entries')).join(', ');
  const one = entries === '1' ? '1 entry' : `${entries} entries`;
  return { holds: tables.length > 0 && wrong === undefined, value: wrong ?? (tables.length === 1 ? `${one}, right` : `right (${one})`), evidence: tables.map(sayTable).join('; ') };
}

function judgeRanges(lines: readonly FactLine[]): Judgement {
  const { buffers = 0, mapped = 0, overlapping = 0, from = 0, to = 0, nextFrom = 0 } = facts(lines, 'ranges')[0]?.numbers() ?? {};
  const first = overlapping === 0 ? '' : `; one is ${hex(from)} to ${hex(to)}, and the next begins at ${hex(nextFrom)}`;
  return {
    holds: mapped > 0 && overlapping === 0, value: overlapping === 0 ? 'apart' : `${String(overlapping)} of ${String(mapped)} overlap`,
    evidence: `the first DMA ranges of ${String(mapped)} of ${String(buffers)} buffers: ${String(overlapping)} overlap the one before${first}`,
  };
}

function judgeMapTwice(lines: readonly FactLine[]): Judgement {
  const [fact] = facts(lines, 'maps');
  if (fact === undefined) return NOTHING_SAID;
  const { error = 0, sameTable = 0, address = 0, secondAddress = 0 } = fact.numbers();
  if (error !== 0) return { holds: false, value: errnoName(error), evidence: `${fact.text('step')}: ${errnoName(error)}` };
  const same = address === secondAddress;
  return { holds: same, value: sameTable === 1 ? 'the same table' : same ? 'a new table, alike' : 'another address', evidence: `${sameTable === 1 ? 'one table is given twice' : 'each mapping has a table of its own'}; first address ${hex(address)}, then ${hex(secondAddress)}` };
}

/** Where the bytes of one transfer ended. */
function dmaFault(fact: Fact): string | null {
  const { error = 0, bytes = 0, landed = 0, address = 0, lowAfter = -1, lowBefore = -1 } = fact.numbers();
  if (error !== 0) return `${fact.text('step')}: ${errnoName(error)}`;
  if (landed === bytes) return null;
  if (lowAfter === bytes && lowBefore < bytes) return `lands at ${hex(address)}`;
  return 'lands nowhere';
}

function sayDma(fact: Fact): string {
  const { bytes = 0, landed = 0, changed = 0, offset = 0, address = 0, first = 0, physical = 0, lowAfter = -1, lowBefore = -1, entries = 0 } = fact.numbers();
  const low = lowAfter < 0 ? '' : `; at guest-physical ${hex(address)} ${String(lowAfter)} bytes of the pattern, ${String(Math.max(0, lowBefore))} before`;
  return `${String(bytes)} bytes for offset ${String(offset)}: the table (${count(entries)}, first address ${hex(first)}, first page at ${hex(physical)}) says ${hex(address)}; ${String(landed)} of them are in the buffer, of which ${String(changed)} bytes changed${low}`;
}

function judgeDma(lines: readonly FactLine[]): Judgement {
  const moved = facts(lines, 'dma');
  const wrong = moved.map(dmaFault).find((fault) => fault !== null);
  return { holds: moved.length > 0 && wrong === undefined, value: wrong ?? 'lands in the buffer', evidence: moved.map(sayDma).join('; ') };
}

function judgeDmaIommu(lines: readonly FactLine[]): Judgement {
  const [fact] = facts(lines, 'dma');
  const judged = judgeDma(lines);
  const translated = fact !== undefined && fact.number('withoutPage') === 0 && fact.number('first') !== fact.number('physical');
  if (judged.holds === true && !translated) return { ...judged, holds: null, value: 'not translated' };
  return { ...judged, value: judged.holds === true ? 'lands, translated' : judged.value };
}

function judgeFragmented(lines: readonly FactLine[]): Judgement {
  const [table] = facts(lines, 'table');
  const judged = judgeDma(lines);
  const fault = table === undefined ? 'no table' : tableFault(table);
  const entries = table?.number('entries') ?? 0;
  const evidence = [...(table === undefined ? [] : [sayTable(table)]), judged.evidence].join('; ');
  if (judged.holds === true && fault === null && entries < 2) return { holds: null, value: 'not scattered', evidence };
  const value = judged.holds === true ? (fault ?? `lands, ${String(entries)} entries`) : judged.value;
  return { holds: judged.holds === true && fault === null, value, evidence };
}

function sayCamera(fact: Fact): string {
  const { size = 0, picture = 0, written = 0, entries = 0, contiguous = 0, physicalContiguous = 0, address = 0, physical = 0, error = 0, streamError = 0 } = fact.numbers();
  const taken = error !== 0 ? `VIDIOC_QBUF: ${errnoName(error)}` : streamError !== 0 ? `taken, then ${errnoName(streamError)}` : `taken, ${String(written)} of ${String(picture)} bytes of the picture written`;
  return `vivid (${fact.text('allocator')}), a buffer of ${String(size)} bytes: ${taken}; ${count(entries)}, ${String(contiguous)} bytes contiguous by the table from ${hex(address)}, ${String(physicalContiguous)} by its pages from ${hex(physical)}`;
}

/** What vb2-dma-contig takes, it would have a device write to in one piece. */
function judgeDmaContig(lines: readonly FactLine[]): Judgement {
  const [fact] = facts(lines, 'camera');
  if (fact === undefined) return NOTHING_SAID;
  const { error = 0, size = 0, physicalContiguous = 0, address = 0, physical = 0 } = fact.numbers();
  const fits = physicalContiguous >= size;
  const evidence = sayCamera(fact);
  if (error === 0 && address !== physical) return { holds: false, value: `taken at ${hex(address)}`, evidence };
  if (fits) return { holds: error === 0, value: error === 0 ? 'contiguous, taken' : `refused: ${errnoName(error)}`, evidence };
  return { holds: error !== 0, value: error !== 0 ? `refused: ${errnoName(error)}` : 'taken as contiguous', evidence };
}

function judgeVmalloc(lines: readonly FactLine[]): Judgement {
  const [fact] = facts(lines, 'camera');
  if (fact === undefined) return NOTHING_SAID;
  const { error = 0, streamError = 0, written = 0, picture = 0 } = fact.numbers();
  // A byte of the picture may happen to be the one that the buffer was filled with.
  const holds = error === 0 && streamError === 0 && written > picture * 0.95;
  return { holds, value: holds ? 'taken and filled' : error !== 0 ? `refused: ${errnoName(error)}` : 'taken, not filled', evidence: sayCamera(fact) };
}

function judgeForeign(lines: readonly FactLine[]): Judgement {
  const own = facts(lines, 'own')[0]?.names('names') ?? {};
  const others = facts(lines, 'foreign');
  const made = others.filter((fact) => fact.number('madeError') === 0);
  const evidence = others.map(sayForeign).join('; ');
  if (made.length === 0) return { holds: null, value: 'no foreign buffer', evidence };
  if (own['fake'] === 1) return { holds: false, value: 'not to be told', evidence: `an importer takes the address for an id, and a foreign table of one entry looks the same: ${evidence}` };
  const wrong = made.find((fact) => {
    const names = fact.names('names');
    return (names['hostId'] ?? 0) !== 0 || names['resourceId'] !== undefined || fact.number('uuidError') === 0;
  });
  if (wrong !== undefined) return { holds: false, value: `${wrong.text('exporter')} has an id`, evidence };
  const [first] = made;
  const names = first?.names('names') ?? {};
  const value = names['resourceIdError'] === undefined ? (names['hostId'] === undefined ? errnoName(first?.number('uuidError') ?? 0) : 'field is 0') : errnoName(names['resourceIdError']);
  return { holds: true, value: made.length === others.length ? value : `${value} (${String(made.length)} of ${String(others.length)})`, evidence };
}

function sayForeign(fact: Fact): string {
  const error = fact.number('madeError');
  if (error !== 0) return `${fact.text('exporter')}: not to be had, ${errnoName(error)}`;
  const { address = 0, hostId, resourceId, resourceIdError } = fact.names('names');
  const field = hostId === undefined ? '' : `, host_id ${String(hostId)}`;
  const helper = resourceIdError === undefined && resourceId === undefined ? '' : `, resource id ${resourceIdError === undefined ? String(resourceId) : errnoName(resourceIdError)}`;
  return `${fact.text('exporter')}: UUID ${errnoName(fact.number('uuidError'))}${field}${helper}, address ${hex(address)}`;
}

function judgeEarly(lines: readonly FactLine[]): Judgement {
  const offered = facts(lines, 'early').filter(isOffered);
  const [shown] = offered;
  if (shown === undefined) return { holds: null, value: 'no id', evidence: 'no id is handed out' };
  const { buffers = 0, answered = 0, pending = 0, again = 0 } = shown.numbers();
  return {
    holds: pending === 0, value: pending === 0 ? 'after the host' : `${String(pending)} of ${String(buffers)} before`,
    evidence: `${CHANNELS[shown.text('channel')] ?? ''} asked right after export: ${String(answered)} of ${String(buffers)} answered, ${String(again)} told to ask again; for ${String(pending)} the host had not yet answered the command that makes the resource`,
  };
}

function judgeLifetime(lines: readonly FactLine[]): Judgement {
  const held = facts(lines, 'held');
  const wrong = held.find((fact) => fact.number('error') !== 0 || fact.number('contentCrc') !== fact.number('userCrc') || fact.number('sameAddress') !== 1);
  const evidence = held.map((fact) => {
    const { error = 0, contentCrc = 0, userCrc = 0, sameAddress = 0 } = fact.numbers();
    return `closed in the order ${fact.text('order')}: ${error === 0 ? `CRC ${hex(contentCrc)} for ${hex(userCrc)}, ${sameAddress === 1 ? 'the same address' : 'ANOTHER ADDRESS'}` : errnoName(error)}`;
  }).join('; ');
  return { holds: held.length > 0 && wrong === undefined, value: wrong === undefined ? `kept, ${String(held.length)} orders` : 'not kept', evidence };
}

function judgeNamespace(lines: readonly FactLine[]): Judgement {
  const [pair] = facts(lines, 'pair');
  if (pair === undefined) return NOTHING_SAID;
  const [one, other] = [pair.names('one'), pair.names('other')];
  const id = String(pair.number('id'));
  const given = Object.keys(CHANNELS).filter((channel) => (channel === 'address' ? one['fake'] === 1 : one[channel] !== undefined));
  if (given.length === 0) return { ...noId(lines), evidence: `resource ${id} on both GPUs; ${noId(lines).evidence}` };
  const apart = given.includes('resourceId') ? one['device'] !== other['device'] : given.some((channel) => one[channel] !== other[channel]);
  const said = given.map((channel) => `${CHANNELS[channel] ?? ''} ${String(one[channel])} and ${String(other[channel])}${channel === 'resourceId' ? ` of devices ${String(one['device'])} and ${String(other['device'])}` : ''}`).join('; ');
  return { holds: apart, value: apart ? `${id} of 2 devices` : `${id} twice`, evidence: `resource ${id} on both GPUs; ${said}` };
}

function judgeStale(lines: readonly FactLine[]): Judgement {
  const own = facts(lines, 'own')[0]?.names('names') ?? {};
  const { id = 0, reusedWhileHeld = 0, reusedAfter = 0 } = facts(lines, 'stale')[0]?.numbers() ?? {};
  const evidence = `resource ${String(id)}: ${reusedWhileHeld === 0 ? 'given to nobody else' : 'GIVEN TO ANOTHER BUFFER'} while an importer held it; after that ${reusedAfter === 0 ? 'not used again in 64 buffers' : `buffer number ${String(reusedAfter)} had it`}`;
  if (reusedWhileHeld > 0) return { holds: false, value: 'reused while held', evidence };
  const named = own['fake'] === 1 || own['hostId'] !== undefined || own['resourceId'] !== undefined;
  if (!named) return { holds: null, value: 'no id', evidence };
  return { holds: reusedAfter === 0, value: reusedAfter === 0 ? 'not reused' : 'safe held, then reused', evidence };
}

function count(entries: number): string {
  return entries === 1 ? '1 entry' : `${String(entries)} entries`;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
