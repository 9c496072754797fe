/* An ioctl that a signal does not end, as drmIoctl() of libdrm, which the static probe does without. */
#ifndef GPU_IOCTL_H
#define GPU_IOCTL_H

#include <errno.h>
#include <sys/ioctl.h>

static inline int gpu_ioctl(int file, unsigned long request, void *argument)
{
	int err;

	do
		err = ioctl(file, request, argument);
	while (err && (errno == EINTR || errno == EAGAIN));
	return err;
}

#endif
