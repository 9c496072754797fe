#include "pool.h"
#include "gpu.h"
#include "virtgpu.h"

#include <drm_fourcc.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>

static int make_classic(struct pool *pool, struct buffer *b, struct fault *f)
{
	uint32_t width = pool->xrgb ? b->pitch / 4 : b->pitch;

	b->bo = gbm_bo_create(pool->gpu->gbm, width, b->rows, pool->xrgb ? GBM_FORMAT_XRGB8888 : GBM_FORMAT_R8,
			      GBM_BO_USE_LINEAR | GBM_BO_USE_RENDERING);
	if (!b->bo)
		return fault(f, UNSUPPORTED, "setup", "gbm_bo_create of %u x %u: %s", width, b->rows, strerror(errno));
	if (gbm_bo_get_stride(b->bo) != b->pitch)
		return fault(f, UNSUPPORTED, "setup", "the buffer's stride is %u, wanted %u", gbm_bo_get_stride(b->bo), b->pitch);
	b->handle = gbm_bo_get_handle(b->bo).u32;
	return 0;
}

/*
 * Mesa must have exported the buffer itself before it imports it: only then does it find it again by its handle. Else it has two owners of one
 * handle, and the second to go closes whatever has got that number since.
 */
static int known_to_mesa(struct buffer *b, struct fault *f)
{
	int fd = gbm_bo_get_fd(b->bo);

	if (fd < 0)
		return fault(f, FAILED, "setup", "gbm_bo_get_fd: %s", strerror(errno));
	close(fd);
	return 0;
}

static int map(struct pool *pool, struct buffer *b, struct fault *f)
{
	off_t end;

	/* Before gbm_bo_get_fd(): the first export decides for all, and Mesa's cannot be mapped for writing. */
	if (drmPrimeHandleToFD(pool->gpu->fd, b->handle, DRM_CLOEXEC | DRM_RDWR, &b->dmabuf)) {
		b->dmabuf = -1;
		return fault(f, FAILED, "setup", "export: %s", strerror(errno));
	}
	if (b->bo && known_to_mesa(b, f))
		return -1;
	end = lseek(b->dmabuf, 0, SEEK_END);
	if (end < (off_t)b->pitch * b->rows)
		return fault(f, FAILED, "setup", "a dma-buf of %lld bytes for %u x %u", (long long)end, b->pitch, b->rows);
	/* Never map it through GBM or GL: that reads the host's content back over these pages. */
	b->map = mmap(NULL, end, PROT_READ | PROT_WRITE, MAP_SHARED, b->dmabuf, 0);
	if (b->map == MAP_FAILED) {
		b->map = NULL;
		return fault(f, pool->backing == CLASSIC ? FAILED : UNSUPPORTED, "setup", "mmap of the dma-buf: %s", strerror(errno));
	}
	b->len = end;
	return 0;
}

static int import(struct pool *pool, struct buffer *b, struct fault *f)
{
	struct gpu *gpu = pool->gpu;
	const EGLint attributes[] = {
		EGL_WIDTH, pool->xrgb ? b->pitch / 4 : b->pitch, EGL_HEIGHT, b->rows,
		EGL_LINUX_DRM_FOURCC_EXT, pool->xrgb ? DRM_FORMAT_XRGB8888 : DRM_FORMAT_R8,
		EGL_DMA_BUF_PLANE0_FD_EXT, b->dmabuf, EGL_DMA_BUF_PLANE0_OFFSET_EXT, 0, EGL_DMA_BUF_PLANE0_PITCH_EXT, b->pitch,
		EGL_NONE,
	};

	b->image = gpu->create_image(gpu->display, EGL_NO_CONTEXT, EGL_LINUX_DMA_BUF_EXT, NULL, attributes);
	if (b->image == EGL_NO_IMAGE_KHR)
		return fault(f, UNSUPPORTED, "setup", "import of the dma-buf: EGL error 0x%04x", (unsigned int)eglGetError());
	glGenTextures(1, &b->texture);
	glActiveTexture(GL_TEXTURE0);
	glBindTexture(GL_TEXTURE_2D, b->texture);
	gpu->image_target_texture(GL_TEXTURE_2D, b->image);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
	return gpu_check("setup", f);
}

