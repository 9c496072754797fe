/*
 * A picture in memory: its format, geometry and colour, nothing else. Refuses to know where the bytes live (a decoder's frame, a mapped
 * buffer, a read-back), who owns them, or what they look like.
 */
#ifndef PICTURE_H
#define PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLANES 3				/* at most */
#define PICTURE_MAX 8192			/* neither side may be larger; products of two sides and 4 bytes stay below INT_MAX */

enum picture_format {				/* 4:2:0 unless it is RGB; samples of more than a byte are little endian */
	I420,					/* y, u, v: 8 bits */
	NV12,					/* y, uv: 8 bits, u first */
	P010,					/* y, uv: 10 bits in the upper ones of 16 */
	XRGB8888,				/* xrgb: bytes b, g, r, x in memory; x is of no meaning and counts as 255 */
	I010,					/* y, u, v: 10 bits in the lower ones of 16; what decoders give, never what is sampled */
	PICTURE_FORMATS
};

enum picture_matrix { BT601, BT709, BT2020 };	/* BT2020: non-constant luminance */

struct plane {
	const uint8_t *data;			/* borrowed; first byte of the top row */
	size_t stride;				/* bytes from one row to the next */
	int width, height;			/* visible bytes per row, visible rows */
};

struct picture {
	enum picture_format format;
	int width, height;			/* in pixels */
	enum picture_matrix matrix;		/* of no meaning for RGB, as is full_range */
	bool full_range;
	int planes;
	struct plane plane[PLANES];
};

/* "I420"...; PICTURE_FORMATS for a name that there is not. */
const char *picture_format_name(enum picture_format format);
enum picture_format picture_format_named(const char *name);
const char *picture_matrix_name(enum picture_matrix matrix);

const char *picture_plane_name(enum picture_format format, int plane);
int picture_plane_pixel(enum picture_format format, int plane);	/* bytes of one pixel of it; a uv pair is one */

/* Sets the planes' widths and heights; data and stride stay for the caller. -1: no picture has this size. */
int picture_shape(struct picture *pic, enum picture_format format, int width, int height);

bool picture_same_shape(const struct picture *a, const struct picture *b);

/* Bytes of all planes back to back, and where each begins; strides are the plane widths. */
size_t picture_packed(const struct picture *pic, size_t begin[PLANES]);

/* Can a picture of one format be written as one of the other while it is copied? */
bool picture_can_convert(enum picture_format from, enum picture_format to);

/* Writes the visible bytes back to back into to[0..picture_packed(shape)), in shape's format. */
void picture_pack(const struct picture *pic, const struct picture *shape, uint8_t *to);

/* Points the planes at a packed picture. */
void picture_at(struct picture *pic, const uint8_t *packed);

#endif
