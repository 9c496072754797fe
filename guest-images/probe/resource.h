/*
 * A virtio-gpu resource with pages in the guest, by the driver's own ioctls: made, exported, mapped. Refuses to know GL, and what the resource
 * is for.
 */
#ifndef RESOURCE_H
#define RESOURCE_H

#include "fault.h"

#include <stddef.h>
#include <stdint.h>

struct resource {
	int fd;					/* borrowed: of the device */
	uint32_t handle;			/* owned; 0 */
	uint32_t id;				/* what the host knows it by; 0: not asked yet */
	int dmabuf;				/* owned; -1 */
	size_t size;
	uint8_t *map;				/* owned; NULL */
};

/* Made and exported; its id is not asked, so that nothing waits. On -1 resource_fini() all the same. */
int resource_init(struct resource *r, int fd, size_t size, struct fault *f);
int resource_learn_id(struct resource *r, struct fault *f);
int resource_map(struct resource *r, uint8_t fill, struct fault *f);	/* and fills it */
void resource_close_handle(struct resource *r);
void resource_close_dmabuf(struct resource *r);
void resource_fini(struct resource *r);		/* safe half-made, safe twice */

/* Another virtio_gpu than the first: its descriptor, or -1 and errno. */
int resource_second_gpu(void);

#endif
