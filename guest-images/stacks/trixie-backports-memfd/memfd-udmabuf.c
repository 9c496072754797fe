/*
 * /dev/udmabuf for a process on a host whose kernel has none: what its one ioctl returns is the memfd itself instead of a dma-buf of its pages.
 * Preloaded into virglrenderer's render server only.
 *
 * Why: lavapipe offers VK_EXT_image_drm_format_modifier only where it can open /dev/udmabuf, and Mesa's Venus offers a guest external memory only
 * where the host's driver has that extension. All that lavapipe and QEMU then do with such a descriptor is to ask for its length, to map it and
 * to pass it on, and a memfd can do that. What a dma-buf can do beyond that (fences, DMA, another GPU) it cannot: these ioctls fail with ENOTTY.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_file(const char *path, int flags, mode_t mode)
{
	int fd = syscall(SYS_openat, AT_FDCWD, path, flags, mode);

	if (fd >= 0 || errno != ENOENT || strcmp(path, "/dev/udmabuf"))
		return fd;
	fputs("memfd-udmabuf: no /dev/udmabuf: dma-bufs of this process are memfds\n", stderr);
	return memfd_create("memfd-udmabuf", MFD_CLOEXEC);
}

static mode_t mode_of(int flags, va_list args)
{
	return flags & (O_CREAT | __O_TMPFILE) ? va_arg(args, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return open_file(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	return open_file(path, flags, mode);
}

int ioctl(int fd, unsigned long request, ...)
{
	const struct udmabuf_create *create;
	va_list args;
	void *argument;
	int err;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	err = syscall(SYS_ioctl, fd, request, argument);
	if (err >= 0 || errno != ENOTTY || request != UDMABUF_CREATE)
		return err;
	create = argument;
	return fcntl(create->memfd, F_DUPFD_CLOEXEC, 3);
}
