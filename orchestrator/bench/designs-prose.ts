// What docs/designs-2019.md says of the thread: the frame into which a run's answers are put. Claims nothing that a run has to show.
import type { Property } from '../src/contract/property.ts';

export const INTRODUCTION = `A video decoder behind one virtio device is to write into a buffer of another, virtio-gpu, so that Virgil3D samples the picture without a copy. In the
guest the buffer is a dma-buf that both drivers hold. On the host it has a name: the resource id of virtio-gpu. How does the decoder's driver learn it?

In September 2019 an RFC ([20190912094121.228435-1-tfiga@chromium.org](https://lore.kernel.org/r/20190912094121.228435-1-tfiga@chromium.org)) proposed to hand out the id as
the DMA address of the scatterlist. It was answered with two other ways, and a third one was merged. Nobody could run the four side by side. Here they
have been: the same kernel four times, each with one design, and in each the same driver that imports
([kernel-patches/drivers/vlab-importer](../kernel-patches/drivers/vlab-importer/README.md)) and asks.`;

export const DESIGNS: readonly { name: string; who: string; how: string }[] = [
  { name: 'baseline-uuid', who: 'what was merged in 2020', how: 'a UUID, which the host must hand out' },
  { name: 'rfc-handle-as-dma-address', who: 'Tomasz Figa, the RFC', how: 'the id is the DMA address of a table with one entry' },
  { name: 'host-id-field', who: 'Gerd Hoffmann, in answer', how: 'the id is an optional field of `struct dma_buf`' },
  { name: 'upcast-resource-id', who: 'Daniel Vetter, in answer', how: 'virtio drivers ask virtio_dma_buf for device and id' },
];

/** Each point of the thread, and the properties that it comes down to. */
export const POINTS: readonly { heading: string; said: string; properties: readonly Property[] }[] = [
  {
    heading: 'Is the name right?',
    said: 'The point of the exercise: for each of 72 buffers of different sizes, all alive at once, the name that the importer gets is held against `RESOURCE_INFO`, which is virtio-gpu\'s own word.',
    properties: ['id', 'uuid'],
  },
  {
    heading: 'A scatterlist holds guest DMA addresses',
    said: 'The first objection to the RFC (Gerd Hoffmann). It is about everybody else: a table is also what every other importer goes by, and none of them can tell an id from an address. `scatterlist` looks at the table, `dynamic` does so as the other kind of importer; `dma` has QEMU\'s edu device write 4 KiB to where the table says, `dma-iommu` behind a virtual IOMMU, `fragmented` into a buffer whose pages lie apart. `dma-contig` and `vmalloc` are videobuf2, importing for vivid: the one wants contiguous memory and must refuse a scattered buffer, the other only ever maps the pages.',
    properties: ['scatterlist', 'dynamic', 'dma', 'dma-iommu', 'fragmented', 'dma-contig', 'vmalloc'],
  },
  {
    heading: 'Cookies must at least form an address space',
    said: 'His second: if ids were addresses, ranges of addresses would be ranges of ids: a buffer of 16 KiB with id 5 would reach over the ids 6, 7 and on.',
    properties: ['ranges'],
  },
  {
    heading: 'Ids are a bus of their own',
    said: 'Daniel Vetter\'s: an id means something to one device only. With two virtio-gpus that number their resources from 1 (`virtio_gpu.virglhack=0`) two buffers have one id; whoever gets it must be able to tell them apart. And whoever asks about a buffer that is none of virtio-gpu\'s must be told so.',
    properties: ['namespace', 'foreign'],
  },
  {
    heading: 'What the thread did not come to: when, and for how long',
    said: 'virtio-gpu gives an id to a buffer when the command that makes the resource is *queued*. A second device with a queue of its own may reach the host first (`early`: the importer asks right after export, and looks whether the fence of that command has signalled). An id is good as long as the buffer is held (`lifetime`: held by the importer alone, after user space let go in three orders), and is somebody else\'s afterwards, where ids are used again (`stale`). `map-twice` asks whether a second mapping says the same.',
    properties: ['early', 'lifetime', 'stale', 'map-twice'],
  },
];

export const LIMITS = `- The UUID of the merged design could not be had: QEMU's own virtio-gpu does not offer \`VIRTIO_GPU_F_RESOURCE_UUID\`. \`-ENODEV\` is what its users get there too.
- That the importing device can resolve an id on the host is between it and the host. No stock QEMU has such a device; the importer stands in for its driver.
- Where a design's answer is an id, it is the id that is judged, not how a host would take it.
- \`early\` counts how often the host had not answered yet; how often that is depends on the host's load. That it is not never is the point.`;
