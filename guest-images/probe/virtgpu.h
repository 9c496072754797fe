/* The virtio-gpu driver's own ioctls, and the device node they go to. Refuses to know GL, GBM and pictures. */
#ifndef VIRTGPU_H
#define VIRTGPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The first virtio_gpu device, its render node if it has one; otherwise the first device of any driver, so that the report can say what
 * was there instead. An open descriptor, or -1 and errno. driver[] gets the driver's name.
 */
int virtgpu_open(char *driver, size_t size);

/* VIRTGPU_PARAM_*, as the driver answers; 0 where it does not know the question. */
struct virtgpu_params {
	uint64_t capsets;			/* a bit per capability set the host offers: bit 1 virgl, bit 2 virgl2, bit 4 venus */
	bool blob, host_visible, cross_device, context_init, features_3d;
};

void virtgpu_params(int fd, struct virtgpu_params *params);

/* What the driver says in debugfs about the device's features, all lines of it; empty when it cannot be read. */
void virtgpu_features(char *text, size_t size);

/* Each: 0, or -1 and errno. */
int virtgpu_wait(int fd, uint32_t handle);
int virtgpu_transfer_to_host(int fd, uint32_t handle, uint32_t width, uint32_t height);

#endif
