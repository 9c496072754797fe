#include "importer.h"
#include "pool.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* QEMU's edu takes 100 ms for 4 KiB into it, and as long again out of it: a frame that is larger would take seconds. */
#define FRAME_MAX (32u << 10)

int pool_dma_init(struct pool *pool, struct fault *f)
{
	int features;

	pool->importer = importer_open();
	if (pool->importer < 0) {
		pool->importer = 0;
		return fault(f, UNSUPPORTED, "setup", "a device that does DMA needs a driver that imports dma-bufs: " IMPORTER ": %s", strerror(errno));
	}
	features = importer_features(pool->importer);
	if (features < 0 || !(features & VLAB_IMPORTER_HAS_EDU))
		return fault(f, UNSUPPORTED, "setup", IMPORTER ": %s", features < 0 ? strerror(errno) : "this guest has no edu device");
	return 0;
}

void pool_dma_fini(struct pool *pool)
{
	if (pool->importer)
		close(pool->importer);
	pool->importer = 0;
}

int pool_dma_write(struct pool *pool, struct buffer *b, const uint8_t *bytes, size_t len, struct fault *f)
{
	struct vlab_importer_call call;

	if (len > FRAME_MAX)
		return fault(f, UNSUPPORTED, "copy", "the edu device takes 200 ms for 4 KiB; a frame of %zu bytes is more than the %u that are tried", len, FRAME_MAX);
	if (importer_edu_write(pool->importer, b->dmabuf, 0, bytes, len, &call))
		return fault(f, FAILED, "copy", "EDU_WRITE: %s", strerror(errno));
	return call.error ? fault(f, FAILED, "copy", "the edu device, in %s: %s", importer_step(&call), strerror(-call.error)) : 0;
}
