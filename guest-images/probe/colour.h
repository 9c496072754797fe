/*
 * How YCbCr becomes RGB, in integers, so that any conformant GL gives the same bytes as the host's reference. Refuses to know GL.
 *
 *   r = (c + rv * e) >> shift, g = (c - gu * d - gv * e) >> shift, b = (c + bu * d) >> shift, each clamped to 0..255, with
 *   c = y * (Y - black) + (1 << (shift - 1)), d = U - grey, e = V - grey
 *
 * shift is 16 for samples of 8 bits and 14 for those of 10, where the sums would not fit into 32 bits otherwise. A coefficient is the exact
 * one times 1 << shift, rounded to nearest: y = 255 / (white - black), rv = 2 (1 - Kr) * 255 / (colours), and so on; white - black is 219 (255 in
 * full range), colours 224 (255), both times 4 with 10 bits (1023 in full range). Kr and Kb are those of BT.601, BT.709 and BT.2020.
 * The five of limited BT.601 at 8 bits: 76309, 104597, 25675, 53279, 132201.
 */
#ifndef COLOUR_H
#define COLOUR_H

#include "picture.h"

struct colour {
	int shift, black, grey, y, rv, gu, gv, bu;
};

/* bits: 8 or 10, per sample. */
struct colour colour_of(enum picture_matrix matrix, bool full_range, int bits);

/* One pixel, as the shader does it. */
void colour_convert(const struct colour *c, int y, int u, int v, uint8_t rgb[3]);

#endif
