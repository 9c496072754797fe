#include "venus-buffer.h"
#include "pool.h"

#include <drm_fourcc.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define USAGE (VK_IMAGE_USAGE_SAMPLED_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT)

static const VkImageSubresourceRange whole = { .aspectMask = VK_IMAGE_ASPECT_COLOR_BIT, .levelCount = 1, .layerCount = 1 };

/* Vulkan's own question before such an image may be made. */
static int require_format(struct venus *v, uint32_t pitch, uint32_t rows, struct fault *f)
{
	const VkPhysicalDeviceImageDrmFormatModifierInfoEXT modifier = {
		.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_DRM_FORMAT_MODIFIER_INFO_EXT, .drmFormatModifier = DRM_FORMAT_MOD_LINEAR,
	};
	const VkPhysicalDeviceExternalImageFormatInfo external = {
		.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_EXTERNAL_IMAGE_FORMAT_INFO, .pNext = &modifier,
		.handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT,
	};
	const VkPhysicalDeviceImageFormatInfo2 format = {
		.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_IMAGE_FORMAT_INFO_2, .pNext = &external, .format = VK_FORMAT_R8_UNORM,
		.type = VK_IMAGE_TYPE_2D, .tiling = VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT, .usage = USAGE,
	};
	VkExternalImageFormatProperties can = { .sType = VK_STRUCTURE_TYPE_EXTERNAL_IMAGE_FORMAT_PROPERTIES };
	VkImageFormatProperties2 about = { .sType = VK_STRUCTURE_TYPE_IMAGE_FORMAT_PROPERTIES_2, .pNext = &can };
	VkResult result = vkGetPhysicalDeviceImageFormatProperties2(v->physical, &format, &about);
	VkExtent3D most = about.imageFormatProperties.maxExtent;

	if (result != VK_SUCCESS)
		return venus_fault(f, UNSUPPORTED, "setup", "vkGetPhysicalDeviceImageFormatProperties2 of a linear R8 dma-buf", result);
	if (!(can.externalMemoryProperties.externalMemoryFeatures & VK_EXTERNAL_MEMORY_FEATURE_IMPORTABLE_BIT))
		return fault(f, UNSUPPORTED, "setup", "the Venus device imports no dma-buf under a linear R8 image");
	if (pitch > most.width || rows > most.height)
		return fault(f, UNSUPPORTED, "setup", "an image of %u x %u is wanted, and %u x %u the largest", pitch, rows, most.width, most.height);
	return 0;
}

static int make_image(struct venus_buffer *b, struct venus *v, uint32_t pitch, uint32_t rows, struct fault *f)
{
	const VkSubresourceLayout layout = { .rowPitch = pitch };
	const VkImageDrmFormatModifierExplicitCreateInfoEXT modifier = {
		.sType = VK_STRUCTURE_TYPE_IMAGE_DRM_FORMAT_MODIFIER_EXPLICIT_CREATE_INFO_EXT, .drmFormatModifier = DRM_FORMAT_MOD_LINEAR,
		.drmFormatModifierPlaneCount = 1, .pPlaneLayouts = &layout,
	};
	const VkExternalMemoryImageCreateInfo external = {
		.sType = VK_STRUCTURE_TYPE_EXTERNAL_MEMORY_IMAGE_CREATE_INFO, .pNext = &modifier,
		.handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT,
	};
	const VkImageCreateInfo create = {
		.sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO, .pNext = &external, .imageType = VK_IMAGE_TYPE_2D, .format = VK_FORMAT_R8_UNORM,
		.extent = { pitch, rows, 1 }, .mipLevels = 1, .arrayLayers = 1, .samples = VK_SAMPLE_COUNT_1_BIT,
		.tiling = VK_IMAGE_TILING_DRM_FORMAT_MODIFIER_EXT, .usage = USAGE, .initialLayout = VK_IMAGE_LAYOUT_UNDEFINED,
	};
	VkResult result = vkCreateImage(v->device, &create, NULL, &b->image);

	if (result == VK_SUCCESS)
		return 0;
	b->image = VK_NULL_HANDLE;
	return venus_fault(f, UNSUPPORTED, "setup", "vkCreateImage of a linear R8 dma-buf", result);
}

