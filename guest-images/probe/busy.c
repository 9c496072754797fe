#include "busy.h"

#include <dirent.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int64_t read_clock(clockid_t clock)
{
	struct timespec spent;

	return clock_gettime(clock, &spent) ? -1 : spent.tv_sec * INT64_C(1000000000) + spent.tv_nsec;
}

static void read_others(struct busy *busy)
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;

	busy->count = 0;
	while (folder && (entry = readdir(folder)) && busy->count < BUSY_MAX) {
		pid_t pid = atoi(entry->d_name);
		clockid_t clock;

		if (pid <= 0 || pid == getpid() || clock_getcpuclockid(pid, &clock))
			continue;
		busy->of[busy->count].pid = pid;
		busy->of[busy->count].ns = read_clock(clock);
		busy->count += busy->of[busy->count].ns >= 0;
	}
	if (folder)
		closedir(folder);
}

void busy_before(struct busy *busy)
{
	read_others(busy);
	busy->own = read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

void busy_after(struct busy *busy)
{
	busy->own = read_clock(CLOCK_PROCESS_CPUTIME_ID);
	read_others(busy);
}

static int64_t spent_before(const struct busy *before, pid_t pid)
{
	for (int i = 0; i < before->count; i++)
		if (before->of[i].pid == pid)
			return before->of[i].ns;
	return 0;
}

int64_t busy_between(const struct busy *before, const struct busy *after)
{
	int64_t ns = after->own - before->own;

	for (int i = 0; i < after->count; i++)
		ns += after->of[i].ns - spent_before(before, after->of[i].pid);
	return ns;
}
