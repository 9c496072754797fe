/*
 * The control port's conversation: hello, then commands until poweroff, one pipeline process at a time. Refuses to know what a pipeline
 * does, and mounts nothing: everything here also runs in a test, as an ordinary process.
 */
#ifndef SERVE_H
#define SERVE_H

#include "leaks.h"
#include "lines.h"

#include <signal.h>
#include <sys/types.h>

struct serve {
	int port;				/* owned; -1 when closed */
	const char *pipeline;			/* borrowed; the program that runs one pipeline */
	const char *property;			/* borrowed; the program that looks into one property */
	const char *kmemleak;			/* borrowed; the kernel's file of leaks */
	struct leaks before;			/* what there was when the child was started */
	pid_t child;				/* the pipeline now running; 0 when none */
	int64_t id;				/* of the command the child runs */
	int go;					/* owned; -1 when none; a byte written here is the host's go to the child */
	char *held;				/* owned; NULL; the first command that came while a child had the port */
	size_t held_len;
	unsigned int refused;			/* how many came after that one; answered when the child is gone */
	sigset_t waiting;			/* the mask while waiting: SIGCHLD gets through */
	struct lines_in in;
	struct say out;
};

int serve_init(struct serve *s, int port, const char *pipeline, const char *property, const char *kmemleak);
int serve_hello(struct serve *s);

/* Returns 0 when told to power off, -1 when the port failed. No child is left either way. */
int serve_run(struct serve *s);
void serve_fini(struct serve *s);

#endif
