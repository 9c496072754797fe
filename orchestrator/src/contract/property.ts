// What may be asked of virtio-gpu's dma-bufs through the guest's test importer, and what came of it.
import * as z from 'zod';
import type { Device } from './device.ts';

export const Property = z.enum([
  'id', 'uuid', 'scatterlist', 'ranges', 'map-twice', 'dynamic', 'dma', 'dma-iommu', 'fragmented', 'dma-contig', 'vmalloc', 'foreign', 'early', 'lifetime', 'namespace', 'stale',
]);
export type Property = z.infer<typeof Property>;

/** `asks`: the question. `binding`: a kernel that does not have it has failed; else it is an answer like any other. `on`: the devices it can be asked on. */
export type PropertyTraits = { readonly asks: string; readonly binding: boolean; readonly on: 'any' | 'iommu' | 'two-gpus' };

export const PROPERTIES: Readonly<Record<Property, PropertyTraits>> = {
  'id': { asks: 'Is the id that an importer gets the one by which the host knows the buffer, for every buffer?', binding: true, on: 'any' },
  'uuid': { asks: 'Where the host gives UUIDs: is each distinct, the same when asked again, and not zero?', binding: true, on: 'any' },
  'scatterlist': { asks: 'Does the table say where the buffer is: entries with pages, lengths that add up to its size, and in those pages what user space sees?', binding: true, on: 'any' },
  'ranges': { asks: 'Do the address ranges of different buffers stay apart?', binding: true, on: 'any' },
  'map-twice': { asks: 'Does a second mapping of one attachment have the same address?', binding: false, on: 'any' },
  'dynamic': { asks: 'Does a dynamic importer get a table that is a table?', binding: true, on: 'any' },
  'dma': { asks: 'Do the bytes that a real device writes by DMA land in the buffer?', binding: true, on: 'any' },
  'dma-iommu': { asks: 'The same behind a virtual IOMMU that translates.', binding: true, on: 'iommu' },
  'fragmented': { asks: 'The same in the first, the middle and the last page of a buffer whose pages are scattered.', binding: true, on: 'any' },
  'dma-contig': { asks: 'Does vb2-dma-contig, which wants contiguous memory, refuse a scattered buffer?', binding: true, on: 'any' },
  'vmalloc': { asks: 'Does vb2-vmalloc, which only maps the pages, import a buffer and fill it?', binding: true, on: 'any' },
  'foreign': { asks: 'Asked about a buffer of udmabuf, the system heap or vgem: is it clear that it is no resource of the host?', binding: true, on: 'any' },
  'early': { asks: 'Is an id given out only once the host has made the resource?', binding: false, on: 'any' },
  'lifetime': { asks: 'Is a buffer that only an importer holds still what it was, in whichever order the others let go?', binding: true, on: 'any' },
  'namespace': { asks: 'With two GPUs that number their resources alike: can two buffers with one id be told apart?', binding: false, on: 'two-gpus' },
  'stale': { asks: 'Where ids are used again: is an id safe while its buffer is held, and what is it afterwards?', binding: false, on: 'two-gpus' },
};

function kindOf(device: Device): PropertyTraits['on'] {
  if (device.endsWith('-iommu')) return 'iommu';
  return device === 'virgl-two-gpus' ? 'two-gpus' : 'any';
}

/**
 * Which of a job's properties are asked in its run on `device`. What wants a device of its own is asked there only; the others on every plain
 * device, and on the special ones only where the job has no plain one.
 */
export function propertiesOn(device: Device, asked: readonly Property[], devices: readonly Device[]): Property[] {
  const kind = kindOf(device);
  const plain = devices.some((one) => kindOf(one) === 'any');
  return asked.filter((property) => {
    const { on } = PROPERTIES[property];
    return on === kind || (on === 'any' && !plain);
  });
}

/** The driver of kernel-patches/drivers/ through which all of them are asked. */
export const IMPORTER_DRIVER = 'vlab-importer';

export const PropertyResult = z.strictObject({
  property: Property,
  asked: z.boolean().describe('whether the importer answered'),
  holds: z.boolean().nullable().describe('null where it could not be asked, or the kernel claims nothing of the kind'),
  binding: z.boolean().describe('whether a kernel has failed that does not have it'),
  value: z.string().describe('a few words, for a table'),
  evidence: z.string().describe('the numbers'),
});
export type PropertyResult = z.infer<typeof PropertyResult>;
