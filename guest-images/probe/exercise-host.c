#include "clock.h"
#include "exercise.h"
#include "exercise-object.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <drm/drm.h>
#include <drm/virtgpu_drm.h>

#define SIDE 512				/* a megabyte: the host is still at it when the ioctl returns */
#define JUNK 0x5a5a5a5a
#define NEVER_US 5000000			/* after this long a host that answers at all has answered */
#define LATE_US 200000
#define BEFORE 4				/* commands that keep the host busy */
#define COLOUR 0x00ffffff			/* of a pixel; a dumb buffer's x is nobody's */

static uint32_t pattern(uint32_t seed, uint32_t x, uint32_t y)
{
	return (seed * 40503u + y * 977u + x) & COLOUR;
}

static void paint(struct object *o, uint32_t seed)
{
	for (uint32_t y = 0; y < o->height; y++)
		for (uint32_t x = 0; x < o->width; x++)
			o->map[y * (o->pitch / 4) + x] = pattern(seed, x, y);
}

/* Whether the pages begin with rows of the pattern, one after another. */
static bool shows(const struct object *o, uint32_t seed, uint32_t row, uint32_t rows)
{
	const volatile uint32_t *at = o->map;	/* the host writes it */

	for (uint32_t y = row; y < row + rows; y++)
		for (uint32_t x = 0; x < o->width; x++)
			if ((*at++ & COLOUR) != pattern(seed, x, y))
				return false;
	return true;
}

static void spoil(struct object *o)
{
	for (size_t i = 0; i < o->size / 4; i++)
		o->map[i] = JUNK;
}

/* Whether the kernel says too early that the host is done is asked by check_fence alone: elsewhere what comes late has come. */
static bool comes(const struct object *o, uint32_t seed, uint32_t row, uint32_t rows)
{
	int64_t from = clock_us();

	while (!shows(o, seed, row, rows)) {
		if (clock_us() - from > LATE_US)
			return false;
		usleep(1000);
	}
	return true;
}

static enum verdict fetched(struct exercise *x, struct object *o, uint32_t seed, const char *which)
{
	spoil(o);
	if (object_fetch(o, 0, o->height))
		return bad(x, "%s: TRANSFER_FROM_HOST: %s", which, strerror(errno));
	if (object_wait(o, false))
		return bad(x, "%s: VIRTGPU_WAIT after TRANSFER_FROM_HOST: %s", which, strerror(errno));
	return comes(o, seed, 0, o->height) ? GOOD : bad(x, "%s: what came back from the host is not what was sent", which);
}

static enum verdict sent(struct exercise *x, struct object *o, uint32_t seed)
{
	paint(o, seed);
	return object_send(o) || object_wait(o, false) ? bad(x, "TRANSFER_TO_HOST: %s", strerror(errno)) : GOOD;
}

static enum verdict trip(struct exercise *x, struct object *o, uint32_t seed)
{
	enum verdict verdict = sent(x, o, seed);

	return verdict == GOOD ? fetched(x, o, seed, "the same file") : verdict;
}

enum verdict check_round_trip(struct exercise *x)
{
	struct object o = { 0 };
	enum verdict verdict = GOOD;

	if (!x->virgl)
		return absent(x, "without Virgil3D nothing can be read back");
	if (object_create(&o, x->one, SIDE, SIDE) || object_map(&o))
		verdict = bad(x, "RESOURCE_CREATE and MAP: %s", strerror(errno));
	for (uint32_t seed = 1; verdict == GOOD && seed <= 4; seed++)
		verdict = trip(x, &o, seed);
	object_fini(&o);
	return verdict;
}

/* Behind so many others the last command takes a while: the pages must have what it brings as soon as WAIT returns, and not some time later. */
static enum verdict is_there_in_time(struct exercise *x, struct object *o, struct object *before)
{
	volatile uint32_t *last = &o->map[o->width * o->height - 1];

