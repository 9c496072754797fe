#include "scan.h"

#include <string.h>

#define DEPTH_MAX 16

struct cursor {
	const char *at, *end;			/* borrowed */
};

static void skip_space(struct cursor *c)
{
	while (c->at < c->end && strchr(" \t\r\n", *c->at) && *c->at)
		c->at++;
}

static bool take(struct cursor *c, char want)
{
	skip_space(c);
	if (c->at == c->end || *c->at != want)
		return false;
	c->at++;
	return true;
}

/* A string's raw text between its quotes, escapes left as they are. */
static bool take_string(struct cursor *c, const char **text, size_t *len)
{
	if (!take(c, '"'))
		return false;
	*text = c->at;
	for (; c->at < c->end && *c->at != '"'; c->at++) {
		if ((unsigned char)*c->at < 0x20)
			return false;
		if (*c->at == '\\' && ++c->at == c->end)
			return false;
	}
	if (c->at == c->end)
		return false;
	*len = c->at++ - *text;
	return true;
}

/* Steps over a number, true, false or null. What exactly it is, is for its reader to mind. */
static bool skip_word(struct cursor *c)
{
	const char *from = c->at;

	while (c->at < c->end && *c->at && strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", *c->at))
		c->at++;
	return c->at > from;
}

/* Steps over one value of any kind. Only brackets, commas and colons in the right places pass. */
static bool skip_value(struct cursor *c)
{
	char open[DEPTH_MAX];
	int depth = 0;
	const char *text;
	size_t len;

	for (;;) {
		skip_space(c);
		if (c->at == c->end)
			return false;
		if (*c->at == '{' || *c->at == '[') {
			char close = *c->at == '{' ? '}' : ']';

			if (depth == DEPTH_MAX)
				return false;
			c->at++;
			if (!take(c, close)) {
				open[depth++] = close;
				if (close == '}' && !(take_string(c, &text, &len) && take(c, ':')))
					return false;
				continue;
			}
		} else if (!(*c->at == '"' ? take_string(c, &text, &len) : skip_word(c))) {
			return false;
		}
		while (depth && take(c, open[depth - 1]))
			depth--;
		if (!depth)
			return true;
		if (!take(c, ','))
			return false;
		if (open[depth - 1] == '}' && !(take_string(c, &text, &len) && take(c, ':')))
			return false;
	}
}

static bool take_id(struct cursor *c, int64_t *id)
{
	int digits = 0;

	skip_space(c);
	for (*id = 0; c->at < c->end && *c->at >= '0' && *c->at <= '9' && digits < 11; c->at++, digits++)
		*id = *id * 10 + (*c->at - '0');
	return digits > 0 && digits < 11 && *id <= INT32_MAX;
}

static bool take_cmd(struct cursor *c, char *cmd, size_t size)
{
	const char *text;
	size_t len;

	if (!take_string(c, &text, &len) || !len || len >= size || memchr(text, '\\', len))
		return false;
	memcpy(cmd, text, len);
	cmd[len] = '\0';
	return true;
}

static bool is(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && !memcmp(text, word, len);
}

const char *scan_head(const char *line, size_t len, struct head *head)
{
	struct cursor c = { line, line + len };

	*head = (struct head){ 0 };
	if (!take(&c, '{'))
		return "not a JSON object";
	if (!take(&c, '}')) {
		do {
			const char *key;
			size_t n;

			if (!take_string(&c, &key, &n) || !take(&c, ':'))
				return "not a JSON object";
			if (memchr(key, '\\', n))	/* so that no later reader can see a member here that we did not */
				return "an escape in a member's name";
			if (is(key, n, "cmd")) {
				if (head->cmd[0])
					return "cmd twice";
				if (!take_cmd(&c, head->cmd, sizeof(head->cmd)))
					return "cmd is not a short string";
			} else if (is(key, n, "id")) {
				if (head->has_id)
					return "id twice";
				if (!take_id(&c, &head->id))
					return "id is not a whole number from 0 to 2147483647";
				head->has_id = true;
			} else if (!skip_value(&c)) {
				return "not a JSON object";
			}
		} while (take(&c, ','));
		if (!take(&c, '}'))
			return "not a JSON object";
	}
	skip_space(&c);
	if (c.at != c.end)
		return "more than one JSON object in a line";
	if (!head->cmd[0])
		return "no cmd";
	return NULL;
}
