/* The CPU time of everything in the guest that is a process, the kernel's own threads among them. Refuses to know what they do. */
#ifndef BUSY_H
#define BUSY_H

#include <stdint.h>
#include <sys/types.h>

#define BUSY_MAX 512				/* processes; a guest of the lab has some 80 */

struct busy {
	int64_t own;				/* nanoseconds of this process */
	int count;
	struct { pid_t pid; int64_t ns; } of[BUSY_MAX];		/* of the others */
};

/* Read this process's own clock as near to what is measured as can be: reading the others' takes longer than what is measured may. */
void busy_before(struct busy *busy);
void busy_after(struct busy *busy);

/* Nanoseconds between the two, of those that are in the second; one that ended in between is left out. */
int64_t busy_between(const struct busy *before, const struct busy *after);

#endif