	for (int i = 0; i < BEFORE; i++)
		if (object_send(before))
			return bad(x, "TRANSFER_TO_HOST: %s", strerror(errno));
	*last = JUNK;
	if (object_fetch(o, 0, o->height) || object_wait(o, false))
		return bad(x, "TRANSFER_FROM_HOST and VIRTGPU_WAIT: %s", strerror(errno));
	if ((*last & COLOUR) == pattern(1, o->width - 1, o->height - 1) || !comes(o, 1, 0, o->height))
		return GOOD;
	return bad(x, "VIRTGPU_WAIT returned before the host had answered");
}

enum verdict check_fence(struct exercise *x)
{
	struct object o = { 0 }, before = { 0 };
	enum verdict verdict = GOOD;

	if (!x->virgl)
		return absent(x, "without Virgil3D nothing can be read back");
	if (object_create(&o, x->one, SIDE, SIDE) || object_map(&o) || object_create(&before, x->one, SIDE, SIDE))
		verdict = bad(x, "RESOURCE_CREATE and MAP: %s", strerror(errno));
	if (verdict == GOOD)
		verdict = sent(x, &o, 1);
	usleep(LATE_US);			/* the host has it now, whatever WAIT means here */
	for (int round = 0; verdict == GOOD && round < 4; round++)
		verdict = is_there_in_time(x, &o, &before);
	object_fini(&before);
	object_fini(&o);
	return verdict;
}

/* Asks again and again without waiting: the kernel's word for "not yet" must be the right one, and must come to an end. */
static enum verdict becomes_idle(struct exercise *x, const struct object *o)
{
	int64_t from = clock_us();

	while (object_wait(o, true)) {
		if (errno != EBUSY)
			return bad(x, "VIRTGPU_WAIT with NOWAIT: %s", strerror(errno));
		if (clock_us() - from > NEVER_US)
			return bad(x, "still busy %d s after the last command", NEVER_US / 1000000);
	}
	return GOOD;
}

enum verdict check_wait(struct exercise *x)
{
	struct object o = { 0 };
	enum verdict verdict = GOOD;

	if (object_create(&o, x->one, SIDE, SIDE))
		return bad(x, "RESOURCE_CREATE: %s", strerror(errno));
	for (int round = 0; verdict == GOOD && round < 4; round++) {
		if (object_send(&o) || object_send(&o))
			verdict = bad(x, "TRANSFER_TO_HOST: %s", strerror(errno));
		else
			verdict = becomes_idle(x, &o);
	}
	object_fini(&o);
	return verdict;
}

/* Another open file has a context of its own, which must have the resource too. */
enum verdict check_second_file(struct exercise *x)
{
	struct object o = { 0 }, same = { 0 };
	enum verdict verdict = GOOD;
	int dmabuf = -1;

	if (!x->virgl)
		return absent(x, "without Virgil3D nothing can be read back");
	if (object_create(&o, x->one, SIDE, SIDE / 4) || object_map(&o))
		verdict = bad(x, "RESOURCE_CREATE and MAP: %s", strerror(errno));
	if (verdict == GOOD)
		verdict = trip(x, &o, 9);
	if (verdict == GOOD) {
		dmabuf = object_export(&o);
		if (dmabuf < 0 || object_import(&same, x->two, dmabuf, &o) || object_map(&same))
			verdict = bad(x, "the import into a second file: %s", strerror(errno));
	}
	if (verdict == GOOD)
		verdict = fetched(x, &same, 9, "a second file");
	object_fini(&same);
	object_fini(&o);
	if (dmabuf >= 0)
		close(dmabuf);
	return verdict;
}

/* Each row is fetched by itself: then it comes to the begin of the pages, and where it lay in them no longer matters. */
static enum verdict rows_are_right(struct exercise *x, struct object *o)
{
	if (sent(x, o, o->width) != GOOD)
		return BAD;
	for (uint32_t row = 0; row < o->height; row += o->height - 1) {
		spoil(o);
		if (object_fetch(o, row, 1) || object_wait(o, false))
			return bad(x, "TRANSFER_FROM_HOST of a dumb buffer: %s", strerror(errno));
		if (!comes(o, o->width, row, 1))
			return bad(x, "row %u of a dumb buffer of %u x %u, written at a pitch of %u, is another one on the host", row, o->width, o->height, o->pitch);
	}
	return GOOD;
}

