#include "colour.h"
#include "test.h"

#include <math.h>

static const double kr[] = { [BT601] = 0.299, [BT709] = 0.2126, [BT2020] = 0.2627 }, kb[] = { [BT601] = 0.114, [BT709] = 0.0722, [BT2020] = 0.0593 };

/* Farthest from the conversion in double precision, unrounded and clamped, over a grid with all extremes in it. */
static double worst(enum picture_matrix m, bool full, int bits)
{
	int top = (256 << (bits - 8)) - 1, step = bits == 8 ? 5 : 31;
	struct colour c = colour_of(m, full, bits);
	double most = 0, kg = 1 - kr[m] - kb[m];

	for (int y = 0; y <= top; y += step) {
		for (int u = 0; u <= top; u += step) {
			for (int v = 0; v <= top; v += step) {
				double black = full ? 0 : 16 << (bits - 8), lumas = full ? top : 219 << (bits - 8), colours = full ? top : 224 << (bits - 8);
				double l = (y - black) / lumas, cb = (u - (128 << (bits - 8))) / colours, cr = (v - (128 << (bits - 8))) / colours;
				double exact[3] = { l + 2 * (1 - kr[m]) * cr, 0, l + 2 * (1 - kb[m]) * cb };
				uint8_t rgb[3];

				exact[1] = (l - kr[m] * exact[0] - kb[m] * exact[2]) / kg;
				colour_convert(&c, y, u, v, rgb);
				for (int i = 0; i < 3; i++)
					most = fmax(most, fabs(rgb[i] - fmin(fmax(exact[i] * 255, 0), 255)));
			}
		}
	}
	return most;
}

void test_colour(void)
{
	struct colour c = colour_of(BT601, false, 8);

	CLAIM(c.y == 76309 && c.rv == 104597 && c.gu == 25675 && c.gv == 53279 && c.bu == 132201);
	for (int m = BT601; m <= BT2020; m++) {
		for (int full = 0; full < 2; full++)
			CLAIM(worst(m, full, 8) < 1 && worst(m, full, 10) < 1);
	}
}
