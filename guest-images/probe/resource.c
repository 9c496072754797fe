#include "resource.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <drm/virtgpu_drm.h>
#include <xf86drm.h>

#define TEXTURE_2D 2				/* PIPE_TEXTURE_2D and formats: virgl_hw.h */
#define FORMAT_BGRX 2				/* B8G8R8X8, which the host makes without Virgil3D too */
#define BIND_SAMPLER (1 << 3)
#define WIDTH 256				/* a row is a KiB */

int resource_init(struct resource *r, int fd, size_t size, struct fault *f)
{
	size_t rows = (size + 4 * WIDTH - 1) / (4 * WIDTH);
	struct drm_virtgpu_resource_create create = {
		.target = TEXTURE_2D, .format = FORMAT_BGRX, .bind = BIND_SAMPLER, .width = WIDTH, .height = rows, .depth = 1, .array_size = 1,
		.size = size, .stride = 4 * WIDTH,
	};

	*r = (struct resource){ .fd = fd, .dmabuf = -1, .size = size };
	if (drmIoctl(fd, DRM_IOCTL_VIRTGPU_RESOURCE_CREATE, &create))
		return fault(f, FAILED, "setup", "RESOURCE_CREATE of %zu bytes: %s", size, strerror(errno));
	r->handle = create.bo_handle;
	if (drmPrimeHandleToFD(fd, r->handle, DRM_CLOEXEC | DRM_RDWR, &r->dmabuf)) {
		r->dmabuf = -1;
		return fault(f, FAILED, "setup", "export: %s", strerror(errno));
	}
	return 0;
}

int resource_learn_id(struct resource *r, struct fault *f)
{
	struct drm_virtgpu_resource_info info = { .bo_handle = r->handle };

	if (drmIoctl(r->fd, DRM_IOCTL_VIRTGPU_RESOURCE_INFO, &info))
		return fault(f, FAILED, "setup", "RESOURCE_INFO: %s", strerror(errno));
	r->id = info.res_handle;
	return 0;
}

int resource_map(struct resource *r, uint8_t fill, struct fault *f)
{
	void *map = mmap(NULL, r->size, PROT_READ | PROT_WRITE, MAP_SHARED, r->dmabuf, 0);

	if (map == MAP_FAILED)
		return fault(f, FAILED, "setup", "mmap of a dma-buf of %zu bytes: %s", r->size, strerror(errno));
	r->map = map;
	memset(r->map, fill, r->size);
	return 0;
}

void resource_close_handle(struct resource *r)
{
	struct drm_gem_close gem = { .handle = r->handle };

	if (r->handle)
		drmIoctl(r->fd, DRM_IOCTL_GEM_CLOSE, &gem);
	r->handle = 0;
}

void resource_close_dmabuf(struct resource *r)
{
	if (r->map)
		munmap(r->map, r->size);
	r->map = NULL;
	if (r->dmabuf >= 0)
		close(r->dmabuf);
	r->dmabuf = -1;
}

void resource_fini(struct resource *r)
{
	resource_close_dmabuf(r);
	resource_close_handle(r);
}

int resource_second_gpu(void)
{
	int seen = 0;

	for (int i = 128; i < 136; i++) {
		drmVersionPtr version;
		char path[32];
		int fd;

		snprintf(path, sizeof(path), "/dev/dri/renderD%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		version = drmGetVersion(fd);
		if (version && !strcmp(version->name, "virtio_gpu") && seen++) {
			drmFreeVersion(version);
			return fd;
		}
		drmFreeVersion(version);
		close(fd);
	}
	errno = ENODEV;
	return -1;
}
