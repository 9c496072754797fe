/*
 * Walks the ioctls of virtio-gpu and dma-buf that no pipeline calls, the wrong calls and the orders of closing too, and checks what can be told
 * of them from user space; what else they do wrong, the kernel says on the console. Refuses to know GL and pictures.
 */
#ifndef EXERCISE_H
#define EXERCISE_H

#include "lines.h"

#include <stdbool.h>
#include <stdint.h>

enum verdict { GOOD, BAD, ABSENT };		/* ABSENT: this device, or this kernel, has nothing of the kind */

struct exercise {
	int one, two;				/* owned; open files of one device; -1 */
	const char *device;			/* borrowed */
	bool virgl;				/* the host draws, so that what was sent to it can be read back */
	char why[256];				/* of what is not GOOD */
};

struct check {
	const char *name;
	enum verdict (*run)(struct exercise *x);
};

/* `device`: the primary node of a virtio-gpu (gpu_node()); another file in a test. Says a line per check, and an end line. The exit code of a pipeline. */
int exercise_run(struct say *out, int64_t id, const char *device);

/* For the checks: the reason, and the verdict that goes with it. */
enum verdict bad(struct exercise *x, const char *format, ...) __attribute__((format(printf, 2, 3)));
enum verdict absent(struct exercise *x, const char *why);

/* One more open file of the device; the caller's. -1 and errno. */
int exercise_open_again(const struct exercise *x);

/* exercise-host.c: what the host does with what it is sent. */
enum verdict check_round_trip(struct exercise *x);
enum verdict check_fence(struct exercise *x);
enum verdict check_wait(struct exercise *x);
enum verdict check_dumb(struct exercise *x);
enum verdict check_second_file(struct exercise *x);
enum verdict check_submit(struct exercise *x);

/* exercise-orders.c: who lives how long, and under which id. */
enum verdict check_ids(struct exercise *x);
enum verdict check_close_orders(struct exercise *x);
enum verdict check_close_busy(struct exercise *x);
enum verdict check_foreign_import(struct exercise *x);

/* exercise-refusals.c: what must be refused, and with which error. */
enum verdict check_parameters(struct exercise *x);
enum verdict check_bad_handles(struct exercise *x);
enum verdict check_context(struct exercise *x);

#endif
