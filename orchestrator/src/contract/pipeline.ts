// The paths from coded bits to a sampled texture, and what each wants of its surroundings; docs/pipelines.md draws each.
import * as z from 'zod';

export const Codec = z.enum(['h264', 'hevc', 'vp8', 'vp9', 'av1', 'mpeg2', 'ffv1', 'fwht']);
export type Codec = z.infer<typeof Codec>;

export const Pipeline = z.enum([
  'upload', 'dmabuf-copy', 'dmabuf-direct', 'v4l2-upload', 'v4l2-dmabuf', 'v4l2-scanout', 'capture-dmabuf', 'edu-dma', 'blob-guest', 'blob-host3d', 'venus-sample',
  'native-upload', 'vtest-upload', 'gst-upload', 'gst-dmabuf',
]);
export type Pipeline = z.infer<typeof Pipeline>;

/** Where a pipeline's pictures come from. `libav`: FFmpeg's decoders; `vicodec`: the kernel's FWHT decoder; `camera`: no clip at all. */
export type Source = 'libav' | 'vicodec' | 'camera';

/** `guest`: in the guest of the run. `native`, `vtest`: a control in a container on the host, with the host's renderer and with virgl_test_server. */
export type Place = 'guest' | 'native' | 'vtest';

export type PipelineTraits = { readonly source: Source; readonly place: Place; readonly renderer: string; readonly ring: number; readonly peer: boolean; readonly byDevice: boolean };

const GUEST = { source: 'libav', place: 'guest', renderer: 'virgl', ring: 2, peer: false, byDevice: false } as const;

/**
 * `renderer`: how GL_RENDERER must begin; empty where any will do. `ring`: how many buffers take turns, where that is fixed; else 0. `peer`:
 * another project does the work, so its own death is not the kernel's doing. `byDevice`: a device's DMA puts the picture into memory, not the
 * decoder.
 */
export const PIPELINES: Readonly<Record<Pipeline, PipelineTraits>> = {
  'upload': { ...GUEST, ring: 1 },
  'dmabuf-copy': GUEST,
  'dmabuf-direct': { ...GUEST, ring: 0 },
  'v4l2-upload': { ...GUEST, source: 'vicodec', ring: 1 },
  'v4l2-dmabuf': { ...GUEST, source: 'vicodec', ring: 0 },
  'v4l2-scanout': { ...GUEST, source: 'vicodec', renderer: '', ring: 0 },
  'capture-dmabuf': { ...GUEST, source: 'camera', ring: 0 },
  'edu-dma': { ...GUEST, byDevice: true },
  'blob-guest': GUEST,
  'blob-host3d': GUEST,
  'venus-sample': { ...GUEST, renderer: '' },
  'native-upload': { ...GUEST, place: 'native', renderer: 'llvmpipe', ring: 1 },
  'vtest-upload': { ...GUEST, place: 'vtest', ring: 1 },
  'gst-upload': { ...GUEST, ring: 0, peer: true },
  'gst-dmabuf': { ...GUEST, source: 'vicodec', ring: 0, peer: true },
};

/** What a camera's row is told to have as its clip. */
export const NO_CLIP = 'none';

export function canDecode(pipeline: Pipeline, codec: Codec | 'any'): boolean {
  switch (PIPELINES[pipeline].source) {
    case 'camera': return false;
    case 'vicodec': return codec === 'fwht';
    case 'libav': return codec !== 'fwht';
  }
}
