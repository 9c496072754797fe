/* Just enough to test with: a claim that fails prints itself and ends the program. */
#ifndef TEST_H
#define TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLAIM(claim) do { \
		if (!(claim)) { \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #claim); \
			exit(1); \
		} \
	} while (0)

#define CLAIM_TEXT(got, want) do { \
		const char *got_ = (got), *want_ = (want); \
		if (!got_ || strcmp(got_, want_)) { \
			fprintf(stderr, "%s:%d: %s is \"%s\", wanted \"%s\"\n", __FILE__, __LINE__, #got, got_ ? got_ : "NULL", want_); \
			exit(1); \
		} \
	} while (0)

void test_picture(void);
void test_colour(void);
void test_base64(void);
void test_lines(void);
void test_scan(void);
void test_command(void);
void test_mischief(void);
void test_behind(void);
void test_path(void);
void test_clip(void);
void test_sniff(void);
void test_bars(void);
void test_fwht(void);
void test_v4l2_format(void);
void test_kmemleak(void);
void test_calls(void);
void test_exercise(void);
void test_node(void);
void test_serve(void);
void test_ask(void);
void test_importer(void);

#endif
