#include "calls.h"
#include "busy.h"
#include "clock.h"
#include "exercise-object.h"
#include "mark.h"
#include "pages.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <drm/virtgpu_drm.h>

enum { WARMUP = 20, ROUNDS = 400, BATCHES = 10, BATCH = 20, COSTED = BATCHES * BATCH, STREAM = 1024, SIDE = 64, PATIENCE_MS = 10000, SPIN = 200000, LONE_SPINS = 50 };

#define NOP(words) ((uint32_t)(words) << 16)	/* a command of virgl that does nothing, and so many words that nobody reads */

struct calls {
	int file;				/* owned; the open device; -1 */
	enum calls_mode mode;
	int64_t spins;				/* so far */
	double spin_ns;				/* of one, without a tick; 0: not known yet */
	double tick_ns;				/* of what the kernel does at each tick */
	const char *failed;			/* which step of a call; errno says how */
	struct object texture;			/* owned */
	uint32_t stream[STREAM];		/* 4 KiB of commands, about what Mesa sends for a draw */
};

struct call {
	const char *name;
	int (*make)(struct calls *c);
};

static int step(struct calls *c, const char *what, int err)
{
	if (err && !c->failed)
		c->failed = what;
	return err;
}

/*
 * Whether the host answers before the caller sleeps or after depends on the host, and a sleep is some hundred instructions. Where they are counted, the caller
 * does nothing for so many of them that the answer is there, and never sleeps. Under -icount any other wait takes no time of the host.
 */
static void let_host_answer(struct calls *c)
{
	if (c->mode != CALLS_COST)
		return;
	for (int i = 0; i < SPIN; i++)
		__asm__ volatile("");
	c->spins++;
}

/* Commands of user space, until their fence has come. */
static int submit(struct calls *c)
{
	struct drm_virtgpu_execbuffer exec = { .flags = VIRTGPU_EXECBUF_FENCE_FD_OUT, .size = sizeof(c->stream), .command = (uintptr_t)c->stream, .fence_fd = -1 };
	struct pollfd ready = { .events = POLLIN };
	int err = step(c, "EXECBUFFER", gpu_ioctl(c->file, DRM_IOCTL_VIRTGPU_EXECBUFFER, &exec));

	if (err)
		return -1;
	let_host_answer(c);
	ready.fd = exec.fence_fd;
	err = poll(&ready, 1, PATIENCE_MS) == 1 ? 0 : -1;
	if (err)
		errno = ETIME;
	close(exec.fence_fd);
	return step(c, "the fence of EXECBUFFER", err);
}

/* 16 KiB to the host, until it has them. */
static int transfer(struct calls *c)
{
	if (step(c, "TRANSFER_TO_HOST", object_send(&c->texture)))
		return -1;
	let_host_answer(c);
	return step(c, "WAIT", object_wait(&c->texture, false));
}

/* An object, until the host has it, and its end. */
static int create(struct calls *c)
{
	struct object o = { 0 };
	int err = step(c, "RESOURCE_CREATE", object_create(&o, c->file, SIDE, SIDE));

	if (err)
		return -1;
	let_host_answer(c);
	err = step(c, "WAIT", object_wait(&o, false));
	err = step(c, "GEM_CLOSE", object_close(&o)) || err ? -1 : 0;
	let_host_answer(c);
	return err;
}

static int rounds(struct calls *c, int (*call)(struct calls *c), int count, int64_t *us)
{
	for (int i = 0; i < count; i++) {
		int64_t from = clock_us();

		if (call(c))
			return -1;
		if (us)
			us[i] = clock_us() - from;
	}
	return 0;
}

static void say_values(struct say *out, const char *key, const int64_t *value, int count)
{
	say_open(out, key, '[');
	for (int i = 0; i < count; i++)
		say_int(out, NULL, value[i]);
	say_close(out, ']');
}

static void say_call(struct say *out, const char *type, int64_t id, const char *name)
{
	say_begin(out, type);
	say_int(out, "id", id);
	say_str(out, "call", name);
}

/* Each of the three: 1: the host cannot be told. -1: the call failed. */
static int time_call(struct say *out, int64_t id, struct calls *c, const struct call *call)
{
	int64_t us[ROUNDS];

	if (rounds(c, call->make, WARMUP, NULL) || rounds(c, call->make, ROUNDS, us))
		return -1;
	say_call(out, "call", id, call->name);
	say_values(out, "us", us, ROUNDS);
	return say_end(out) ? 1 : 0;
}

struct span {
	double ns;				/* for how long the guest was busy, spins and ticks included */
	int64_t spins;
	int64_t ticks;
};

/* The coarse clock is the tick's: a step of it is a tick. */
static int read_ticks(int64_t *ticks)
{
	struct timespec now, step;
	int err = clock_getres(CLOCK_MONOTONIC_COARSE, &step) || clock_gettime(CLOCK_MONOTONIC_COARSE, &now);

	*ticks = err ? 0 : (now.tv_sec * INT64_C(1000000000) + now.tv_nsec + step.tv_nsec / 2) / step.tv_nsec;
	return err ? -1 : 0;
}

