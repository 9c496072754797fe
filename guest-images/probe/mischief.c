#include "mischief.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const name_of[MISCHIEFS] = {
	[NO_MISCHIEF] = "", [DECODE_BITFLIP] = "decode-bitflip", [DECODE_STALE] = "decode-stale", [DECODE_SWAP] = "decode-swap",
	[SKIP_TRANSFER] = "skip-transfer", [NO_TRANSFER] = "no-transfer", [BOX_SHORT_ROW] = "box-short-row", [BOX_SHORT_COLUMN] = "box-short-column",
	[BOX_HALF] = "box-half", [SKIP_WAIT] = "skip-wait", [REUSE_EARLY] = "reuse-early", [WRONG_BUFFER] = "wrong-buffer", [WRONG_STRIDE] = "wrong-stride", [WRONG_OFFSET] = "wrong-offset",
	[SWAP_PLANES] = "swap-planes", [MIRROR_X] = "mirror-x", [MIRROR_Y] = "mirror-y", [SHIFT] = "shift", [ODD_CHROMA] = "odd-chroma", [SWIZZLE] = "swizzle",
	[WRONG_MATRIX] = "wrong-matrix", [WRONG_RANGE] = "wrong-range",
};

enum mischief_kind mischief_named(const char *name)
{
	int kind = 0;

	while (kind < MISCHIEFS && strcmp(name_of[kind], name))
		kind++;
	return kind;
}

const char *mischief_name(enum mischief_kind kind)
{
	return name_of[kind];
}

const char *mischief_refuses(enum mischief_kind kind, const struct mischief_where *where)
{
	const struct picture *shape = where->shape;
	bool rgb = shape->format == XRGB8888;

	if (where->camera && (kind == DECODE_BITFLIP || kind == DECODE_STALE || kind == DECODE_SWAP || kind == REUSE_EARLY || kind == WRONG_MATRIX || kind == WRONG_RANGE))
		return "a camera has no golden picture that would tell";
	if (where->camera && kind == MIRROR_Y)
		return "the camera's bars look the same upside down";
	if (where->fixed && kind >= SKIP_TRANSFER && kind <= SKIP_WAIT)
		return "there is no transfer";
	if (where->fixed && kind >= WRONG_STRIDE)
		return "the shader is compiled with the program";
	if (where->scanout && kind > DECODE_SWAP && kind != WRONG_BUFFER)
		return "on a display nothing is transferred and nothing is drawn";
	switch (kind) {
	case DECODE_STALE:
	case DECODE_SWAP:
		if (where->in_place)
			return "the decoder would go on from the changed picture";
		return kind == DECODE_SWAP && shape->format != I420 ? "only I420 has planes of u and v to swap in memory" : NULL;
	case SKIP_TRANSFER:
	case NO_TRANSFER:
	case BOX_SHORT_ROW:
	case BOX_HALF:
		return where->theirs ? "the upload is not ours" : NULL;
	case REUSE_EARLY:
		if (where->in_place)
			return "the decoder would go on from the changed picture";
		return where->dmabuf ? NULL : "there is no buffer to be used again";
	case SKIP_WAIT:
	case WRONG_BUFFER:
		return where->dmabuf || where->scanout ? NULL : "there is no ring of buffers";
	case BOX_SHORT_COLUMN:
		if (where->theirs)
			return "the upload is not ours";
		return where->dmabuf && !rgb ? "the planes lie in one byte array: its last columns are nobody's" : NULL;
	case WRONG_OFFSET:
		return rgb ? "there is one plane only" : NULL;
	case SWAP_PLANES:
	case WRONG_MATRIX:
	case WRONG_RANGE:
		return rgb ? "there is no chroma" : NULL;
	case ODD_CHROMA:
		return rgb || shape->width % 2 == 0 ? "the width is even, or there is no chroma" : NULL;
	case SWIZZLE:
		return rgb ? NULL : "there are no colour channels";
	default:
		return NULL;
	}
}

static uint8_t *writable(const struct plane *pl, int row)
{
	return (uint8_t *)(uintptr_t)pl->data + row * pl->stride;
}

static void swap_uv(struct picture *memory)
{
	for (int y = 0; y < memory->plane[1].height; y++) {
		uint8_t *u = writable(&memory->plane[1], y), *v = writable(&memory->plane[2], y);

		for (int x = 0; x < memory->plane[1].width; x++) {
			uint8_t kept = u[x];

			u[x] = v[x];
			v[x] = kept;
		}
	}
}

static int remember(struct mischief *m, const struct picture *pic, const struct picture *shape, struct fault *f)
{
	size_t begin[PLANES], len = picture_packed(shape, begin);

	if (m->before_len != len) {
		free(m->before);
		m->before = malloc(len);
		m->before_len = m->before ? len : 0;
	}
	if (!m->before)
		return fault(f, FAILED, "setup", "no memory");
	picture_pack(pic, shape, m->before);
	return 0;
}

