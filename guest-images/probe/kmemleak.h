/*
 * Has the kernel look for memory that nothing points to any more, and lets the console have what it found. Refuses to know what was run before.
 */
#ifndef KMEMLEAK_H
#define KMEMLEAK_H

#include "lines.h"

/*
 * Says a line per scan, and an end line. The scans begin at least `apart_s` seconds apart. `file`: /sys/kernel/debug/kmemleak; another one in a
 * test. The exit code of a pipeline.
 */
int kmemleak_scan(struct say *out, int64_t id, const char *file, unsigned int apart_s);

#endif
