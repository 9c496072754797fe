/* How many pages the kernel has handed out since it booted. Refuses to know to whom. */
#ifndef PAGES_H
#define PAGES_H

#include <stdint.h>

/* The sum of the pgalloc_ lines of /proc/vmstat (Documentation/filesystems/proc.rst). -1 and errno. */
int pages_handed_out(int64_t *pages);

#endif
