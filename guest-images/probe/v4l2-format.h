/*
 * Between V4L2's formats and ours: names, where the planes lie in a buffer, what the colour is. Pure: asks no driver.
 */
#ifndef V4L2_FORMAT_H
#define V4L2_FORMAT_H

#include "picture.h"

#include <linux/videodev2.h>

/* "YU12"; what cannot be printed becomes '?'. */
void v4l2_fourcc_text(uint32_t fourcc, char text[5]);

/* 0: V4L2 has no format of one buffer for it. */
uint32_t v4l2_fourcc_of(enum picture_format format);

/*
 * The visible width x height of a buffer of len bytes at `at`, which has this format; the format's own size is the coded one. NULL, or why
 * this is no picture (borrowed, static).
 */
const char *v4l2_picture(struct picture *pic, const struct v4l2_pix_format *pix, int width, int height, const uint8_t *at, size_t len);

#endif
