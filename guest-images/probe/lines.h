/*
 * Lines on the control port: bounded reading and whole-line writing. Knows JSON's punctuation and escapes, because a line must never be
 * malformed; refuses to know what any line means.
 */
#ifndef LINES_H
#define LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_IN_MAX (4u << 20)			/* host to guest, without the newline */
#define LINE_OUT_MAX (64u << 10)		/* guest to host, with the newline */

struct lines_in {
	char *buf;				/* owned; NULL until the first byte */
	size_t cap, len;			/* bytes allocated, bytes held */
	size_t taken;				/* bytes of the line handed out last; dropped at the next call */
	size_t seen;				/* bytes already searched for a newline */
	bool skipping;				/* inside a line that was too long */
};

enum line { LINE_NONE, LINE_ONE, LINE_TOO_LONG };

/* One read(). Bytes read, 0 when the other side is away, -1 and errno. Call only when lines_in_next() said LINE_NONE. */
long lines_in_read(struct lines_in *in, int fd);

/* LINE_ONE: *line is one line, ended by '\0' in place of its newline, valid until the next call. Empty lines are skipped. */
enum line lines_in_next(struct lines_in *in, char **line, size_t *len);

void lines_in_fini(struct lines_in *in);

struct say {
	int fd;					/* borrowed */
	size_t len;
	bool cut;				/* something did not fit: the line will not be sent */
	char buf[LINE_OUT_MAX];
};

/* say_begin(s, "hello"), members in any number, say_end(s): one line {"t":"hello",...}. */
void say_begin(struct say *s, const char *t);
void say_int(struct say *s, const char *key, int64_t value);
void say_bool(struct say *s, const char *key, bool value);
void say_str(struct say *s, const char *key, const char *value);	/* NULL is ""; at most 8 KiB of it; not ASCII becomes '?' */
void say_base64(struct say *s, const char *key, const void *data, size_t len);
void say_open(struct say *s, const char *key, char bracket);		/* '{' or '['; key NULL inside '[' */
void say_close(struct say *s, char bracket);				/* '}' or ']' */
int say_end(struct say *s);						/* 0, or -1 with nothing useful left to do but to stop */

#endif
