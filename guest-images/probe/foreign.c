#include "foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xf86drm.h>

#define SIZE 4096

const char *foreign_name(enum foreign kind)
{
	static const char *const name[FOREIGN_KINDS] = { "udmabuf", "system heap", "vgem" };

	return name[kind];
}

static int make_udmabuf(struct foreign_buffer *b)
{
	int memory = memfd_create("foreign", MFD_ALLOW_SEALING | MFD_CLOEXEC), err = 0;
	struct udmabuf_create create = { .memfd = memory, .flags = UDMABUF_FLAGS_CLOEXEC, .size = SIZE };

	b->device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	if (memory < 0 || b->device < 0 || ftruncate(memory, SIZE) || fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK))
		err = -errno;
	if (!err) {
		b->dmabuf = ioctl(b->device, UDMABUF_CREATE, &create);
		err = b->dmabuf < 0 ? -errno : 0;
	}
	if (memory >= 0)
		close(memory);
	return err;
}

static int make_heap(struct foreign_buffer *b)
{
	struct dma_heap_allocation_data data = { .len = SIZE, .fd_flags = O_RDWR | O_CLOEXEC };

	b->device = open("/dev/dma_heap/system", O_RDONLY | O_CLOEXEC);
	if (b->device < 0 || ioctl(b->device, DMA_HEAP_IOCTL_ALLOC, &data))
		return -errno;
	b->dmabuf = data.fd;
	return 0;
}

/* Its node is found by its driver's name. */
static int open_vgem(void)
{
	for (int i = 0; i < 8; i++) {
		drmVersionPtr version;
		char path[32];
		int fd, is;

		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		version = drmGetVersion(fd);
		is = version && !strcmp(version->name, "vgem");
		drmFreeVersion(version);
		if (is)
			return fd;
		close(fd);
	}
	errno = ENODEV;
	return -1;
}

static int make_vgem(struct foreign_buffer *b)
{
	struct drm_mode_create_dumb dumb = { .width = 32, .height = 32, .bpp = 32 };

	b->device = open_vgem();
	if (b->device < 0 || drmIoctl(b->device, DRM_IOCTL_MODE_CREATE_DUMB, &dumb))
		return -errno;
	/* The handle goes when its device is closed. */
	return drmPrimeHandleToFD(b->device, dumb.handle, DRM_CLOEXEC | DRM_RDWR, &b->dmabuf) ? -errno : 0;
}

int foreign_make(enum foreign kind, struct foreign_buffer *buffer)
{
	int err;

	*buffer = (struct foreign_buffer){ -1, -1 };
	err = kind == UDMABUF ? make_udmabuf(buffer) : kind == SYSTEM_HEAP ? make_heap(buffer) : make_vgem(buffer);
	if (err) {
		buffer->dmabuf = -1;
		foreign_fini(buffer);
	}
	return err;
}

void foreign_fini(struct foreign_buffer *buffer)
{
	if (buffer->dmabuf >= 0)
		close(buffer->dmabuf);
	if (buffer->device >= 0)
		close(buffer->device);
	*buffer = (struct foreign_buffer){ -1, -1 };
}
