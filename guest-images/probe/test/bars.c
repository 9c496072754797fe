#include "bars.h"
#include "test.h"

#define WIDTH 640
#define HEIGHT 8

static uint8_t y[WIDTH * HEIGHT], u[WIDTH / 2 * HEIGHT / 2], v[WIDTH / 2 * HEIGHT / 2];

static void paint(struct picture *pic, int n)
{
	uint8_t *to[] = { y, u, v };

	CLAIM(!picture_shape(pic, I420, WIDTH, HEIGHT));
	for (int p = 0; p < PLANES; p++) {
		struct plane *plane = &pic->plane[p];

		plane->data = to[p];
		plane->stride = plane->width;
		for (int i = 0; i < plane->width * plane->height; i++)
			to[p][i] = bars_byte(WIDTH, p, i % plane->width, bars_moved(WIDTH, n));
	}
}

static bool near(double wanted, int got)
{
	return wanted - got > -0.6 && wanted - got < 1.6;
}

/* vivid rounds in a way of its own, but these are the eight colours, in their order. */
static void are_bt601(void)
{
	static const char bar[8][4] = { "rgb", "rg-", "-gb", "-g-", "r-b", "r--", "--b", "---" };

	for (int i = 0; i < 8; i++) {
		int r = bar[i][0] == 'r', g = bar[i][1] == 'g', b = bar[i][2] == 'b', x = i * WIDTH / 8;
		double luma = 0.299 * r + 0.587 * g + 0.114 * b;

		CLAIM(near(16 + 219 * luma, bars_byte(WIDTH, 0, x, 0)));
		CLAIM(near(128 + 224 * (b - luma) / 1.772, bars_byte(WIDTH, 1, x / 2, 0)));
		CLAIM(near(128 + 224 * (r - luma) / 1.402, bars_byte(WIDTH, 2, x / 2, 0)));
		CLAIM(bars_byte(WIDTH, 0, x, 0) == bars_byte(WIDTH, 0, x + WIDTH / 8 - 1, 0));
	}
}

static void move_left(void)
{
	CLAIM(bars_moved(640, 0) == 0 && bars_moved(640, 3) == 12 && bars_moved(640, 160) == 0 && bars_moved(1920, 2) == 24);
	CLAIM(bars_byte(WIDTH, 0, 79, 0) == 234 && bars_byte(WIDTH, 0, 79, 4) == 209 && bars_byte(WIDTH, 0, 636, 4) == 234);
	CLAIM(bars_byte(WIDTH, 1, 38, 4) == 16 && bars_byte(WIDTH, 1, 37, 4) == 128);
}

static void are_told_apart(void)
{
	struct picture pic;
	char why[100];

	paint(&pic, 7);
	CLAIM(!bars_differ(&pic, 7, why, sizeof(why)) && bars_differ(&pic, 6, why, sizeof(why)) && bars_differ(&pic, 8, why, sizeof(why)));
	v[3 * WIDTH / 2 + 5]++;
	CLAIM(bars_differ(&pic, 7, why, sizeof(why)));
	CLAIM_TEXT(why, "v at 5,3 is 129, wanted 128");
}

void test_bars(void)
{
	are_bt601();
	move_left();
	are_told_apart();
}
