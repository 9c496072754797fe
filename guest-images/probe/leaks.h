/*
 * What a pipeline could leave behind in the guest: open files of PID 1, and dma-bufs. (A GEM object of virtio-gpu is a resource of the host's,
 * which the host counts.) Refuses to judge.
 */
#ifndef LEAKS_H
#define LEAKS_H

struct leaks {
	int fds, dmabufs;			/* -1: cannot be had */
};

void leaks_count(struct leaks *leaks);

/* How many more; -1 where either cannot be had. */
int leaks_more(int before, int now);

/* Open files of the process that asks. */
int leaks_own_files(void);

#endif
