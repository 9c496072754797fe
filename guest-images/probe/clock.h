/* CLOCK_MONOTONIC in micro- and nanoseconds, and the steps of a frame they are spent on. */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

struct times {					/* microseconds; -1: this pipeline has no such step */
	int64_t decode, wait, copy, transfer, upload, draw, readback, hash;
};

static inline int64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static inline int64_t clock_us(void)
{
	return clock_ns() / 1000;
}

#endif
