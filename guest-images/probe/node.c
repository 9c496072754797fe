#include "gpu-ioctl.h"
#include "node.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <drm/drm.h>

enum { NODES = 16 };

static bool is_virtio_gpu(const char *path)
{
	char name[16] = "";
	struct drm_version version = { .name = name, .name_len = sizeof(name) - 1 };
	int file = open(path, O_RDWR | O_CLOEXEC);
	bool is = file >= 0 && !gpu_ioctl(file, DRM_IOCTL_VERSION, &version) && !strcmp(name, "virtio_gpu");

	if (file >= 0)
		close(file);
	return is;
}

const char *gpu_node(const char *folder)
{
	static char path[128];

	for (int i = 0; i < NODES; i++) {
		snprintf(path, sizeof(path), "%s/card%d", folder, i);
		if (is_virtio_gpu(path))
			return path;
	}
	snprintf(path, sizeof(path), "%s/card0", folder);
	return path;
}
