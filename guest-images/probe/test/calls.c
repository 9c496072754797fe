#include "busy.h"
#include "calls.h"
#include "pages.h"
#include "test.h"

#include <errno.h>
#include <sys/mman.h>
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

/* What another process does is counted too, and what nobody does is not. */
static void counts_whoever_runs(void)
{
	struct busy before = { .clock = 1000, .idle = 300, .cpus = 2 }, after = { .clock = 1500, .idle = 900, .cpus = 2 };

	CLAIM(busy_between(&before, &after) == 400);
	CLAIM(busy_between(&after, &after) == 0);
	/* A container does not see it, and is told so; a guest does (orchestrator/test/evaluate.test.ts). */
	if (busy_before(&before))
		CLAIM(errno == ENODATA || errno == EACCES || errno == ENOENT);
	else
		CLAIM(!busy_after(&after) && before.cpus > 0 && after.clock >= before.clock && after.idle >= before.idle);
}

/* What is written to for the first time is handed out. */
static void counts_pages(void)
{
	enum { SIZE = 8 << 20 };
	int64_t before, after;
	char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CLAIM(memory != MAP_FAILED && !pages_handed_out(&before));
	memset(memory, 1, SIZE);
	CLAIM(!pages_handed_out(&after) && after - before >= SIZE / getpagesize() / 2);
	munmap(memory, SIZE);
}

void test_calls(void)
{
	is_unsupported("/nowhere/card0", "calls", "No such file or directory");
	is_unsupported("/dev/null", "RESOURCE_CREATE", "Inappropriate ioctl for device");
	counts_whoever_runs();
	counts_pages();
}
