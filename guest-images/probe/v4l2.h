/*
 * What every V4L2 source needs: a device found by its driver's name, queues of buffers, and waiting with a limit. Single-planar API only.
 * Refuses to know codecs and cameras.
 */
#ifndef V4L2_H
#define V4L2_H

#include "fault.h"
#include "pool.h"
#include "v4l2-format.h"

#include <stdbool.h>

#define V4L2_BUFFERS 4				/* per queue: one being read, one waiting, one being written, one to spare */
#define V4L2_LIMIT_MS 20000			/* for whatever a driver owes; the host gives up after 40 s without a word */

struct v4l2_slot {
	bool queued;				/* the driver has it */
	bool taken;				/* it came back, and somebody reads it or is about to fill it */
	uint8_t *map;				/* owned; NULL; V4L2_MEMORY_MMAP only */
	size_t len;				/* of map */
	struct buffer *buffer;			/* borrowed; NULL; V4L2_MEMORY_DMABUF only: ours while queued or taken, else only remembered */
};

struct v4l2_queue {
	int fd;					/* borrowed */
	uint32_t type, memory;			/* enum v4l2_buf_type, enum v4l2_memory */
	struct pool *pool;			/* borrowed; NULL: V4L2_MEMORY_MMAP */
	int count;				/* of slots; 0: the driver has no buffers */
	bool streaming;
	struct v4l2_slot slot[V4L2_BUFFERS];
};

struct v4l2_taken {
	int index;
	size_t bytes;
	int64_t time_us;
	uint32_t sequence;
	bool error, last;
};

/*
 * Opens the first video node of this driver that `fits`, which may ask the open node. The descriptor, non-blocking, is the caller's. -1:
 * see f, which names the drivers that were found instead.
 */
int v4l2_open(const char *driver, bool (*fits)(int fd, uint32_t capabilities), struct fault *f);

/* ioctl(), again when a signal came between. -1 and errno. */
int v4l2_ioctl(int fd, unsigned long request, void *argument);

/* Is this format among those that the node names for this type? */
bool v4l2_offers(int fd, uint32_t type, uint32_t fourcc);

/* *pix is what the driver made of the wish; a fault when it is of another pixel format. */
int v4l2_set_format(int fd, uint32_t type, uint32_t fourcc, int width, int height, struct v4l2_pix_format *pix, struct fault *f);

/* Buffers of the driver's own, mapped; or, with a pool, places for buffers of it. On -1 v4l2_queue_fini() all the same. */
int v4l2_queue_init(struct v4l2_queue *q, int fd, uint32_t type, struct pool *pool, struct fault *f);

/*
 * CAPTURE: gives the driver every buffer that is free. Those of a pool have rows of `pitch` bytes and at least `bytes` bytes, and are idle:
 * pool_take() has waited for the host, and us->wait says how long.
 */
int v4l2_queue_fill(struct v4l2_queue *q, uint32_t pitch, size_t bytes, struct times *us, struct fault *f);

/* OUTPUT: gives the driver the first `bytes` bytes of a slot that is free, with a time of its own. */
int v4l2_queue_put(struct v4l2_queue *q, int index, size_t bytes, int64_t time_us, struct fault *f);

/* Takes a buffer back from the driver; never waits. 1: *taken. 0: there is none now, or none any more. -1: see f. */
int v4l2_queue_take(struct v4l2_queue *q, struct v4l2_taken *taken, struct fault *f);

/* Done with what was taken: the slot is free, and a buffer of a pool goes back to it. */
void v4l2_queue_return(struct v4l2_queue *q, int index);

/* A slot that is free; -1: none. */
int v4l2_queue_free(const struct v4l2_queue *q);

/* The taken slot whose bytes begin here; -1: none. */
int v4l2_queue_find(const struct v4l2_queue *q, const uint8_t *bytes);

/* The bytes of a slot, and how many. */
uint8_t *v4l2_slot_bytes(const struct v4l2_slot *slot, size_t *len);

int v4l2_queue_start(struct v4l2_queue *q, struct fault *f);

/* Stops it, and frees its buffers or gives them back. Safe half-made, safe twice. */
void v4l2_queue_fini(struct v4l2_queue *q);

/* Waits until one of poll()'s events is there. -1: see f, which says what it waited for. */
int v4l2_wait(int fd, short events, const char *what, struct fault *f);

#endif