/* Memory of the host that the guest can map, and its dma-buf. */
static int export_memory(struct venus_buffer *b, struct venus *v, VkDeviceSize size, struct fault *f)
{
	const VkExportMemoryAllocateInfo external = {
		.sType = VK_STRUCTURE_TYPE_EXPORT_MEMORY_ALLOCATE_INFO, .handleTypes = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT,
	};
	int type = venus_memory_type(v, ~0u, VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT);
	const VkMemoryAllocateInfo allocate = {
		.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .pNext = &external, .allocationSize = (size + 4095) & ~UINT64_C(4095),
		.memoryTypeIndex = type,
	};
	VkMemoryGetFdInfoKHR get = { .sType = VK_STRUCTURE_TYPE_MEMORY_GET_FD_INFO_KHR, .handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT };
	VkResult result;

	if (type < 0)
		return fault(f, UNSUPPORTED, "setup", "no memory of the Venus device is visible to the guest and coherent");
	result = vkAllocateMemory(v->device, &allocate, NULL, &b->exported);
	if (result != VK_SUCCESS) {
		b->exported = VK_NULL_HANDLE;
		return venus_fault(f, UNSUPPORTED, "setup", "vkAllocateMemory of memory to be exported as a dma-buf", result);
	}
	get.memory = b->exported;
	result = v->get_memory_fd(v->device, &get, &b->dmabuf);
	if (result == VK_SUCCESS)
		return 0;
	b->dmabuf = -1;
	return venus_fault(f, UNSUPPORTED, "setup", "vkGetMemoryFdKHR", result);
}

static int map(struct venus_buffer *b, uint32_t pitch, uint32_t rows, struct fault *f)
{
	off_t end = lseek(b->dmabuf, 0, SEEK_END);

	if (end < (off_t)pitch * rows)
		return fault(f, FAILED, "setup", "a dma-buf of %lld bytes for %u x %u", (long long)end, pitch, rows);
	b->map = mmap(NULL, end, PROT_READ | PROT_WRITE, MAP_SHARED, b->dmabuf, 0);
	if (b->map == MAP_FAILED) {
		b->map = NULL;
		return fault(f, UNSUPPORTED, "setup", "mmap of the dma-buf: %s", strerror(errno));
	}
	b->len = end;
	return 0;
}

/* From here on Vulkan samples what the descriptor stands for, as it would another driver's. */
static int import_memory(struct venus_buffer *b, struct venus *v, const VkMemoryRequirements *needs, struct fault *f)
{
	VkImportMemoryFdInfoKHR import = {
		.sType = VK_STRUCTURE_TYPE_IMPORT_MEMORY_FD_INFO_KHR, .handleType = VK_EXTERNAL_MEMORY_HANDLE_TYPE_DMA_BUF_BIT_EXT, .fd = -1,
	};
	VkMemoryAllocateInfo allocate = { .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, .pNext = &import, .allocationSize = b->len };
	VkMemoryFdPropertiesKHR can = { .sType = VK_STRUCTURE_TYPE_MEMORY_FD_PROPERTIES_KHR };
	VkResult result = v->get_memory_fd_properties(v->device, import.handleType, b->dmabuf, &can);
	int type;

	if (result != VK_SUCCESS)
		return venus_fault(f, UNSUPPORTED, "setup", "vkGetMemoryFdPropertiesKHR of another Venus device's dma-buf", result);
	type = venus_memory_type(v, needs->memoryTypeBits & can.memoryTypeBits, 0);
	if (type < 0)
		return fault(f, UNSUPPORTED, "setup", "memory types 0x%x of the dma-buf and 0x%x of the image have none in common", can.memoryTypeBits,
			     needs->memoryTypeBits);
	allocate.memoryTypeIndex = type;
	import.fd = fcntl(b->dmabuf, F_DUPFD_CLOEXEC, 3);
	if (import.fd < 0)
		return fault(f, FAILED, "setup", "a second descriptor: %s", strerror(errno));
	result = vkAllocateMemory(v->device, &allocate, NULL, &b->imported);
	if (result == VK_SUCCESS)		/* the descriptor is Vulkan's now */
		return 0;
	b->imported = VK_NULL_HANDLE;
	close(import.fd);
	return venus_fault(f, UNSUPPORTED, "setup", "vkAllocateMemory of another Venus device's dma-buf, imported", result);
}

