#include "gpu.h"
#include "pool.h"
#include "virtgpu.h"

#include <errno.h>
#include <string.h>

#include <drm/virtgpu_drm.h>
#include <xf86drm.h>

/* Mesa's own way to say what a blob of the host's is: VIRGL_CCMD_PIPE_RESOURCE_CREATE, eleven words (virgl_protocol.h). */
enum { PIPE_RESOURCE_CREATE = 49, WORDS = 11, TEXTURE_2D = 2, FORMAT_R8 = 64, FORMAT_B8G8R8X8 = 2, BIND_SAMPLER = 1 << 3 };

static int make_host3d(struct pool *pool, struct buffer *b, struct fault *f)
{
	static uint32_t blobs;
	uint32_t id = ++blobs;
	uint32_t command[WORDS + 1] = {
		PIPE_RESOURCE_CREATE | WORDS << 16, TEXTURE_2D, pool->xrgb ? FORMAT_B8G8R8X8 : FORMAT_R8, BIND_SAMPLER, pool->xrgb ? b->pitch / 4 : b->pitch,
		b->rows, 1, 1, 0, 0, 0, id,
	};
	struct drm_virtgpu_resource_create_blob create = {
		.blob_mem = VIRTGPU_BLOB_MEM_HOST3D, .blob_flags = VIRTGPU_BLOB_FLAG_USE_MAPPABLE | VIRTGPU_BLOB_FLAG_USE_SHAREABLE,
		.size = ((uint64_t)b->pitch * b->rows + 4095) & ~UINT64_C(4095), .blob_id = id, .cmd = (uintptr_t)command, .cmd_size = sizeof(command),
	};
	struct drm_virtgpu_map map = { 0 };

	if (!pool->gpu->params.host_visible)
		return fault(f, UNSUPPORTED, "setup", "VIRTGPU_PARAM_HOST_VISIBLE is 0: the device offers no window for the host's memory");
	if (drmIoctl(pool->gpu->fd, DRM_IOCTL_VIRTGPU_RESOURCE_CREATE_BLOB, &create))
		return fault(f, UNSUPPORTED, "setup", "RESOURCE_CREATE_BLOB of HOST3D memory: %s", strerror(errno));
	b->handle = create.bo_handle;
	map.handle = b->handle;
	if (drmIoctl(pool->gpu->fd, DRM_IOCTL_VIRTGPU_MAP, &map))
		return fault(f, UNSUPPORTED, "setup", "VIRTGPU_MAP of a HOST3D blob: %s", strerror(errno));
	return 0;
}

static int make_guest(struct pool *pool, struct buffer *b, struct fault *f)
{
	struct drm_virtgpu_resource_create_blob create = {
		.blob_mem = VIRTGPU_BLOB_MEM_GUEST, .blob_flags = VIRTGPU_BLOB_FLAG_USE_MAPPABLE | VIRTGPU_BLOB_FLAG_USE_SHAREABLE,
		.size = ((uint64_t)b->pitch * b->rows + 4095) & ~UINT64_C(4095),
	};

	if (drmIoctl(pool->gpu->fd, DRM_IOCTL_VIRTGPU_RESOURCE_CREATE_BLOB, &create))
		return fault(f, UNSUPPORTED, "setup", "RESOURCE_CREATE_BLOB of GUEST memory: %s", strerror(errno));
	b->handle = create.bo_handle;
	return 0;
}

int pool_blob_make(struct pool *pool, struct buffer *b, struct fault *f)
{
	if (!pool->gpu->params.blob)
		return fault(f, UNSUPPORTED, "setup", "VIRTGPU_PARAM_RESOURCE_BLOB is 0: the device offers no blob resources");
	return pool->backing == BLOB_GUEST ? make_guest(pool, b, f) : make_host3d(pool, b, f);
}
