#include "hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

/* A row of the largest picture. */
static int hash_xrgb(const struct plane *pl, char text[HASH_TEXT])
{
	uint8_t row[PICTURE_MAX * 4];
	XXH64_state_t state;

	if (pl->width > (int)sizeof(row))
		return -1;
	XXH64_reset(&state, 0);
	for (int y = 0; y < pl->height; y++) {
		memcpy(row, pl->data + y * pl->stride, pl->width);
		for (int x = 3; x < pl->width; x += 4)
			row[x] = 255;
		XXH64_update(&state, row, pl->width);
	}
	text_of(XXH64_digest(&state), text);
	return 0;
}

int hash_picture_plane(const struct picture *pic, int plane, char text[HASH_TEXT])
{
	if (pic->format == XRGB8888)
		return hash_xrgb(&pic->plane[plane], text);
	hash_plane(&pic->plane[plane], text);
	return 0;
}
