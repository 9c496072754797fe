#include "venus.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LIMIT_NS UINT64_C(20000000000)		/* for whatever the host owes; the lab gives up after 40 s without a word */
#define EXTENSIONS_MAX 512

/* A dma-buf becomes memory, memory a dma-buf, an image has rows of a known length, and who wrote it is not of Vulkan. */
static const char *const wanted[] = {
	VK_KHR_EXTERNAL_MEMORY_FD_EXTENSION_NAME, VK_EXT_EXTERNAL_MEMORY_DMA_BUF_EXTENSION_NAME,
	VK_EXT_IMAGE_DRM_FORMAT_MODIFIER_EXTENSION_NAME, VK_EXT_QUEUE_FAMILY_FOREIGN_EXTENSION_NAME,
};

enum { WANTED = sizeof(wanted) / sizeof(wanted[0]) };

void venus_tell(const struct venus *v, const char *pad, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (v->tell)
		v->tell(v->opaque, "venus", pad, text);
}

const char *venus_result(VkResult result, char text[VENUS_RESULT_TEXT])
{
	static const struct { VkResult result; const char *name; } name[] = {
		{ VK_SUCCESS, "VK_SUCCESS" }, { VK_TIMEOUT, "VK_TIMEOUT" }, { VK_ERROR_OUT_OF_HOST_MEMORY, "VK_ERROR_OUT_OF_HOST_MEMORY" },
		{ VK_ERROR_OUT_OF_DEVICE_MEMORY, "VK_ERROR_OUT_OF_DEVICE_MEMORY" }, { VK_ERROR_INITIALIZATION_FAILED, "VK_ERROR_INITIALIZATION_FAILED" },
		{ VK_ERROR_DEVICE_LOST, "VK_ERROR_DEVICE_LOST" }, { VK_ERROR_MEMORY_MAP_FAILED, "VK_ERROR_MEMORY_MAP_FAILED" },
		{ VK_ERROR_EXTENSION_NOT_PRESENT, "VK_ERROR_EXTENSION_NOT_PRESENT" }, { VK_ERROR_FEATURE_NOT_PRESENT, "VK_ERROR_FEATURE_NOT_PRESENT" },
		{ VK_ERROR_INCOMPATIBLE_DRIVER, "VK_ERROR_INCOMPATIBLE_DRIVER" }, { VK_ERROR_TOO_MANY_OBJECTS, "VK_ERROR_TOO_MANY_OBJECTS" },
		{ VK_ERROR_FORMAT_NOT_SUPPORTED, "VK_ERROR_FORMAT_NOT_SUPPORTED" }, { VK_ERROR_INVALID_EXTERNAL_HANDLE, "VK_ERROR_INVALID_EXTERNAL_HANDLE" },
	};

	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		if (name[i].result == result)
			return name[i].name;
	}
	snprintf(text, VENUS_RESULT_TEXT, "VkResult %d", result);
	return text;
}

int venus_fault(struct fault *f, enum status status, const char *step, const char *call, VkResult result)
{
	char text[VENUS_RESULT_TEXT];

	return fault(f, status, step, "%s: %s", call, venus_result(result, text));
}

static int make_instance(struct venus *v, struct fault *f)
{
	const VkApplicationInfo application = { .sType = VK_STRUCTURE_TYPE_APPLICATION_INFO, .apiVersion = VK_API_VERSION_1_2 };
	const VkInstanceCreateInfo create = { .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, .pApplicationInfo = &application };
	VkResult result = vkCreateInstance(&create, NULL, &v->instance);

	if (result == VK_SUCCESS)
		return 0;
	v->instance = NULL;
	return venus_fault(f, UNSUPPORTED, "setup", "vkCreateInstance", result);
}

/* Says of each device what it is; takes the first that is Venus. */
static int find_device(struct venus *v, struct fault *f)
{
	VkPhysicalDevice device[8];
	uint32_t count = sizeof(device) / sizeof(device[0]);
	VkResult result = vkEnumeratePhysicalDevices(v->instance, &count, device);

	if (result != VK_SUCCESS && result != VK_INCOMPLETE)
		return venus_fault(f, UNSUPPORTED, "setup", "vkEnumeratePhysicalDevices", result);
	for (uint32_t i = 0; i < count; i++) {
		VkPhysicalDeviceDriverProperties driver = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES };
		VkPhysicalDeviceProperties2 about = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &driver };
		uint32_t api;

		vkGetPhysicalDeviceProperties2(device[i], &about);
		api = about.properties.apiVersion;
		venus_tell(v, "device", "%s; driver %s, %s; Vulkan %u.%u.%u", about.properties.deviceName, driver.driverName, driver.driverInfo,
			   VK_API_VERSION_MAJOR(api), VK_API_VERSION_MINOR(api), VK_API_VERSION_PATCH(api));
		if (!v->physical && driver.driverID == VK_DRIVER_ID_MESA_VENUS) {
			v->physical = device[i];
			snprintf(v->name, sizeof(v->name), "%s", about.properties.deviceName);
		}
	}
	return v->physical ? 0 : fault(f, UNSUPPORTED, "setup", "none of the %u Vulkan devices is Venus", count);
}

static int require_extensions(struct venus *v, struct fault *f)
{
	static VkExtensionProperties have[EXTENSIONS_MAX];
	uint32_t count = EXTENSIONS_MAX;
	char missing[256] = "";
	VkResult result = vkEnumerateDeviceExtensionProperties(v->physical, NULL, &count, have);

	if (result != VK_SUCCESS && result != VK_INCOMPLETE)
		return venus_fault(f, UNSUPPORTED, "setup", "vkEnumerateDeviceExtensionProperties", result);
	for (int w = 0; w < WANTED; w++) {
		uint32_t i = 0;
		size_t len = strlen(missing);

		while (i < count && strcmp(have[i].extensionName, wanted[w]))
			i++;
		venus_tell(v, wanted[w], "%s", i < count ? "offered" : "not offered");
		if (i == count)
			snprintf(missing + len, sizeof(missing) - len, "%s%s", len ? ", " : "", wanted[w]);
	}
	return missing[0] ? fault(f, UNSUPPORTED, "setup", "%s does not offer %s", v->name, missing) : 0;
}

