#include "picture.h"

#include <string.h>

const char *const plane_name[PLANES] = { "y", "u", "v" };

int picture_shape(struct picture *pic, int width, int height)
{
	*pic = (struct picture){ .width = width, .height = height };
	if (width < 1 || height < 1 || width > PICTURE_MAX || height > PICTURE_MAX)
		return -1;
	for (int p = 0; p < PLANES; p++) {
		pic->plane[p].width = p ? (width + 1) / 2 : width;	/* an odd size keeps its last chroma column and row */
		pic->plane[p].height = p ? (height + 1) / 2 : height;
	}
	return 0;
}

size_t picture_packed(const struct picture *pic, size_t begin[PLANES])
{
	size_t at = 0;

	for (int p = 0; p < PLANES; p++) {
		begin[p] = at;
		at += (size_t)pic->plane[p].width * pic->plane[p].height;
	}
	return at;
}

void picture_pack(const struct picture *pic, uint8_t *to)
{
	for (int p = 0; p < PLANES; p++) {
		const struct plane *pl = &pic->plane[p];

		for (int y = 0; y < pl->height; y++, to += pl->width)
			memcpy(to, pl->data + y * pl->stride, pl->width);
	}
}

void picture_at(struct picture *pic, const uint8_t *packed)
{
	size_t begin[PLANES];

	picture_packed(pic, begin);
	for (int p = 0; p < PLANES; p++) {
		pic->plane[p].data = packed + begin[p];
		pic->plane[p].stride = pic->plane[p].width;
	}
}
