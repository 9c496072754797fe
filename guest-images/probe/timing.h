/*
 * What a measured pass took: the steps of every frame, kept in memory until the end, and the process's CPU time. Refuses to know what the steps do.
 */
#ifndef TIMING_H
#define TIMING_H

#include "clock.h"

#include <stddef.h>

#define TIMING_PER_LINE 64
#define TIMING_STEPS 7				/* of struct times, without readback and hash; and the whole frame */

struct timed_frame {
	struct times us;
	int64_t whole;
};

struct timing {
	struct timed_frame *frame;		/* owned; NULL */
	int count, room;
	int64_t wall_us, user_us, system_us, cpu_ns, bookkeeping_us;	/* between begin and end; cpu_ns: CLOCK_PROCESS_CPUTIME_ID */
};

void timing_begin(struct timing *t);		/* at the first mark; times are relative to it until timing_end() */
void timing_end(struct timing *t);

/* -1: no memory. */
int timing_add(struct timing *t, const struct times *us, int64_t whole);

const char *timing_step_name(int step);
int64_t timing_step(const struct timed_frame *frame, int step);

void timing_fini(struct timing *t);

#endif
