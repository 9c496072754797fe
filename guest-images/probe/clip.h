/*
 * A clip: the first bytes of a disk, read as a stream that never goes past them. Knows sysfs and offsets; refuses to know what is coded.
 */
#ifndef CLIP_H
#define CLIP_H

#include "fault.h"

#include <stdint.h>

struct clip {
	int fd;					/* owned; -1 when closed */
	int64_t size, at;			/* 0 <= at <= size */
};

enum clip_whence { CLIP_SET, CLIP_CUR, CLIP_END };

/* Opens the disk with this serial under sysfs (the whole path of the block class, "/sys/block" in a guest). */
int clip_init_disk(struct clip *clip, const char *sysfs, const char *serial, int64_t bytes, struct fault *f);

/* Opens a file. */
int clip_init_file(struct clip *clip, const char *path, int64_t bytes, struct fault *f);

/* Takes fd, of which the first `bytes` are the clip. */
int clip_init(struct clip *clip, int fd, int64_t bytes, struct fault *f);

/* Bytes read, 0 at the end, -1 and errno. */
int clip_read(struct clip *clip, void *to, int len);

/* The new position, or -1 with the old one kept. */
int64_t clip_seek(struct clip *clip, int64_t offset, enum clip_whence whence);

void clip_fini(struct clip *clip);

#endif
