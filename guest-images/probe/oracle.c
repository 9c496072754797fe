#include "oracle.h"

#include <string.h>

int oracle_hash(const struct picture *pic, char text[PLANES][HASH_TEXT], struct times *us)
{
	int64_t from = clock_us();
	int err = 0;

	for (int i = 0; !err && i < pic->planes; i++)
		err = hash_picture_plane(pic, i, text[i]);
	us->hash += clock_us() - from;
	return err;
}

int oracle_send_wrong(struct report *r, int n, const char *what, const struct picture *pic, char got[PLANES][HASH_TEXT], const struct golden *want)
{
	int sent = 0;

	for (int i = 0; i < pic->planes; i++) {
		if (!strcmp(got[i], want->hash[i]))
			continue;
		if (report_pixels(r, n, what, picture_plane_name(pic->format, i), &pic->plane[i], picture_plane_pixel(pic->format, i)))
			return -1;
		sent++;
	}
	return sent;
}