static enum verdict dumb(struct exercise *x, uint32_t width, uint32_t height)
{
	struct object o = { 0 };
	enum verdict verdict = GOOD;

	if (object_dumb(&o, x->one, width, height))
		return bad(x, "MODE_CREATE_DUMB of %u x %u: %s", width, height, strerror(errno));
	if (o.pitch < width * 4 || o.pitch % 4 || (uint64_t)o.pitch * height > o.size)
		verdict = bad(x, "a dumb buffer of %u x %u has a pitch of %u and %zu bytes", width, height, o.pitch, o.size);
	else if (object_map(&o))
		verdict = bad(x, "mmap of a dumb buffer: %s", strerror(errno));
	else if (x->virgl)
		verdict = rows_are_right(x, &o);
	object_fini(&o);
	return verdict;
}

enum verdict check_dumb(struct exercise *x)
{
	static const uint32_t widths[] = { 1, 15, 16, 63, 641, 1366, 1918 };
	enum verdict verdict = GOOD;

	for (size_t i = 0; verdict == GOOD && i < sizeof(widths) / sizeof(widths[0]); i++)
		verdict = dumb(x, widths[i], 7);
	return verdict;
}

/* A stream of one command that does nothing. */
static int submit(int file, uint32_t flags, int fence, uint32_t *handles, uint32_t count, int *out)
{
	static uint32_t nothing;
	struct drm_virtgpu_execbuffer exec = {
		.flags = flags, .size = sizeof(nothing), .command = (uintptr_t)&nothing, .bo_handles = (uintptr_t)handles, .num_bo_handles = count, .fence_fd = fence,
	};
	int err = gpu_ioctl(file, DRM_IOCTL_VIRTGPU_EXECBUFFER, &exec);

	if (!err && out)
		*out = exec.fence_fd;
	return err;
}

static enum verdict fence_comes(struct exercise *x, int fence)
{
	struct pollfd ready = { .fd = fence, .events = POLLIN };

	return poll(&ready, 1, NEVER_US / 1000) == 1 ? GOOD : bad(x, "the fence of a command has not come after %d s", NEVER_US / 1000000);
}

enum verdict check_submit(struct exercise *x)
{
	struct object o = { 0 };
	enum verdict verdict = GOOD;
	uint32_t wrong = 0xdead;
	int fence = -1;

	if (!x->virgl)
		return absent(x, "without Virgil3D there are no commands of user space");
	if (object_create(&o, x->one, 16, 16))
		return bad(x, "RESOURCE_CREATE: %s", strerror(errno));
	if (submit(x->one, VIRTGPU_EXECBUF_FENCE_FD_OUT, -1, &o.handle, 1, &fence) || object_wait(&o, false))
		verdict = bad(x, "EXECBUFFER: %s", strerror(errno));
	else if (submit(x->two, VIRTGPU_EXECBUF_FENCE_FD_IN, fence, NULL, 0, NULL))
		verdict = bad(x, "EXECBUFFER with a fence to wait for: %s", strerror(errno));
	else
		verdict = fence_comes(x, fence);
	if (verdict == GOOD && (!submit(x->one, 0, -1, &wrong, 1, NULL) || errno != ENOENT))
		verdict = bad(x, "EXECBUFFER with a handle that does not exist is not refused");
	if (verdict == GOOD && (!submit(x->one, 1 << 30, -1, NULL, 0, NULL) || errno != EINVAL))
		verdict = bad(x, "EXECBUFFER with an unknown flag is not refused");
	if (fence >= 0)
		close(fence);
	object_fini(&o);
	return verdict;
}
