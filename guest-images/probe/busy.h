/* How long the guest's CPUs were not idle: everything that ran, in processes, in the kernel's own threads and in interrupts. Refuses to know what that was. */
#ifndef BUSY_H
#define BUSY_H

#include <stdint.h>

struct busy {
	int64_t clock, idle;			/* nanoseconds: of CLOCK_MONOTONIC, and of all CPUs together */
	int cpus;
};

/*
 * What is between the two. Reading how long a CPU idled takes longer than what is measured may, so the clock is read next to that. Each: 0, or -1 and
 * errno; ENODATA: this kernel does not say.
 */
int busy_before(struct busy *busy);
int busy_after(struct busy *busy);

/* Nanoseconds. */
int64_t busy_between(const struct busy *before, const struct busy *after);

#endif
