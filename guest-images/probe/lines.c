#include "lines.h"
#include "base64.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK (64u << 10)
#define STR_MAX 8192

static void drop_taken(struct lines_in *in)
{
	if (!in->taken)
		return;
	in->len -= in->taken;
	memmove(in->buf, in->buf + in->taken, in->len);
	in->taken = 0;
	in->seen = 0;
}

long lines_in_read(struct lines_in *in, int fd)
{
	long n;

	drop_taken(in);
	if (in->cap - in->len < CHUNK) {
		size_t cap = in->cap ? in->cap * 2 : 2 * CHUNK;	/* bounded: lines_in_next() drops what grows past LINE_IN_MAX */
		char *buf = realloc(in->buf, cap);

		if (!buf) {
			errno = ENOMEM;
			return -1;
		}
		in->buf = buf;
		in->cap = cap;
	}
	do
		n = read(fd, in->buf + in->len, CHUNK);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		in->len += n;
	return n;
}

enum line lines_in_next(struct lines_in *in, char **line, size_t *len)
{
	for (;;) {
		char *end;
		size_t n;

		drop_taken(in);
		end = in->len > in->seen ? memchr(in->buf + in->seen, '\n', in->len - in->seen) : NULL;
		if (!end && in->len <= LINE_IN_MAX) {
			in->seen = in->len;
			return LINE_NONE;
		}
		if (!end) {				/* too long already: forget it, but remember that we are inside it */
			in->len = in->seen = 0;
			in->skipping = true;
			return LINE_NONE;
		}
		n = end - in->buf;
		in->taken = n + 1;
		if (in->skipping || n > LINE_IN_MAX) {
			in->skipping = false;
			return LINE_TOO_LONG;
		}
		if (!n)
			continue;
		*end = '\0';
		*line = in->buf;
		*len = n;
		return LINE_ONE;
	}
}

void lines_in_fini(struct lines_in *in)
{
	free(in->buf);
	*in = (struct lines_in){ 0 };
}

static void put(struct say *s, const char *text, size_t len)
{
	if (s->cut || len > sizeof(s->buf) - s->len) {
		s->cut = true;
		return;
	}
	memcpy(s->buf + s->len, text, len);
	s->len += len;
}

static void put_quoted(struct say *s, const char *text)
{
	size_t n = 0;

	put(s, "\"", 1);
	for (; *text && n < STR_MAX; text++, n++) {
		unsigned char c = *text;
		char esc[8];

		if (c == '"' || c == '\\')
			put(s, (char[]){ '\\', c }, 2);
		else if (c >= 0x7f)
			put(s, "?", 1);
		else if (c >= 0x20)
			put(s, text, 1);
		else
			put(s, esc, snprintf(esc, sizeof(esc), "\\u%04x", c));
	}
	put(s, "\"", 1);
}

static void put_key(struct say *s, const char *key)
{
	char last = s->len ? s->buf[s->len - 1] : '{';

	if (last != '{' && last != '[')
		put(s, ",", 1);
	if (!key)
		return;
	put_quoted(s, key);
	put(s, ":", 1);
}

void say_begin(struct say *s, const char *t)
{
	s->len = 0;
	s->cut = false;
	put(s, "{", 1);
	say_str(s, "t", t);
}

void say_int(struct say *s, const char *key, int64_t value)
{
	char text[24];

	put_key(s, key);
	put(s, text, snprintf(text, sizeof(text), "%" PRId64, value));
}

void say_bool(struct say *s, const char *key, bool value)
{
	put_key(s, key);
	put(s, value ? "true" : "false", value ? 4 : 5);
}

void say_str(struct say *s, const char *key, const char *value)
{
	put_key(s, key);
	put_quoted(s, value ? value : "");
}

void say_base64(struct say *s, const char *key, const void *data, size_t len)
{
	put_key(s, key);
	put(s, "\"", 1);
	if (s->cut || len > sizeof(s->buf) || BASE64_LENGTH(len) > sizeof(s->buf) - s->len) {
		s->cut = true;
		return;
	}
	s->len += base64(data, len, s->buf + s->len);
	put(s, "\"", 1);
}

void say_open(struct say *s, const char *key, char bracket)
{
	put_key(s, key);
	put(s, &bracket, 1);
}

void say_close(struct say *s, char bracket)
{
	put(s, &bracket, 1);
}

int say_end(struct say *s)
{
	put(s, "}\n", 2);
	if (s->cut) {
		errno = EMSGSIZE;
		return -1;
	}
	for (size_t at = 0; at < s->len;) {		/* the port takes 32 KiB at a time and waits while the host is away */
		ssize_t n = write(s->fd, s->buf + at, s->len - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		at += n;
	}
	return 0;
}