static int make_view(struct venus_buffer *b, struct venus *v, struct fault *f)
{
	const VkImageViewCreateInfo create = {
		.sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO, .image = b->image, .viewType = VK_IMAGE_VIEW_TYPE_2D, .format = VK_FORMAT_R8_UNORM,
		.subresourceRange = whole,
	};
	VkResult result = vkBindImageMemory(v->device, b->image, b->imported, 0);

	if (result != VK_SUCCESS)
		return venus_fault(f, UNSUPPORTED, "setup", "vkBindImageMemory", result);
	result = vkCreateImageView(v->device, &create, NULL, &b->view);
	if (result == VK_SUCCESS)
		return 0;
	b->view = VK_NULL_HANDLE;
	return venus_fault(f, FAILED, "setup", "vkCreateImageView", result);
}

static void barrier(const struct venus_buffer *b, struct venus *v, VkImageMemoryBarrier change)
{
	change.sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER;
	change.image = b->image;
	change.subresourceRange = whole;
	vkCmdPipelineBarrier(v->command, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, 0, 0, NULL, 0, NULL, 1, &change);
}

void venus_buffer_acquire(const struct venus_buffer *b, struct venus *v)
{
	barrier(b, v, (VkImageMemoryBarrier){
		.dstAccessMask = VK_ACCESS_SHADER_READ_BIT, .oldLayout = VK_IMAGE_LAYOUT_GENERAL, .newLayout = VK_IMAGE_LAYOUT_GENERAL,
		.srcQueueFamilyIndex = VK_QUEUE_FAMILY_FOREIGN_EXT, .dstQueueFamilyIndex = v->family,
	});
}

void venus_buffer_release(const struct venus_buffer *b, struct venus *v)
{
	barrier(b, v, (VkImageMemoryBarrier){
		.srcAccessMask = VK_ACCESS_MEMORY_WRITE_BIT, .oldLayout = VK_IMAGE_LAYOUT_GENERAL, .newLayout = VK_IMAGE_LAYOUT_GENERAL,
		.srcQueueFamilyIndex = v->family, .dstQueueFamilyIndex = VK_QUEUE_FAMILY_FOREIGN_EXT,
	});
}

/* By Vulkan, so that what is in it at first came no way that the pipeline uses. */
static int lay_sentinel(struct venus_buffer *b, struct venus *v, struct fault *f)
{
	const VkClearColorValue byte = { .float32 = { SENTINEL / 255.0f } };

	if (venus_begin(v, f))
		return -1;
	barrier(b, v, (VkImageMemoryBarrier){
		.dstAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT, .oldLayout = VK_IMAGE_LAYOUT_UNDEFINED, .newLayout = VK_IMAGE_LAYOUT_GENERAL,
		.srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED, .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
	});
	vkCmdClearColorImage(v->command, b->image, VK_IMAGE_LAYOUT_GENERAL, &byte, 1, &whole);
	venus_buffer_release(b, v);
	return venus_run(v, "setup", f);
}

int venus_buffer_init(struct venus_buffer *b, struct venus *maker, struct venus *user, uint32_t pitch, uint32_t rows, struct fault *f)
{
	VkMemoryRequirements needs;

	*b = (struct venus_buffer){ .dmabuf = -1 };
	if (require_format(user, pitch, rows, f) || make_image(b, user, pitch, rows, f))
		return -1;
	vkGetImageMemoryRequirements(user->device, b->image, &needs);
	if (export_memory(b, maker, needs.size, f) || map(b, pitch, rows, f) || import_memory(b, user, &needs, f) || make_view(b, user, f))
		return -1;
	return lay_sentinel(b, user, f);
}

void venus_buffer_fini(struct venus_buffer *b, struct venus *maker, struct venus *user)
{
	if (user->device) {
		vkDestroyImageView(user->device, b->view, NULL);
		vkDestroyImage(user->device, b->image, NULL);
		vkFreeMemory(user->device, b->imported, NULL);
	}
	if (maker->device)
		vkFreeMemory(maker->device, b->exported, NULL);
	if (b->map)
		munmap(b->map, b->len);
	if (b->dmabuf >= 0)
		close(b->dmabuf);
	*b = (struct venus_buffer){ .dmabuf = -1 };
}
