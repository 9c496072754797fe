#include "picture.h"

#include <string.h>

static const struct {
	const char *name;
	int planes;
	struct { const char *name; int pixel; bool chroma; } plane[PLANES];
} format_of[PICTURE_FORMATS] = {
	[I420] = { "I420", 3, { { "y", 1, false }, { "u", 1, true }, { "v", 1, true } } },
	[NV12] = { "NV12", 2, { { "y", 1, false }, { "uv", 2, true } } },
	[P010] = { "P010", 2, { { "y", 2, false }, { "uv", 4, true } } },
	[XRGB8888] = { "XRGB8888", 1, { { "xrgb", 4, false } } },
	[I010] = { "I010", 3, { { "y", 2, false }, { "u", 2, true }, { "v", 2, true } } },
};

const char *picture_format_name(enum picture_format format)
{
	return format_of[format].name;
}

enum picture_format picture_format_named(const char *name)
{
	int format = 0;

	while (format < PICTURE_FORMATS && strcmp(format_of[format].name, name))
		format++;
	return format;
}

const char *picture_matrix_name(enum picture_matrix matrix)
{
	static const char *const name[] = { [BT601] = "bt601", [BT709] = "bt709", [BT2020] = "bt2020" };

	return name[matrix];
}

const char *picture_plane_name(enum picture_format format, int plane)
{
	return format_of[format].plane[plane].name;
}

int picture_plane_pixel(enum picture_format format, int plane)
{
	return format_of[format].plane[plane].pixel;
}

int picture_shape(struct picture *pic, enum picture_format format, int width, int height)
{
	*pic = (struct picture){ .format = format, .width = width, .height = height, .planes = format_of[format].planes };
	if (width < 1 || height < 1 || width > PICTURE_MAX || height > PICTURE_MAX)
		return -1;
	for (int p = 0; p < pic->planes; p++) {
		bool chroma = format_of[format].plane[p].chroma;

		/* an odd size keeps its last chroma column and row */
		pic->plane[p].width = (chroma ? (width + 1) / 2 : width) * format_of[format].plane[p].pixel;
		pic->plane[p].height = chroma ? (height + 1) / 2 : height;
	}
	return 0;
}

bool picture_same_shape(const struct picture *a, const struct picture *b)
{
	return a->format == b->format && a->width == b->width && a->height == b->height;
}

size_t picture_packed(const struct picture *pic, size_t begin[PLANES])
{
	size_t at = 0;

	for (int p = 0; p < pic->planes; p++) {
		begin[p] = at;
		at += (size_t)pic->plane[p].width * pic->plane[p].height;
	}
	return at;
}

bool picture_can_convert(enum picture_format from, enum picture_format to)
{
	return from == to || (from == I420 && to == NV12) || (from == I010 && to == P010);
}

static uint8_t *copy_rows(const struct plane *pl, uint8_t *to)
{
	for (int y = 0; y < pl->height; y++, to += pl->width)
		memcpy(to, pl->data + y * pl->stride, pl->width);
	return to;
}

/* x counts as 255, whatever a decoder left there. */
static uint8_t *copy_xrgb(const struct plane *pl, uint8_t *to)
{
	uint8_t *end = copy_rows(pl, to);

	for (to += 3; to < end; to += 4)
		*to = 255;
	return end;
}

static void interleave(const struct plane *u, const struct plane *v, uint8_t *to)
{
	for (int y = 0; y < u->height; y++) {
		const uint8_t *from_u = u->data + y * u->stride, *from_v = v->data + y * v->stride;

		for (int x = 0; x < u->width; x++) {
			*to++ = from_u[x];
			*to++ = from_v[x];
		}
	}
}

static uint8_t *put10(uint8_t *to, const uint8_t *from)
{
	unsigned int sample = (from[0] | from[1] << 8) << 6;

	to[0] = sample;
	to[1] = sample >> 8;
	return to + 2;
}

static void i010_to_p010(const struct picture *pic, uint8_t *to)
{
	const struct plane *y = &pic->plane[0], *u = &pic->plane[1], *v = &pic->plane[2];

	for (int row = 0; row < y->height; row++) {
		for (int x = 0; x < y->width; x += 2)
			to = put10(to, y->data + row * y->stride + x);
	}
	for (int row = 0; row < u->height; row++) {
		for (int x = 0; x < u->width; x += 2) {
			to = put10(to, u->data + row * u->stride + x);
			to = put10(to, v->data + row * v->stride + x);
		}
	}
}

void picture_pack(const struct picture *pic, const struct picture *shape, uint8_t *to)
{
	if (pic->format == I010 && shape->format == P010) {
		i010_to_p010(pic, to);
		return;
	}
	if (pic->format == I420 && shape->format == NV12) {
		interleave(&pic->plane[1], &pic->plane[2], copy_rows(&pic->plane[0], to));
		return;
	}
	for (int p = 0; p < pic->planes; p++)
		to = pic->format == XRGB8888 ? copy_xrgb(&pic->plane[p], to) : copy_rows(&pic->plane[p], to);
}

void picture_at(struct picture *pic, const uint8_t *packed)
{
	size_t begin[PLANES];

	picture_packed(pic, begin);
	for (int p = 0; p < pic->planes; p++) {
		pic->plane[p].data = packed + begin[p];
		pic->plane[p].stride = pic->plane[p].width;
	}
}
