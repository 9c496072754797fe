/* Which device node is virtio-gpu's: another driver may have come first, such as the test importer. Without libdrm, for the static probe. */
#ifndef NODE_H
#define NODE_H

/*
 * The primary node of the first virtio-gpu, by its driver's name; the first node there is where none is one, so that whoever opens it can say
 * what is there instead. `folder` is /dev/dri; another in a test. Until the next call.
 */
const char *gpu_node(const char *folder);

#endif
