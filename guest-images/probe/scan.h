/*
 * Reads the head of a command: the top-level members "cmd" and "id" of one JSON line. It checks the whole line's punctuation, because the
 * line goes on to another process, and refuses to know any other member. No allocation, no recursion.
 */
#ifndef SCAN_H
#define SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct head {
	char cmd[32];
	bool has_id;
	int64_t id;				/* 0 to 2^31-1 */
};

/* NULL when good, else what is wrong with the line. */
const char *scan_head(const char *line, size_t len, struct head *head);

#endif
