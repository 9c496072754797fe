#include "timing.h"

#include <stdlib.h>
#include <sys/resource.h>

static int64_t us_of(struct timeval tv)
{
	return tv.tv_sec * INT64_C(1000000) + tv.tv_usec;
}

static int64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void add_now(struct timing *t, int sign)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	t->user_us += sign * us_of(usage.ru_utime);
	t->system_us += sign * us_of(usage.ru_stime);
	t->wall_us += sign * clock_us();
	t->cpu_ns += sign * cpu_ns();
}

void timing_begin(struct timing *t)
{
	add_now(t, -1);
}

/* How long it takes to read the clock once, here and now: what a frame's bookkeeping mostly is. */
static int64_t clock_costs_ns(void)
{
	enum { TIMES = 1000 };
	int64_t from = clock_us();

	for (int i = 0; i < TIMES; i++)
		clock_us();
	return (clock_us() - from) * 1000 / TIMES;
}

void timing_end(struct timing *t)
{
	enum { READINGS = 16 };			/* per frame: two for each step, two for the whole, the rest for storing it */

	add_now(t, 1);
	t->bookkeeping_us = t->count * READINGS * clock_costs_ns() / 1000;
}

int timing_add(struct timing *t, const struct times *us, int64_t whole)
{
	if (t->count == t->room) {
		int room = t->room ? t->room * 2 : 1024;
		struct timed_frame *more = realloc(t->frame, room * sizeof(*more));

		if (!more)
			return -1;
		t->frame = more;
		t->room = room;
	}
	t->frame[t->count++] = (struct timed_frame){ *us, whole };
	return 0;
}

const char *timing_step_name(int step)
{
	static const char *const name[TIMING_STEPS] = { "decode", "wait", "copy", "transfer", "upload", "draw", "frame" };

	return name[step];
}

int64_t timing_step(const struct timed_frame *frame, int step)
{
	const struct times *us = &frame->us;
	const int64_t value[TIMING_STEPS] = { us->decode, us->wait, us->copy, us->transfer, us->upload, us->draw, frame->whole };

	return value[step];
}

void timing_fini(struct timing *t)
{
	free(t->frame);
	*t = (struct timing){ 0 };
}
