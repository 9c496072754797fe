/*
 * A dma-buf that Vulkan samples: memory that one Venus device made and exported, its dma-buf mapped for whoever writes the bytes, and imported
 * by another one under an image of one byte per texel. Refuses to know what the bytes are.
 *
 * Two devices, each of an instance and so of a virtio-gpu context of its own: virglrenderer keeps a descriptor for imports into the context that
 * made the memory only where the blob is CROSS_DEVICE, which wants resource UUIDs, and QEMU offers none (VIRTGPU_PARAM_CROSS_DEVICE is 0).
 */
#ifndef VENUS_BUFFER_H
#define VENUS_BUFFER_H

#include "venus.h"

#include <stddef.h>

struct venus_buffer {
	VkDeviceMemory exported;		/* the maker's; owned; VK_NULL_HANDLE */
	VkImage image;				/* the user's, as are the next two; owned; VK_NULL_HANDLE */
	VkDeviceMemory imported;
	VkImageView view;
	int dmabuf;				/* owned; -1 */
	uint8_t *map;				/* owned; NULL */
	size_t len;				/* of map, in bytes */
};

/* The length of a row is a multiple of this many bytes, so that a host's driver has nothing to add to it. */
#define VENUS_ROW 256

/* R8, `pitch` texels in each of `rows` rows, one after another without a gap. On -1 venus_buffer_fini() all the same. */
int venus_buffer_init(struct venus_buffer *b, struct venus *maker, struct venus *user, uint32_t pitch, uint32_t rows, struct fault *f);

/* Records: its bytes go from who wrote them to the shader, and back. */
void venus_buffer_acquire(const struct venus_buffer *b, struct venus *user);
void venus_buffer_release(const struct venus_buffer *b, struct venus *user);

void venus_buffer_fini(struct venus_buffer *b, struct venus *maker, struct venus *user);	/* safe half-made, safe twice */

#endif
