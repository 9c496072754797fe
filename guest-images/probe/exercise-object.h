/* A GEM object of virtio-gpu under its owner's hands: made, mapped, sent, read back, shared, closed. Plain ioctls; refuses to judge. */
#ifndef EXERCISE_OBJECT_H
#define EXERCISE_OBJECT_H

#include "gpu-ioctl.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct object {
	int file;				/* borrowed; the open file of the device that has the handle */
	uint32_t handle;			/* owned; 0 when closed */
	uint32_t id;				/* of the resource on the host; as RESOURCE_CREATE said, or RESOURCE_INFO where that made none */
	uint32_t width, height, pitch;		/* of 32-bit pixels: in pixels, rows, bytes */
	size_t size;				/* of the mapping, in bytes */
	uint32_t *map;				/* owned; NULL */
};

/* All: 0, or -1 and errno. */
int object_create(struct object *o, int file, uint32_t width, uint32_t height);
int object_dumb(struct object *o, int file, uint32_t width, uint32_t height);
int object_import(struct object *o, int file, int dmabuf, const struct object *like);
int object_export(const struct object *o);	/* the dma-buf, or -1 */
int object_info(int file, uint32_t handle, uint32_t *id);
int object_map(struct object *o);
int object_send(const struct object *o);	/* all of it to the host; does not wait */
int object_fetch(const struct object *o, uint32_t row, uint32_t rows);	/* rows of it from the host, to the begin of the pages; does not wait */
int object_wait(const struct object *o, bool nowait);
int object_close(struct object *o);		/* the handle alone; safe twice */
void object_unmap(struct object *o);		/* safe twice */
void object_fini(struct object *o);		/* both */

#endif
