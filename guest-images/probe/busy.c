#include "busy.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

/* kernel/time/timer_list.c: a line for each CPU, of what the tick has summed up (struct tick_sched). */
static int read_idle(struct busy *busy)
{
	FILE *file = fopen("/proc/timer_list", "re");
	char line[256];
	long long ns;

	if (!file)
		return -1;
	busy->idle = busy->cpus = 0;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, " .idle_sleeptime : %lld nsecs", &ns) != 1)
			continue;
		busy->idle += ns;
		busy->cpus++;
	}
	fclose(file);
	if (!busy->cpus)
		errno = ENODATA;
	return busy->cpus ? 0 : -1;
}

static int read_clock(struct busy *busy)
{
	struct timespec now;
	int err = clock_gettime(CLOCK_MONOTONIC, &now);

	busy->clock = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
	return err;
}

int busy_before(struct busy *busy)
{
	return read_idle(busy) || read_clock(busy) ? -1 : 0;
}

int busy_after(struct busy *busy)
{
	return read_clock(busy) || read_idle(busy) ? -1 : 0;
}

int64_t busy_between(const struct busy *before, const struct busy *after)
{
	return (after->clock - before->clock) * after->cpus - (after->idle - before->idle);
}
