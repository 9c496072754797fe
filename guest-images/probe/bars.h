/*
 * What vivid's "100% Colorbar" must look like, to the byte: eight bars in BT.601, limited range, which move to the left from frame to frame.
 * Refuses to know how such a picture is come by.
 */
#ifndef BARS_H
#define BARS_H

#include "picture.h"

/* How far frame n has moved since the stream began, in pixels: vivid's "Move Left". */
int bars_moved(int width, int n);

/* The byte at column x of plane y, u or v (0 to 2); all rows are alike. width is the picture's, a multiple of 16. */
uint8_t bars_byte(int width, int plane, int x, int moved);

/* NULL: this I420 picture is frame n. Else where it is not: why. */
const char *bars_differ(const struct picture *pic, int n, char *why, size_t size);

#endif