static int busy_with(struct calls *c, int (*make)(struct calls *c), int count, struct span *span)
{
	struct busy before, after;
	int64_t spins = c->spins, ticks;

	if (step(c, "/proc/timer_list", busy_before(&before)) || step(c, "the clock", read_ticks(&ticks)) || rounds(c, make, count, NULL) ||
	    step(c, "the clock", read_ticks(&span->ticks)) || step(c, "/proc/timer_list", busy_after(&after)))
		return -1;
	*span = (struct span){ .ns = busy_between(&before, &after), .spins = c->spins - spins, .ticks = span->ticks - ticks };
	return 0;
}

static int only_spin(struct calls *c)
{
	let_host_answer(c);
	return 0;
}

/* The shortest of a few spins has no tick in it; what many take beyond that is the ticks'. */
static int learn_spin(struct calls *c)
{
	struct span many;

	if (c->spin_ns > 0)
		return 0;
	for (int i = 0; i < LONE_SPINS; i++) {
		int64_t from = clock_ns(), ns;

		let_host_answer(c);
		ns = clock_ns() - from;
		if (!c->spin_ns || ns < c->spin_ns)
			c->spin_ns = ns;
	}
	if (busy_with(c, only_spin, COSTED, &many))
		return -1;
	c->tick_ns = many.ticks ? (many.ns - many.spins * c->spin_ns) / many.ticks : 0;
	return 0;
}

/* Per batch, so that one in which the kernel did something else too can be told from the others. */
static int cost_call(struct say *out, int64_t id, struct calls *c, const struct call *call)
{
	int64_t per_call[BATCHES];
	struct span span;

	if (learn_spin(c) || rounds(c, call->make, WARMUP, NULL))
		return -1;
	for (int i = 0; i < BATCHES; i++) {
		if (busy_with(c, call->make, BATCH, &span))
			return -1;
		per_call[i] = (span.ns - span.spins * c->spin_ns - span.ticks * c->tick_ns) / BATCH;
	}
	say_call(out, "cost", id, call->name);
	say_int(out, "rounds", COSTED);
	say_values(out, "busyNs", per_call, BATCHES);
	return say_end(out) ? 1 : 0;
}

/* Commands and notifications are counted by the host, between the marks; the pages that the kernel hands out meanwhile, here. */
static int count_call(struct say *out, int64_t id, struct calls *c, const struct call *call)
{
	int64_t before, pages;

	if (rounds(c, call->make, WARMUP, NULL) || step(c, "the first mark", mark(c->file, MARK_BEGIN)) || step(c, "/proc/vmstat", pages_handed_out(&before)))
		return -1;
	if (rounds(c, call->make, ROUNDS, NULL) || step(c, "/proc/vmstat", pages_handed_out(&pages)) || step(c, "the second mark", mark(c->file, MARK_END)))
		return -1;
	say_call(out, "counted", id, call->name);
	say_int(out, "rounds", ROUNDS);
	say_int(out, "pages", pages - before);
	return say_end(out) ? 1 : 0;
}

static int say_outcome(struct say *out, int64_t id, const char *status, const char *step_, const char *why)
{
	say_begin(out, "end");
	say_int(out, "id", id);
	say_str(out, "status", status);
	if (step_) {
		say_str(out, "step", step_);
		say_str(out, "why", why);
	}
	say_int(out, "frames", 0);
	return say_end(out) ? 1 : 0;
}

static int all_calls(struct say *out, int64_t id, struct calls *c)
{
	static const struct call each[] = { { "submit", submit }, { "transfer", transfer }, { "create", create } };
	static int (*const how[])(struct say *out, int64_t id, struct calls *c, const struct call *call) = {
		[CALLS_TIME] = time_call, [CALLS_COST] = cost_call, [CALLS_COUNT] = count_call,
	};

	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		int err = how[c->mode](out, id, c, &each[i]);

		if (err)
			return err > 0 ? 1 : say_outcome(out, id, "error", c->failed, strerror(errno)) ? 1 : 98;
	}
	return say_outcome(out, id, "done", NULL, NULL);
}

int calls_run(struct say *out, int64_t id, const char *device, enum calls_mode mode)
{
	struct calls c = { .mode = mode, .stream = { NOP(STREAM - 1) } };
	int code;

	c.file = open(device, O_RDWR | O_CLOEXEC);
	if (c.file < 0)
		return say_outcome(out, id, "unsupported", "calls", strerror(errno)) ? 1 : 77;
	if (object_create(&c.texture, c.file, SIDE, SIDE))
		code = say_outcome(out, id, "unsupported", "RESOURCE_CREATE", strerror(errno)) ? 1 : 77;
	else
		code = all_calls(out, id, &c);
	object_fini(&c.texture);
	close(c.file);
	return code;
}
