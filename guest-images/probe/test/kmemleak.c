#include "kmemleak.h"
#include "test.h"

#include <fcntl.h>
#include <unistd.h>

static int heard(const char *file, char *text, size_t size)
{
	struct say *out = calloc(1, sizeof(*out));
	int pair[2], code;
	long n;

	CLAIM(out && !pipe(pair));
	out->fd = pair[1];
	code = kmemleak_scan(out, 7, file, 0);
	close(pair[1]);
	n = read(pair[0], text, size - 1);
	CLAIM(n > 0);
	text[n] = '\0';
	close(pair[0]);
	free(out);
	return code;
}

/* A plain file stands in for the kernel's: it shows what was asked. */
void test_kmemleak(void)
{
	char file[] = "/tmp/probe-test-XXXXXX", text[1024], asked[16] = "";
	int fd = mkstemp(file);

	CLAIM(fd >= 0);
	CLAIM(heard(file, text, sizeof(text)) == 0);
	CLAIM_TEXT(text, "{\"t\":\"kmemleak\",\"id\":7,\"scan\":1}\n{\"t\":\"kmemleak\",\"id\":7,\"scan\":2}\n"
			 "{\"t\":\"end\",\"id\":7,\"status\":\"done\",\"frames\":0}\n");
	CLAIM(read(fd, asked, sizeof(asked) - 1) == 4);
	CLAIM_TEXT(asked, "scan");
	close(fd);
	unlink(file);
	CLAIM(heard(file, text, sizeof(text)) == 98);
	CLAIM(strstr(text, "\"status\":\"error\",\"step\":\"kmemleak\"") && strstr(text, "No such file or directory"));
}
