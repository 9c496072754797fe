/*
 * The file systems of the guest, in two halves: what finding the port needs, and the rest. Knows paths; refuses to know the port, the
 * commands or the GPU.
 */
#ifndef MOUNTS_H
#define MOUNTS_H

/* /sys and /dev. Before hello, so nothing else belongs here. */
void mounts_first(void);

/*
 * /proc, debugfs, a writable root (the image below, memory above), /run and /tmp. Says what failed and goes on: a pipeline that needs a
 * missing mount will say so itself, and the host will see which.
 */
void mounts_rest(void);

#endif
