#include "hash.h"

#include <inttypes.h>
#include <stdio.h>

#define XXH_INLINE_ALL				/* one library less to load in the guest */
#include <xxhash.h>

static void text_of(uint64_t h, char text[HASH_TEXT])
{
	snprintf(text, HASH_TEXT, "%016" PRIx64, h);
}

void hash_plane(const struct plane *pl, char text[HASH_TEXT])
{
	XXH64_state_t state;

	XXH64_reset(&state, 0);
	for (int y = 0; y < pl->height; y++)
		XXH64_update(&state, pl->data + y * pl->stride, pl->width);
	text_of(XXH64_digest(&state), text);
}

void hash_bytes(const void *data, size_t len, char text[HASH_TEXT])
{
	text_of(XXH64(data, len, 0), text);
}