static void put_back(const struct mischief *m, struct picture *memory)
{
	const uint8_t *from = m->before;

	for (int p = 0; p < memory->planes; p++) {
		for (int y = 0; y < memory->plane[p].height; y++, from += memory->plane[p].width)
			memcpy(writable(&memory->plane[p], y), from, memory->plane[p].width);
	}
}

int mischief_memory(struct mischief *m, struct picture *memory, struct fault *f)
{
	bool fourth = m->frame % 4 == 3;

	m->frame++;
	switch (m->kind) {
	case DECODE_BITFLIP:
		*writable(&memory->plane[0], memory->plane[0].height / 2) ^= 0x10;
		return 0;
	case DECODE_SWAP:
		swap_uv(memory);
		return 0;
	case DECODE_STALE:
		if (!fourth)
			return remember(m, memory, memory, f);
		put_back(m, memory);
		return 0;
	default:
		return 0;
	}
}

int mischief_reuse(struct mischief *m, const struct picture *later, struct picture *memory, struct fault *f)
{
	const uint8_t *from;

	if (m->kind != REUSE_EARLY || !later || later->width != memory->width || later->height != memory->height)
		return 0;
	if (remember(m, later, memory, f))
		return -1;
	from = m->before;
	for (int p = 0; p < memory->planes; p++) {
		for (int y = 0; y < memory->plane[p].height; y++, from += memory->plane[p].width) {
			if (y >= memory->plane[p].height / 2)
				memcpy(writable(&memory->plane[p], y), from, memory->plane[p].width);
		}
	}
	return 0;
}

/* The first frames come through, so that there is something stale to see. */
bool mischief_skips(const struct mischief *m)
{
	return m->kind == NO_TRANSFER || (m->kind == SKIP_TRANSFER && m->frame > 3 && m->frame % 3 == 0);
}

void mischief_box(const struct mischief *m, uint32_t *columns, uint32_t *rows)
{
	switch (m->kind) {
	case BOX_SHORT_ROW:
		--*rows;
		break;
	case BOX_SHORT_COLUMN:
		*columns -= 4;
		break;
	case BOX_HALF:
		*rows /= 2;
		break;
	default:
		break;
	}
}


static const char *body_of(enum mischief_kind kind, const struct picture *shape)
{
	switch (kind) {
	case WRONG_STRIDE:
		return "int w = seen_width(plane); int o = at.y * (w + 16) + at.x;"
		       "return o < w * seen_height(plane) ? texel(plane, ivec2(o % w, o / w)) : 0;";
	case WRONG_OFFSET:
		return "if (plane == 0) return texel(0, at);"
		       "int o = at.y * seen_width(plane) + at.x, w = seen_width(0); return texel(0, ivec2(o % w, o / w));";
	case SWAP_PLANES:
		return shape->planes == 3 ? "return texel(plane == 0 ? 0 : 3 - plane, at);"
					  : "return texel(plane, plane == 0 ? at : ivec2(at.x ^ (seen_pixel(1) / 2), at.y));";
	case MIRROR_X:
		return "int px = seen_pixel(plane); return texel(plane, ivec2(seen_width(plane) - px - at.x / px * px + at.x % px, at.y));";
	case MIRROR_Y:
		return "return texel(plane, ivec2(at.x, seen_height(plane) - 1 - at.y));";
	case SHIFT:
		return "int px = seen_pixel(plane); return at.x < 2 * px ? 0 : texel(plane, ivec2(at.x - 2 * px, at.y));";
	case ODD_CHROMA:
		return "return plane > 0 && at.x >= seen_width(plane) - seen_pixel(plane) ? 165 : texel(plane, at);";
	case SWIZZLE:
		return "return texel(plane, at.x % 2 == 0 ? ivec2(at.x ^ 2, at.y) : at);";
	default:
		return "return texel(plane, at);";
	}
}

static void function_of(const char *name, const struct picture *shape, int value[PLANES], char *text, size_t size)
{
	snprintf(text, size, "int %s(int plane) { return plane == 0 ? %d : plane == 1 ? %d : %d; }\n", name, value[0],
		 shape->planes > 1 ? value[1] : 0, shape->planes > 2 ? value[2] : 0);
}

void mischief_glsl(enum mischief_kind kind, const struct picture *shape, char *text, size_t size)
{
	int width[PLANES] = { 0 }, height[PLANES] = { 0 }, pixel[PLANES] = { 0 };
	char one[3][160];

	for (int p = 0; p < shape->planes; p++) {
		width[p] = shape->plane[p].width;
		height[p] = shape->plane[p].height;
		pixel[p] = picture_plane_pixel(shape->format, p);
	}
	function_of("seen_width", shape, width, one[0], sizeof(one[0]));
	function_of("seen_height", shape, height, one[1], sizeof(one[1]));
	function_of("seen_pixel", shape, pixel, one[2], sizeof(one[2]));
	snprintf(text, size, "%s%s%sint seen(int plane, ivec2 at) { %s }\n", one[0], one[1], one[2], body_of(kind, shape));
}

void mischief_fini(struct mischief *m)
{
	free(m->before);
	*m = (struct mischief){ 0 };
}
