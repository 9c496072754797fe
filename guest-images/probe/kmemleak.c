#include "kmemleak.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * The first scan only takes each object's checksum: what has changed by the second was in use (update_checksum() in mm/kmemleak.c). The second
 * begins a while after the first: an object that is then younger than five seconds is not told of (MSECS_MIN_AGE there).
 */
#define SCANS 2

static int say_scan(struct say *out, int64_t id, int scan)
{
	say_begin(out, "kmemleak");
	say_int(out, "id", id);
	say_int(out, "scan", scan);
	return say_end(out);
}

static int say_outcome(struct say *out, int64_t id, const char *file, int err)
{
	char why[160];

	say_begin(out, "end");
	say_int(out, "id", id);
	say_str(out, "status", err ? "error" : "done");
	if (err) {
		snprintf(why, sizeof(why), "%s: %s", file, strerror(err));
		say_str(out, "step", "kmemleak");
		say_str(out, "why", why);
	}
	say_int(out, "frames", 0);
	return say_end(out);
}

static int ask(const char *file)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC), err;

	if (fd < 0)
		return errno;
	err = write(fd, "scan", 4) == 4 ? 0 : errno;
	close(fd);
	return err;
}

/* The stacks of what was found: to the console, where the kernel has just said how many there are. */
static void show(const char *file)
{
	FILE *found = fopen(file, "re");
	char line[256];

	while (found && fgets(line, sizeof(line), found))
		fputs(line, stderr);
	if (found)
		fclose(found);
}

static void sleep_until(int64_t due_ns)
{
	struct timespec due = { .tv_sec = due_ns / 1000000000, .tv_nsec = due_ns % 1000000000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
		;
}

int kmemleak_scan(struct say *out, int64_t id, const char *file, unsigned int apart_s)
{
	int64_t began = clock_ns();
	int err = 0;

	for (int scan = 1; !err && scan <= SCANS; scan++) {
		if (scan > 1)
			sleep_until(began + apart_s * 1000000000LL);
		err = ask(file);
		if (!err && say_scan(out, id, scan))
			return 1;
	}
	if (!err)
		show(file);
	if (say_outcome(out, id, file, err))
		return 1;
	return err ? 98 : 0;
}
