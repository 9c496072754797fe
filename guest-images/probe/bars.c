#include "bars.h"

#include <stdbool.h>
#include <stdio.h>

/*
 * White, yellow, cyan, green, magenta, red, blue, black. vivid works in twelve bits, takes 255/256 for one, and rounds down, so that some of
 * these are one or two below what BT.601 says; the test holds them to it.
 */
static const uint8_t bar[8][3] = {
	{ 234, 128, 128 }, { 209, 16, 146 }, { 168, 165, 16 }, { 144, 54, 34 }, { 106, 201, 221 }, { 81, 90, 239 }, { 40, 239, 109 },
	{ 16, 128, 128 },
};

int bars_moved(int width, int n)
{
	int step = (width + 639) / 640 * 4;

	return (int64_t)n * step % width;
}

uint8_t bars_byte(int width, int plane, int x, int moved)
{
	return bar[((plane ? 2 * x : x) + moved) % width * 8 / width][plane];
}

static bool is_column(const struct plane *plane, int x, uint8_t byte, int *row)
{
	for (*row = 0; *row < plane->height; ++*row) {
		if (plane->data[*row * plane->stride + x] != byte)
			return false;
	}
	return true;
}

const char *bars_differ(const struct picture *pic, int n, char *why, size_t size)
{
	int moved = bars_moved(pic->width, n), row;

	for (int p = 0; p < PLANES; p++) {
		const struct plane *plane = &pic->plane[p];

		for (int x = 0; x < plane->width; x++) {
			uint8_t wanted = bars_byte(pic->width, p, x, moved);

			if (is_column(plane, x, wanted, &row))
				continue;
			snprintf(why, size, "%c at %d,%d is %d, wanted %d", "yuv"[p], x, row, plane->data[row * plane->stride + x], wanted);
			return why;
		}
	}
	return NULL;
}
