#include "exercise-object.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <drm/drm.h>
#include <drm/virtgpu_drm.h>

#define TEXTURE_2D 2				/* PIPE_TEXTURE_2D, VIRGL_FORMAT_B8G8R8A8_UNORM, VIRGL_BIND_* of virglrenderer */
#define B8G8R8A8 1
#define RENDER_TARGET (1 << 1)
#define SAMPLER_VIEW (1 << 3)

int object_create(struct object *o, int file, uint32_t width, uint32_t height)
{
	struct drm_virtgpu_resource_create create = {
		.target = TEXTURE_2D, .format = B8G8R8A8, .bind = RENDER_TARGET | SAMPLER_VIEW, .width = width, .height = height, .depth = 1,
		.array_size = 1, .size = width * height * 4, .stride = width * 4,
	};

	if (gpu_ioctl(file, DRM_IOCTL_VIRTGPU_RESOURCE_CREATE, &create))
		return -1;
	*o = (struct object){
		.file = file, .handle = create.bo_handle, .id = create.res_handle, .width = width, .height = height, .pitch = width * 4, .size = create.size,
	};
	return 0;
}

int object_dumb(struct object *o, int file, uint32_t width, uint32_t height)
{
	struct drm_mode_create_dumb create = { .width = width, .height = height, .bpp = 32 };

	if (gpu_ioctl(file, DRM_IOCTL_MODE_CREATE_DUMB, &create))
		return -1;
	*o = (struct object){ .file = file, .handle = create.handle, .width = width, .height = height, .pitch = create.pitch, .size = create.size };
	return object_info(file, o->handle, &o->id);
}

int object_import(struct object *o, int file, int dmabuf, const struct object *like)
{
	struct drm_prime_handle prime = { .fd = dmabuf };

	if (gpu_ioctl(file, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime))
		return -1;
	*o = *like;
	o->file = file;
	o->handle = prime.handle;
	o->map = NULL;
	return object_info(file, o->handle, &o->id);
}

int object_export(const struct object *o)
{
	struct drm_prime_handle prime = { .handle = o->handle, .flags = DRM_CLOEXEC | DRM_RDWR };

	return gpu_ioctl(o->file, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime) ? -1 : prime.fd;
}

int object_info(int file, uint32_t handle, uint32_t *id)
{
	struct drm_virtgpu_resource_info info = { .bo_handle = handle };

	if (gpu_ioctl(file, DRM_IOCTL_VIRTGPU_RESOURCE_INFO, &info))
		return -1;
	*id = info.res_handle;
	return 0;
}

int object_map(struct object *o)
{
	struct drm_virtgpu_map map = { .handle = o->handle };
	void *at;

	if (gpu_ioctl(o->file, DRM_IOCTL_VIRTGPU_MAP, &map))
		return -1;
	at = mmap(NULL, o->size, PROT_READ | PROT_WRITE, MAP_SHARED, o->file, map.offset);
	if (at == MAP_FAILED)
		return -1;
	o->map = at;
	return 0;
}

int object_send(const struct object *o)
{
	struct drm_virtgpu_3d_transfer_to_host transfer = { .bo_handle = o->handle, .box = { .w = o->width, .h = o->height, .d = 1 } };

	return gpu_ioctl(o->file, DRM_IOCTL_VIRTGPU_TRANSFER_TO_HOST, &transfer);
}

int object_fetch(const struct object *o, uint32_t row, uint32_t rows)
{
	struct drm_virtgpu_3d_transfer_from_host transfer = { .bo_handle = o->handle, .box = { .y = row, .w = o->width, .h = rows, .d = 1 } };

	return gpu_ioctl(o->file, DRM_IOCTL_VIRTGPU_TRANSFER_FROM_HOST, &transfer);
}

int object_wait(const struct object *o, bool nowait)
{
	struct drm_virtgpu_3d_wait wait = { .handle = o->handle, .flags = nowait ? VIRTGPU_WAIT_NOWAIT : 0 };

	return gpu_ioctl(o->file, DRM_IOCTL_VIRTGPU_WAIT, &wait);
}

int object_close(struct object *o)
{
	struct drm_gem_close close = { .handle = o->handle };

	o->handle = 0;
	return close.handle ? gpu_ioctl(o->file, DRM_IOCTL_GEM_CLOSE, &close) : 0;
}

void object_unmap(struct object *o)
{
	if (o->map)
		munmap(o->map, o->size);
	o->map = NULL;
}

void object_fini(struct object *o)
{
	object_unmap(o);
	object_close(o);
}
