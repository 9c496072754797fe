#include "exercise.h"
#include "exercise-object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <drm/drm.h>
#include <drm/virtgpu_drm.h>

#define NO_HANDLE 0x7fffffff
#define CAPSET_VIRGL2 2

/* 0: refused as it should be. */
static int refused(int file, unsigned long request, void *argument, int with)
{
	return gpu_ioctl(file, request, argument) && errno == with ? 0 : -1;
}

static enum verdict capset(struct exercise *x, uint32_t which)
{
	char data[2048];
	struct drm_virtgpu_get_caps caps = { .cap_set_id = which, .cap_set_ver = 1, .addr = (uintptr_t)data, .size = sizeof(data) };
	struct drm_virtgpu_get_caps none = caps, unknown = caps;

	none.size = 0;
	unknown.cap_set_id = 0xffff;
	if (gpu_ioctl(x->one, DRM_IOCTL_VIRTGPU_GET_CAPS, &caps) || gpu_ioctl(x->two, DRM_IOCTL_VIRTGPU_GET_CAPS, &caps))
		return bad(x, "GET_CAPS of set %u: %s", which, strerror(errno));
	if (refused(x->one, DRM_IOCTL_VIRTGPU_GET_CAPS, &none, EINVAL) || refused(x->one, DRM_IOCTL_VIRTGPU_GET_CAPS, &unknown, EINVAL))
		return bad(x, "GET_CAPS of no bytes, or of an unknown set, is not refused with EINVAL");
	return GOOD;
}

enum verdict check_parameters(struct exercise *x)
{
	uint64_t value = 0;

	for (uint64_t which = VIRTGPU_PARAM_3D_FEATURES; which <= VIRTGPU_PARAM_EXPLICIT_DEBUG_NAME; which++) {
		struct drm_virtgpu_getparam get = { .param = which, .value = (uintptr_t)&value };

		if (gpu_ioctl(x->one, DRM_IOCTL_VIRTGPU_GETPARAM, &get) && errno != EINVAL)
			return bad(x, "GETPARAM %u: %s", (unsigned int)which, strerror(errno));
	}
	if (refused(x->one, DRM_IOCTL_VIRTGPU_GETPARAM, &(struct drm_virtgpu_getparam){ .param = 1 << 20, .value = (uintptr_t)&value }, EINVAL))
		return bad(x, "GETPARAM of an unknown parameter is not refused with EINVAL");
	if (refused(x->one, DRM_IOCTL_VIRTGPU_GETPARAM, &(struct drm_virtgpu_getparam){ .param = VIRTGPU_PARAM_3D_FEATURES, .value = 8 }, EFAULT))
		return bad(x, "GETPARAM to a bad address is not refused with EFAULT");
	return x->virgl ? capset(x, CAPSET_VIRGL2) : GOOD;
}

static enum verdict handles(struct exercise *x, uint32_t handle, const char *which)
{
	struct { const char *name; unsigned long request; void *argument; int with; } call[] = {
		{ "RESOURCE_INFO", DRM_IOCTL_VIRTGPU_RESOURCE_INFO, &(struct drm_virtgpu_resource_info){ .bo_handle = handle }, ENOENT },
		{ "MAP", DRM_IOCTL_VIRTGPU_MAP, &(struct drm_virtgpu_map){ .handle = handle }, ENOENT },
		{ "WAIT", DRM_IOCTL_VIRTGPU_WAIT, &(struct drm_virtgpu_3d_wait){ .handle = handle }, ENOENT },
		{ "TRANSFER_TO_HOST", DRM_IOCTL_VIRTGPU_TRANSFER_TO_HOST, &(struct drm_virtgpu_3d_transfer_to_host){ .bo_handle = handle }, ENOENT },
		{ "PRIME_HANDLE_TO_FD", DRM_IOCTL_PRIME_HANDLE_TO_FD, &(struct drm_prime_handle){ .handle = handle }, ENOENT },
		{ "GEM_CLOSE", DRM_IOCTL_GEM_CLOSE, &(struct drm_gem_close){ .handle = handle }, EINVAL },
	};

