#include "busy.h"
#include "calls.h"
#include "pages.h"
#include "test.h"

#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Without a virtio-gpu it says so in its one line, and the code is that of a pipeline that cannot. */
static void is_unsupported(const char *device, const char *step, const char *why)
{
	struct say *out = calloc(1, sizeof(*out));
	char text[512], wanted[512];
	int pair[2];
	long n;

	CLAIM(out && !pipe(pair));
	out->fd = pair[1];
	CLAIM(calls_run(out, 7, device, CALLS_TIME) == 77);
	close(pair[1]);
	n = read(pair[0], text, sizeof(text) - 1);
	CLAIM(n > 0);
	text[n] = '\0';
	close(pair[0]);
	free(out);
	snprintf(wanted, sizeof(wanted), "{\"t\":\"end\",\"id\":7,\"status\":\"unsupported\",\"step\":\"%s\",\"why\":\"%s\",\"frames\":0}\n", step, why);
	CLAIM_TEXT(text, wanted);
}

static void spin(int64_t ns)
{
	struct timespec spent;

	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
	while (spent.tv_sec * INT64_C(1000000000) + spent.tv_nsec < ns);
}

/* What another process does is counted too, from its begin where there was none before. */
static void counts_others(void)
{
	static struct busy before, after;
	int ready[2], hold[2];
	pid_t child;
	char byte;

	CLAIM(!pipe(ready) && !pipe(hold));
	busy_before(&before);
	CLAIM(before.own > 0 && before.count > 0);
	child = fork();
	if (!child) {
		spin(30000000);
		_exit(write(ready[1], "", 1) == 1 && read(hold[0], &byte, 1) == 1 ? 0 : 1);
	}
	CLAIM(child > 0 && read(ready[0], &byte, 1) == 1);
	busy_after(&after);
	CLAIM(busy_between(&before, &after) >= 30000000);
	CLAIM(busy_between(&after, &after) == 0);
	CLAIM(write(hold[1], "", 1) == 1 && waitpid(child, NULL, 0) == child);
	close(ready[0]);
	close(ready[1]);
	close(hold[0]);
	close(hold[1]);
}

/* What is written to for the first time is handed out. */
static void counts_pages(void)
{
	enum { SIZE = 8 << 20 };
	int64_t before, after;
	char *memory = malloc(SIZE);

	CLAIM(memory && !pages_handed_out(&before));
	memset(memory, 1, SIZE);
	CLAIM(!pages_handed_out(&after) && after - before >= SIZE / getpagesize() / 2);
	free(memory);
}

void test_calls(void)
{
	is_unsupported("/nowhere/card0", "calls", "No such file or directory");
	is_unsupported("/dev/null", "RESOURCE_CREATE", "Inappropriate ioctl for device");
	counts_others();
	counts_pages();
}
