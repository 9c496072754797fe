/*
 * A 4:2:0 picture of 8-bit planes: its geometry, nothing else. Refuses to know where the bytes live (a decoder's frame, a mapped
 * buffer, a read-back), who owns them, or what they look like.
 */
#ifndef PICTURE_H
#define PICTURE_H

#include <stddef.h>
#include <stdint.h>

#define PLANES 3
#define PICTURE_MAX 8192			/* neither side may be larger; products of two sides stay far below INT_MAX */

struct plane {
	const uint8_t *data;			/* borrowed; first byte of the top row */
	size_t stride;				/* bytes from one row to the next */
	int width, height;			/* visible bytes per row, visible rows */
};

struct picture {
	int width, height;			/* of the luma plane */
	struct plane plane[PLANES];		/* y, u, v */
};

extern const char *const plane_name[PLANES];

/* Sets every width and height; data and stride stay for the caller. -1: no picture has this size. */
int picture_shape(struct picture *pic, int width, int height);

/* Bytes of all three planes back to back, and where each begins; strides are the plane widths. */
size_t picture_packed(const struct picture *pic, size_t begin[PLANES]);

/* Writes the visible bytes back to back into to[0..picture_packed()). */
void picture_pack(const struct picture *pic, uint8_t *to);

/* Points the planes at a packed picture. */
void picture_at(struct picture *pic, const uint8_t *packed);

#endif
