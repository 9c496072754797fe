#include "virtgpu.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <drm/virtgpu_drm.h>			/* the kernel's; libdrm's copy is older */
#include <xf86drm.h>

static int open_node(const char *kind, int n, char *driver, size_t size)
{
	char path[32];
	drmVersionPtr version;
	int fd;

	snprintf(path, sizeof(path), "/dev/dri/%s%d", kind, n);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -1;
	version = drmGetVersion(fd);
	snprintf(driver, size, "%.*s", version ? version->name_len : 0, version ? version->name : "");
	drmFreeVersion(version);
	return fd;
}

int virtgpu_open(char *driver, size_t size)
{
	static const struct { const char *kind; int from; } node[] = { { "renderD", 128 }, { "card", 0 } };

	for (int any = 0; any < 2; any++) {
		for (int i = 0; i < 16; i++) {
			int fd = open_node(node[i / 8].kind, node[i / 8].from + i % 8, driver, size);

			if (fd >= 0 && (any || !strcmp(driver, "virtio_gpu")))
				return fd;
			if (fd >= 0)
				close(fd);
		}
	}
	driver[0] = '\0';
	errno = ENODEV;
	return -1;
}

static uint64_t param(int fd, uint64_t which)
{
	uint64_t value = 0;
	struct drm_virtgpu_getparam get = { .param = which, .value = (uintptr_t)&value };

	return drmIoctl(fd, DRM_IOCTL_VIRTGPU_GETPARAM, &get) ? 0 : value;
}

void virtgpu_params(int fd, struct virtgpu_params *params)
{
	*params = (struct virtgpu_params){
		.capsets = param(fd, VIRTGPU_PARAM_SUPPORTED_CAPSET_IDs), .blob = param(fd, VIRTGPU_PARAM_RESOURCE_BLOB),
		.host_visible = param(fd, VIRTGPU_PARAM_HOST_VISIBLE), .cross_device = param(fd, VIRTGPU_PARAM_CROSS_DEVICE),
		.context_init = param(fd, VIRTGPU_PARAM_CONTEXT_INIT), .features_3d = param(fd, VIRTGPU_PARAM_3D_FEATURES),
	};
}

void virtgpu_features(char *text, size_t size)
{
	glob_t found;
	size_t n = 0;
	FILE *file;

	text[0] = '\0';
	if (glob("/sys/kernel/debug/dri/*/virtio-gpu-features", 0, NULL, &found))
		return;
	file = fopen(found.gl_pathv[0], "re");	/* every node of a device has the same */
	if (file) {
		n = fread(text, 1, size - 1, file);
		fclose(file);
	}
	text[n] = '\0';
	globfree(&found);
}

int virtgpu_wait(int fd, uint32_t handle)
{
	struct drm_virtgpu_3d_wait wait = { .handle = handle };

	return drmIoctl(fd, DRM_IOCTL_VIRTGPU_WAIT, &wait) ? -1 : 0;
}

int virtgpu_transfer_to_host(int fd, uint32_t handle, uint32_t width, uint32_t height)
{
	/* stride 0: the kernel refuses any other for a resource with pages in the guest; the host takes width * bytes per pixel */
	struct drm_virtgpu_3d_transfer_to_host transfer = { .bo_handle = handle, .box = { .w = width, .h = height, .d = 1 } };

	return drmIoctl(fd, DRM_IOCTL_VIRTGPU_TRANSFER_TO_HOST, &transfer) ? -1 : 0;
}
