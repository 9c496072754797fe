/*
 * virtio-gpu buffers that a picture may be written into: mapped, exported as a dma-buf, imported as a texture. Refuses to know what is written.
 */
#ifndef POOL_H
#define POOL_H

#include "clock.h"
#include "fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POOL_MAX 32
#define SENTINEL 0xa5				/* fills every buffer and texture once: a row that never arrives shows */

struct gpu;
struct gbm_bo;

/*
 * CLASSIC: a resource whose pages in the guest are brought to the host by transfers. BLOB_GUEST: a blob of guest pages that the host may
 * read itself. BLOB_HOST3D: a blob of the host's that the guest maps.
 */
enum backing { CLASSIC, BLOB_GUEST, BLOB_HOST3D };

struct buffer {
	struct gbm_bo *bo;			/* owned; NULL unless CLASSIC */
	uint32_t handle;			/* GEM handle on gpu->fd; the bo's own when there is one: never close that, Mesa has not counted ours */
	int dmabuf;				/* owned; -1 */
	uint8_t *map;				/* owned; NULL */
	size_t len;				/* of map, in bytes */
	uint32_t pitch, rows;			/* of the image over it, in bytes and rows */
	void *image;				/* EGLImageKHR; owned; NULL */
	unsigned int texture;			/* owned; 0 */
	bool busy;				/* taken and not given back */
};

struct pool {
	struct gpu *gpu;			/* borrowed */
	int importer;				/* owned, see pool_dma_fini(); 0: bytes come into a buffer by the CPU, else by a device that this imports for */
	enum backing backing;
	bool xrgb;				/* the image is XRGB8888 and not R8 */
	int ring;				/* so many buffers take turns; 0: as many as are asked for */
	int next;				/* of a ring */
	int count;
	struct buffer buffer[POOL_MAX];
};

/*
 * An idle buffer whose image is `pitch` bytes wide and has at least `bytes` bytes: waits until the host has read it, and adds to us->wait. Makes
 * it where there is none. NULL: see f.
 */
struct buffer *pool_take(struct pool *pool, uint32_t pitch, size_t bytes, struct times *us, struct fault *f);
void pool_give(struct pool *pool, struct buffer *buffer);

/* Brings rows [0, rows) of `width` bytes to the host. */
int pool_transfer(struct pool *pool, struct buffer *b, uint32_t width, uint32_t rows, struct fault *f);

void pool_fini(struct pool *pool);		/* safe half-made, safe twice */

/* pool-dma.c: opens the test importer, for all shapes of a clip; has its device write into a buffer. */
int pool_dma_init(struct pool *pool, struct fault *f);
void pool_dma_fini(struct pool *pool);		/* safe twice, and where it was never opened */
int pool_dma_write(struct pool *pool, struct buffer *b, const uint8_t *bytes, size_t len, struct fault *f);

/* pool-blob.c: makes the resource of a BLOB_* buffer, exports and maps it. */
int pool_blob_make(struct pool *pool, struct buffer *b, struct fault *f);

#endif
