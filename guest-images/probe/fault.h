/*
 * Why a pipeline stops early: the status the host reads, the step it happened in, and a sentence. The first fault is the cause; later
 * ones are its consequences and are dropped.
 */
#ifndef FAULT_H
#define FAULT_H

enum status { DONE, REFUSED, UNSUPPORTED, FAILED };

struct fault {
	enum status status;			/* DONE: nothing is wrong */
	const char *step;			/* borrowed, static; NULL when none */
	char why[512];
};

/* Returns -1, so that a function can end with it. */
int fault(struct fault *f, enum status status, const char *step, const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
