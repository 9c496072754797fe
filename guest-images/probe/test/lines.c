#include "lines.h"
#include "test.h"

#include <unistd.h>

static void says_one_well_formed_line(void)
{
	struct say *s = malloc(sizeof(*s));
	char got[512];
	int end[2];
	long n;

	CLAIM(!pipe(end));
	s->fd = end[1];
	say_begin(s, "x");
	say_str(s, "a", "q\"b\\\n\x01\xc3\xa4");
	say_str(s, "none", NULL);
	say_open(s, "list", '[');
	say_int(s, NULL, -1);
	say_int(s, NULL, INT64_MAX);
	say_close(s, ']');
	say_open(s, "o", '{');
	say_bool(s, "yes", true);
	say_close(s, '}');
	say_base64(s, "data", "foo", 3);
	CLAIM(!say_end(s));
	n = read(end[0], got, sizeof(got) - 1);
	got[n] = '\0';
	CLAIM_TEXT(got, "{\"t\":\"x\",\"a\":\"q\\\"b\\\\\\u000a\\u0001??\",\"none\":\"\",\"list\":[-1,9223372036854775807],"
		   "\"o\":{\"yes\":true},\"data\":\"Zm9v\"}\n");
	close(end[0]);
	close(end[1]);
	free(s);
}

static void sends_no_part_of_a_line_that_is_too_long(void)
{
	struct say *s = malloc(sizeof(*s));
	char *big = calloc(1, LINE_OUT_MAX), c;
	int end[2];

	CLAIM(!pipe(end));
	s->fd = end[1];
	say_begin(s, "x");
	say_base64(s, "data", big, LINE_OUT_MAX / 4 * 3);
	CLAIM(say_end(s) < 0);
	say_begin(s, "x");
	for (int i = 0; i < 9; i++) {		/* each string is cut at 8 KiB; nine do not fit */
		memset(big, 'x', LINE_OUT_MAX - 1);
		say_str(s, "s", big);
	}
	CLAIM(say_end(s) < 0);
	close(end[1]);
	CLAIM(read(end[0], &c, 1) == 0);
	close(end[0]);
	free(big);
	free(s);
}

/* Reads everything a child writes; the lines' lengths, -1 for one that was too long. */
static int read_all(const char *text[], const size_t times[], int parts, long got[], int max)
{
	struct lines_in in = { 0 };
	int end[2], count = 0;
	char *line;
	size_t len;

	CLAIM(!pipe(end));
	if (!fork()) {
		for (int i = 0; i < parts; i++) {
			size_t n = strlen(text[i]), block = times[i] > 1 ? 65536 : 1;
			char *buf = malloc(n * block);

			for (size_t k = 0; k < block; k++)
				memcpy(buf + k * n, text[i], n);
			for (size_t left = times[i] * n; left;) {
				long w = write(end[1], buf, left < n * block ? left : n * block);

				if (w <= 0)
					_exit(1);
				left -= w;
			}
			free(buf);
		}
		_exit(0);
	}
	close(end[1]);
	for (;;) {
		enum line what = lines_in_next(&in, &line, &len);

		if (what == LINE_NONE) {
			if (lines_in_read(&in, end[0]) <= 0)
				break;
			continue;
		}
		CLAIM(count < max);
		CLAIM(what != LINE_ONE || (line[len] == '\0' && !memchr(line, '\n', len)));
		got[count++] = what == LINE_ONE ? (long)len : -1;
	}
	CLAIM(in.cap <= 4 * LINE_IN_MAX);
	lines_in_fini(&in);
	close(end[0]);
	return count;
}

static void reads_lines_and_survives_long_ones(void)
{
	const char *text[] = { "a\n\nbc\n", "x", "\nd\n", "y", "\n", "last" };
	const size_t times[] = { 1, LINE_IN_MAX, 1, 9u << 20, 1, 1 };
	long got[8];

	CLAIM(read_all(text, times, 6, got, 8) == 5);
	CLAIM(got[0] == 1 && got[1] == 2 && got[2] == LINE_IN_MAX && got[3] == 1 && got[4] == -1);
}

void test_lines(void)
{
	says_one_well_formed_line();
	sends_no_part_of_a_line_that_is_too_long();
	reads_lines_and_survives_long_ones();
}