	for (size_t i = 0; i < sizeof(call) / sizeof(call[0]); i++)
		if (refused(x->one, call[i].request, call[i].argument, call[i].with))
			return bad(x, "%s of %s is not refused with %s", call[i].name, which, strerror(call[i].with));
	return GOOD;
}

static enum verdict files(struct exercise *x)
{
	struct drm_prime_handle none = { .fd = -1 }, other = { .fd = open("/dev/null", O_RDWR | O_CLOEXEC) };
	enum verdict verdict = GOOD;

	if (refused(x->one, DRM_IOCTL_PRIME_FD_TO_HANDLE, &none, EBADF))
		verdict = bad(x, "PRIME_FD_TO_HANDLE of no file is not refused with EBADF");
	else if (other.fd >= 0 && refused(x->one, DRM_IOCTL_PRIME_FD_TO_HANDLE, &other, EINVAL))
		verdict = bad(x, "PRIME_FD_TO_HANDLE of a file that is no dma-buf is not refused with EINVAL");
	if (other.fd >= 0)
		close(other.fd);
	return verdict;
}

enum verdict check_bad_handles(struct exercise *x)
{
	struct object gone = { 0 };
	enum verdict verdict;
	uint32_t handle;

	if (object_create(&gone, x->one, 16, 16))
		return bad(x, "RESOURCE_CREATE: %s", strerror(errno));
	handle = gone.handle;
	object_fini(&gone);
	verdict = handles(x, handle, "a handle that is closed");
	if (verdict == GOOD)
		verdict = handles(x, NO_HANDLE, "a handle that never was");
	if (verdict == GOOD)
		verdict = handles(x, 0, "handle 0");
	return verdict == GOOD ? files(x) : verdict;
}

static int context_init(int file, struct drm_virtgpu_context_set_param *params, uint32_t count)
{
	struct drm_virtgpu_context_init init = { .num_params = count, .ctx_set_params = (uintptr_t)params };

	return gpu_ioctl(file, DRM_IOCTL_VIRTGPU_CONTEXT_INIT, &init);
}

/* With the longest name there is room for; a context is made once, so it wants a file of its own. */
static enum verdict named_context(struct exercise *x, int file)
{
	char name[65];
	struct drm_virtgpu_context_set_param unknown = { .param = 0xffff };
	struct drm_virtgpu_context_set_param params[] = {
		{ .param = VIRTGPU_CONTEXT_PARAM_CAPSET_ID, .value = CAPSET_VIRGL2 }, { .param = VIRTGPU_CONTEXT_PARAM_DEBUG_NAME, .value = (uintptr_t)name },
	};

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	if (!context_init(file, &unknown, 1) || errno != EINVAL)
		return bad(x, "CONTEXT_INIT with an unknown parameter is not refused with EINVAL");
	if (context_init(file, params, 2))
		return bad(x, "CONTEXT_INIT with a name: %s", strerror(errno));
	if (!context_init(file, params, 2) || errno != EEXIST)
		return bad(x, "a second CONTEXT_INIT is not refused with EEXIST");
	return GOOD;
}

enum verdict check_context(struct exercise *x)
{
	int value = 0, file;
	struct drm_virtgpu_getparam get = { .param = VIRTGPU_PARAM_CONTEXT_INIT, .value = (uintptr_t)&value };
	enum verdict verdict;

	if (gpu_ioctl(x->one, DRM_IOCTL_VIRTGPU_GETPARAM, &get) || !value)
		return absent(x, "the device has no CONTEXT_INIT");
	file = exercise_open_again(x);
	if (file < 0)
		return bad(x, "a third open: %s", strerror(errno));
	verdict = named_context(x, file);
	close(file);
	return verdict;
}
