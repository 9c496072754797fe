#include "exercise.h"
#include "test.h"

#include <unistd.h>

/* Without a virtio-gpu it says so in its one line, and the code is that of a pipeline that cannot. */
static void is_unsupported(const char *device, const char *why)
{
	struct say *out = calloc(1, sizeof(*out));
	char text[512], wanted[512];
	int pair[2];
	long n;

	CLAIM(out && !pipe(pair));
	out->fd = pair[1];
	CLAIM(exercise_run(out, 7, device) == 77);
	close(pair[1]);
	n = read(pair[0], text, sizeof(text) - 1);
	CLAIM(n > 0);
	text[n] = '\0';
	close(pair[0]);
	free(out);
	snprintf(wanted, sizeof(wanted), "{\"t\":\"end\",\"id\":7,\"status\":\"unsupported\",\"step\":\"exercise\",\"why\":\"%s\",\"frames\":0}\n", why);
	CLAIM_TEXT(text, wanted);
}

void test_exercise(void)
{
	is_unsupported("/nowhere/card0", "/nowhere/card0: No such file or directory");
	is_unsupported("/dev/null", "/dev/null is no virtio-gpu");
}