static int find_queue(struct venus *v, struct fault *f)
{
	VkQueueFamilyProperties family[16];
	uint32_t count = sizeof(family) / sizeof(family[0]);

	vkGetPhysicalDeviceQueueFamilyProperties(v->physical, &count, family);
	for (v->family = 0; v->family < count; v->family++) {
		if (family[v->family].queueFlags & VK_QUEUE_COMPUTE_BIT)
			return 0;
	}
	return fault(f, UNSUPPORTED, "setup", "the Venus device has no queue that computes");
}

static int make_device(struct venus *v, struct fault *f)
{
	static const float first = 1;
	const VkDeviceQueueCreateInfo queue = {
		.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, .queueFamilyIndex = v->family, .queueCount = 1, .pQueuePriorities = &first,
	};
	const VkDeviceCreateInfo create = {
		.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, .queueCreateInfoCount = 1, .pQueueCreateInfos = &queue,
		.enabledExtensionCount = WANTED, .ppEnabledExtensionNames = wanted,
	};
	VkResult result = vkCreateDevice(v->physical, &create, NULL, &v->device);

	if (result != VK_SUCCESS) {
		v->device = NULL;
		return venus_fault(f, UNSUPPORTED, "setup", "vkCreateDevice", result);
	}
	vkGetDeviceQueue(v->device, v->family, 0, &v->queue);
	v->get_memory_fd = (PFN_vkGetMemoryFdKHR)vkGetDeviceProcAddr(v->device, "vkGetMemoryFdKHR");
	v->get_memory_fd_properties = (PFN_vkGetMemoryFdPropertiesKHR)vkGetDeviceProcAddr(v->device, "vkGetMemoryFdPropertiesKHR");
	return v->get_memory_fd && v->get_memory_fd_properties ? 0 : fault(f, FAILED, "setup", "vkGetMemoryFdKHR is offered, and not there");
}

static int make_commands(struct venus *v, struct fault *f)
{
	const VkCommandPoolCreateInfo pool = {
		.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO, .flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT, .queueFamilyIndex = v->family,
	};
	const VkFenceCreateInfo fence = { .sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO };
	VkCommandBufferAllocateInfo buffer = {
		.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO, .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY, .commandBufferCount = 1,
	};
	VkResult result = vkCreateCommandPool(v->device, &pool, NULL, &v->commands);

	buffer.commandPool = v->commands;
	if (result == VK_SUCCESS)
		result = vkAllocateCommandBuffers(v->device, &buffer, &v->command);
	if (result == VK_SUCCESS)
		result = vkCreateFence(v->device, &fence, NULL, &v->done);
	return result == VK_SUCCESS ? 0 : venus_fault(f, FAILED, "setup", "command pool, buffer and fence", result);
}

int venus_init(struct venus *v, struct fault *f)
{
	if (make_instance(v, f) || find_device(v, f) || require_extensions(v, f) || find_queue(v, f))
		return -1;
	return make_device(v, f) ? -1 : make_commands(v, f);
}

int venus_memory_type(const struct venus *v, uint32_t bits, VkMemoryPropertyFlags flags)
{
	VkPhysicalDeviceMemoryProperties memory;

	vkGetPhysicalDeviceMemoryProperties(v->physical, &memory);
	for (uint32_t i = 0; i < memory.memoryTypeCount; i++) {
		if (bits >> i & 1 && (memory.memoryTypes[i].propertyFlags & flags) == flags)
			return i;
	}
	return -1;
}

int venus_begin(struct venus *v, struct fault *f)
{
	const VkCommandBufferBeginInfo begin = {
		.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO, .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT,
	};
	VkResult result = vkBeginCommandBuffer(v->command, &begin);

	return result == VK_SUCCESS ? 0 : venus_fault(f, FAILED, "draw", "vkBeginCommandBuffer", result);
}

int venus_run(struct venus *v, const char *step, struct fault *f)
{
	const VkSubmitInfo submit = { .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO, .commandBufferCount = 1, .pCommandBuffers = &v->command };
	VkResult result = vkEndCommandBuffer(v->command);

	if (result != VK_SUCCESS)
		return venus_fault(f, FAILED, step, "vkEndCommandBuffer", result);
	result = vkQueueSubmit(v->queue, 1, &submit, v->done);
	if (result != VK_SUCCESS)
		return venus_fault(f, FAILED, step, "vkQueueSubmit", result);
	result = vkWaitForFences(v->device, 1, &v->done, VK_TRUE, LIMIT_NS);
	if (result != VK_SUCCESS)
		return venus_fault(f, FAILED, step, "vkWaitForFences", result);
	result = vkResetFences(v->device, 1, &v->done);
	return result == VK_SUCCESS ? 0 : venus_fault(f, FAILED, step, "vkResetFences", result);
}

void venus_fini(struct venus *v)
{
	if (v->device) {
		vkDestroyFence(v->device, v->done, NULL);
		vkDestroyCommandPool(v->device, v->commands, NULL);
		vkDestroyDevice(v->device, NULL);
	}
	if (v->instance)
		vkDestroyInstance(v->instance, NULL);
	*v = (struct venus){ .tell = v->tell, .opaque = v->opaque };
}
