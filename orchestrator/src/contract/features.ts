// What the virtio-gpu driver says of its device in debugfs (virtio_gpu_features() in drivers/gpu/drm/virtio/virtgpu_debugfs.c): one line for
// each feature, a name, a colon and a value.

export function parseFeatures(text: string): Record<string, string> {
  return Object.fromEntries(text.split('\n').flatMap((line) => {
    const match = /^\s*(.+?)\s*:\s*(.*?)\s*$/.exec(line);
    return match === null ? [] : [[match[1] ?? '', match[2] ?? '']];
  }));
}

/** Whether the device offers Virgil3D, whatever became of the offer. */
export function offersVirgl(text: string): boolean {
  return parseFeatures(text)['virgl'] === 'yes';
}
