#include "colour.h"

struct colour colour_of(enum picture_matrix matrix, bool full_range, int bits)
{
	static const struct { double kr, kb; } k[] = { [BT601] = { 0.299, 0.114 }, [BT709] = { 0.2126, 0.0722 }, [BT2020] = { 0.2627, 0.0593 } };
	double kr = k[matrix].kr, kb = k[matrix].kb, kg = 1 - kr - kb;
	int more = bits - 8, top = (256 << more) - 1;
	double lumas = full_range ? top : 219 << more, colours = full_range ? top : 224 << more;
	struct colour c = { .shift = bits == 8 ? 16 : 14, .black = full_range ? 0 : 16 << more, .grey = 128 << more };
	double one = 1 << c.shift;

	/* + 0.5 rounds: none of them is negative */
	c.y = one * 255 / lumas + 0.5;
	c.rv = one * 255 / colours * 2 * (1 - kr) + 0.5;
	c.bu = one * 255 / colours * 2 * (1 - kb) + 0.5;
	c.gu = one * 255 / colours * 2 * (1 - kb) * kb / kg + 0.5;
	c.gv = one * 255 / colours * 2 * (1 - kr) * kr / kg + 0.5;
	return c;
}

static uint8_t clamp(int value)
{
	return value < 0 ? 0 : value > 255 ? 255 : value;
}

void colour_convert(const struct colour *k, int y, int u, int v, uint8_t rgb[3])
{
	int c = k->y * (y - k->black) + (1 << (k->shift - 1)), d = u - k->grey, e = v - k->grey;

	rgb[0] = clamp((c + k->rv * e) >> k->shift);
	rgb[1] = clamp((c - k->gu * d - k->gv * e) >> k->shift);
	rgb[2] = clamp((c + k->bu * d) >> k->shift);
}
