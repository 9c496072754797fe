/* Reads a run command: every member checked, none trusted. Refuses to know what a pipeline or a renderer is. */
#ifndef COMMAND_H
#define COMMAND_H

#include "hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GOLDEN_MAX 65536			/* frames */
#define WRONG_MAX 64				/* frames whose pixels are sent back */

struct golden {
	char plane[PLANES][HASH_TEXT];
};

struct run_command {
	int64_t id;
	char pipeline[32];
	char renderer[64];
	char disk[21];				/* a virtio-blk serial has at most 20 characters */
	int64_t bytes;
	struct golden *golden;			/* owned; NULL when golden_count is 0 */
	int golden_count;
	int max_wrong_frames;
};

/* NULL when good, else what is wrong. run_command_fini() either way. */
const char *run_command_init(struct run_command *run, const char *line, size_t len);
void run_command_fini(struct run_command *run);

/* Are these the right hashes for frame n? A frame that golden does not speak of is right. */
bool run_command_expects(const struct run_command *run, int n, char hash[PLANES][HASH_TEXT]);

#endif
