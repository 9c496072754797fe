/* Where the bytes of a sample are, whoever drew it. */
#include "sample.h"

void sample_texels(const struct sample *s, const struct picture *shape, struct picture *texels)
{
	*texels = *shape;
	for (int p = 0; p < shape->planes; p++) {
		texels->plane[p].stride = (size_t)s->texels.width * 4;
		texels->plane[p].data = s->texels.pixels + s->first_row[p] * texels->plane[p].stride;
	}
}

void sample_rgb(const struct sample *s, struct plane *rgb)
{
	*rgb = (struct plane){ s->rgb.pixels, (size_t)s->rgb.width * 4, s->rgb.width * 4, s->rgb.height };
}
