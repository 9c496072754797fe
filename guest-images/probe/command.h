/* Reads a run command: every member checked, none trusted. Refuses to know what a pipeline or a renderer is. */
#ifndef COMMAND_H
#define COMMAND_H

#include "hash.h"
#include "mischief.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GOLDEN_MAX 65536			/* frames */
#define WRONG_MAX 64				/* frames whose pixels are sent back */

struct golden {				/* one hash per plane, then one of the RGB picture */
	int count;
	char hash[PLANES + 1][HASH_TEXT];
};

struct run_command {
	int64_t id;
	char pipeline[32];
	char renderer[64];			/* may be empty: any */
	bool surfaceless;			/* no DRM device: a renderer of the host's */
	bool measure;				/* and not check */
	int warmup;				/* frames before the measured ones */
	enum picture_format format;
	enum mischief_kind fault;
	char disk[21];				/* a virtio-blk serial has at most 20 characters; empty: see path */
	char path[128];				/* empty: see disk; both empty: no clip */
	int64_t bytes;
	int camera_width, camera_height, camera_frames;	/* 0: no camera */
	int64_t frame_us[2];			/* microseconds per frame, as a fraction; 0: not told */
	int64_t seek_us;			/* -1: from the begin */
	bool forgive;
	struct golden *golden;			/* owned; NULL when golden_count is 0 */
	int golden_count;
	int max_wrong_frames;
};

/* NULL when good, else what is wrong. run_command_fini() either way. */
const char *run_command_init(struct run_command *run, const char *line, size_t len);
void run_command_fini(struct run_command *run);

/* The number of a frame that is shown at pts_us; `counted` where that cannot be told. */
int run_command_number(const struct run_command *run, int64_t pts_us, int counted);

/* What frame n must hash to; NULL: golden does not speak of it. */
const struct golden *run_command_golden(const struct run_command *run, int n);

#endif
