#include "clock.h"
#include "exercise.h"
#include "exercise-object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <drm/drm.h>
#include <drm/virtgpu_drm.h>

#define PATIENCE_US 10000000			/* once something is wrong, every other check may wait for its limits too */

/* The fence comes first, and what reads the host back after it: what is wrong there has a name of its own, and upsets the others. */
static const struct check checks[] = {
	{ "fence", check_fence }, { "round-trip", check_round_trip }, { "wait", check_wait }, { "resource-id", check_ids }, { "second-file", check_second_file },
	{ "dumb", check_dumb }, { "submit", check_submit }, { "close-orders", check_close_orders }, { "close-busy", check_close_busy },
	{ "parameters", check_parameters }, { "bad-handles", check_bad_handles }, { "context", check_context }, { "foreign-import", check_foreign_import },
};

enum verdict bad(struct exercise *x, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(x->why, sizeof(x->why), format, arguments);
	va_end(arguments);
	return BAD;
}

enum verdict absent(struct exercise *x, const char *why)
{
	snprintf(x->why, sizeof(x->why), "%s", why);
	return ABSENT;
}

static int say_check(struct say *out, int64_t id, const char *name, enum verdict verdict, const char *why)
{
	static const char *const status[] = { [GOOD] = "passed", [BAD] = "failed", [ABSENT] = "unavailable" };

	say_begin(out, "check");
	say_int(out, "id", id);
	say_str(out, "check", name);
	say_str(out, "status", status[verdict]);
	say_str(out, "why", why);
	return say_end(out);
}

static int say_outcome(struct say *out, int64_t id, const char *status, const char *why)
{
	say_begin(out, "end");
	say_int(out, "id", id);
	say_str(out, "status", status);
	if (why) {
		say_str(out, "step", "exercise");
		say_str(out, "why", why);
	}
	say_int(out, "frames", 0);
	return say_end(out);
}

int exercise_open_again(const struct exercise *x)
{
	return open(x->device, O_RDWR | O_CLOEXEC);
}

static int open_files(struct exercise *x)
{
	char name[16] = "";
	struct drm_version version = { .name = name, .name_len = sizeof(name) - 1 };

	x->one = exercise_open_again(x);
	x->two = exercise_open_again(x);
	if (x->one < 0 || x->two < 0) {
		bad(x, "%s: %s", x->device, strerror(errno));
		return -1;
	}
	if (gpu_ioctl(x->one, DRM_IOCTL_VERSION, &version) || strcmp(name, "virtio_gpu")) {
		bad(x, "%s is no virtio-gpu", x->device);
		return -1;
	}
	return 0;
}

static bool has_virgl(int file)
{
	int value = 0;
	struct drm_virtgpu_getparam get = { .param = VIRTGPU_PARAM_3D_FEATURES, .value = (uintptr_t)&value };

	return !gpu_ioctl(file, DRM_IOCTL_VIRTGPU_GETPARAM, &get) && value;
}

static void close_files(struct exercise *x)
{
	if (x->one >= 0)
		close(x->one);
	if (x->two >= 0)
		close(x->two);
	x->one = x->two = -1;
}

static enum verdict one_check(struct exercise *x, const struct check *check, bool *failed, int64_t from)
{
	enum verdict verdict;

	x->why[0] = '\0';
	if (*failed && clock_us() - from > PATIENCE_US)
		return absent(x, "not begun: another check failed, and time is up");
	verdict = check->run(x);
	*failed |= verdict == BAD;
	return verdict;
}

int exercise_run(struct say *out, int64_t id, const char *device)
{
	struct exercise x = { .one = -1, .two = -1, .device = device };
	int64_t from = clock_us();
	bool failed = false;

	if (open_files(&x)) {
		close_files(&x);
		return say_outcome(out, id, "unsupported", x.why) ? 1 : 77;
	}
	x.virgl = has_virgl(x.one);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		enum verdict verdict = one_check(&x, &checks[i], &failed, from);

		if (say_check(out, id, checks[i].name, verdict, x.why))
			return 1;
	}
	close_files(&x);
	return say_outcome(out, id, "done", NULL) ? 1 : 0;
}
