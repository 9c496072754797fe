/*
 * A Vulkan device of Mesa's Venus: found by its driver's id, with what sampling a dma-buf wants. Refuses to know pictures, shaders and the
 * host, and to take any other driver.
 */
#ifndef VENUS_H
#define VENUS_H

#include "fault.h"

#include <vulkan/vulkan.h>

struct venus {
	VkInstance instance;			/* owned; NULL */
	VkPhysicalDevice physical;		/* borrowed from the instance */
	char name[VK_MAX_PHYSICAL_DEVICE_NAME_SIZE];
	VkDevice device;			/* owned; NULL */
	VkQueue queue;				/* borrowed from the device */
	uint32_t family;			/* of the queue */
	VkCommandPool commands;			/* owned; NULL */
	VkCommandBuffer command;		/* owned by the pool */
	VkFence done;				/* owned; NULL */
	PFN_vkGetMemoryFdKHR get_memory_fd;
	PFN_vkGetMemoryFdPropertiesKHR get_memory_fd_properties;

	/* Told what was found, good or bad; may be NULL. */
	void (*tell)(void *opaque, const char *element, const char *pad, const char *caps);
	void *opaque;				/* borrowed */
};

/* With tell and opaque set. UNSUPPORTED: see f, for what is missing. On -1 venus_fini() all the same. */
int venus_init(struct venus *v, struct fault *f);

/* Says a line about the device, as from a pad of element "venus". */
void venus_tell(const struct venus *v, const char *pad, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* "VK_ERROR_DEVICE_LOST", or the number; *text holds the latter. */
#define VENUS_RESULT_TEXT 32
const char *venus_result(VkResult result, char text[VENUS_RESULT_TEXT]);

/* A fault that says which call gave which result. */
int venus_fault(struct fault *f, enum status status, const char *step, const char *call, VkResult result);

/* A type that is among `bits` and has all of `wanted`; -1: none. */
int venus_memory_type(const struct venus *v, uint32_t bits, VkMemoryPropertyFlags wanted);

/* Begins the one command buffer; submits it and waits until it is done. */
int venus_begin(struct venus *v, struct fault *f);
int venus_run(struct venus *v, const char *step, struct fault *f);

void venus_fini(struct venus *v);		/* safe half-made, safe twice */

#endif