static int wait_idle(struct pool *pool, struct buffer *b, struct fault *f)
{
	return virtgpu_wait(pool->gpu->fd, b->handle) ? fault(f, FAILED, "wait", "VIRTGPU_WAIT: %s", strerror(errno)) : 0;
}

static int make(struct pool *pool, struct buffer *b, uint32_t pitch, uint32_t rows, struct fault *f)
{
	*b = (struct buffer){ .dmabuf = -1, .pitch = pitch, .rows = rows };
	pool->count++;				/* from here on pool_fini() undoes what was made of it */
	if (!pool->gpu->can_import)
		return fault(f, UNSUPPORTED, "setup", "EGL has no dma-buf import here");
	if (pool->backing == CLASSIC ? make_classic(pool, b, f) : pool_blob_make(pool, b, f))
		return -1;
	if (map(pool, b, f) || import(pool, b, f))
		return -1;
	memset(b->map, SENTINEL, b->len);
	if (pool->backing == CLASSIC && (pool_transfer(pool, b, pitch, rows, f) || wait_idle(pool, b, f)))
		return -1;
	/* By drawing too: what is in it at first came no way that a pipeline uses. */
	return gpu_fill(b->texture, SENTINEL, "setup", f);
}

static void unmake(struct pool *pool, struct buffer *b)
{
	struct drm_gem_close gem = { .handle = b->handle };

	glDeleteTextures(1, &b->texture);
	if (b->image != EGL_NO_IMAGE_KHR)
		pool->gpu->destroy_image(pool->gpu->display, b->image);
	if (b->map)
		munmap(b->map, b->len);
	if (b->dmabuf >= 0)
		close(b->dmabuf);
	if (b->bo)
		gbm_bo_destroy(b->bo);
	else if (b->handle)
		drmIoctl(pool->gpu->fd, DRM_IOCTL_GEM_CLOSE, &gem);
	*b = (struct buffer){ .dmabuf = -1 };
}

/* In a ring they take turns; else the one that has rested longest comes first, so that the host has had time to read it. */
static struct buffer *idle(struct pool *pool, uint32_t pitch, size_t bytes)
{
	if (pool->ring && pool->count < pool->ring)
		return NULL;
	for (int i = 0; i < pool->count; i++) {
		struct buffer *b = &pool->buffer[(pool->next + i) % pool->count];

		if (b->busy || b->pitch != pitch || (size_t)b->pitch * b->rows < bytes)
			continue;
		pool->next = (b - pool->buffer + 1) % pool->count;
		return b;
	}
	return NULL;
}

struct buffer *pool_take(struct pool *pool, uint32_t pitch, size_t bytes, struct times *us, struct fault *f)
{
	struct buffer *b = idle(pool, pitch, bytes);
	int64_t from = clock_us();

	if (!b) {
		if (pool->count == POOL_MAX || (pool->ring && pool->count == pool->ring)) {
			fault(f, FAILED, "setup", "all %d buffers are in use", pool->count);
			return NULL;
		}
		b = &pool->buffer[pool->count];
		if (make(pool, b, pitch, (bytes + pitch - 1) / pitch, f))
			return NULL;
	} else {
		if (wait_idle(pool, b, f))
			return NULL;
		us->wait = (us->wait < 0 ? 0 : us->wait) + clock_us() - from;
	}
	b->busy = true;
	return b;
}

void pool_give(struct pool *pool, struct buffer *buffer)
{
	(void)pool;
	buffer->busy = false;
}

int pool_transfer(struct pool *pool, struct buffer *b, uint32_t width, uint32_t rows, struct fault *f)
{
	if (pool->backing == BLOB_HOST3D)	/* the host's own memory: there is nothing to bring */
		return 0;
	if (virtgpu_transfer_to_host(pool->gpu->fd, b->handle, pool->xrgb ? width / 4 : width, rows))
		return fault(f, pool->backing == CLASSIC ? FAILED : UNSUPPORTED, "transfer", "TRANSFER_TO_HOST: %s", strerror(errno));
	return 0;
}

void pool_fini(struct pool *pool)
{
	while (pool->count)
		unmake(pool, &pool->buffer[--pool->count]);
	pool->next = 0;
}
