#include "v4l2-format.h"

static const struct { enum picture_format format; uint32_t fourcc; } known[] = {
	{ I420, V4L2_PIX_FMT_YUV420 }, { NV12, V4L2_PIX_FMT_NV12 }, { XRGB8888, V4L2_PIX_FMT_XBGR32 },	/* 'XR24': bytes b, g, r, x */
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

void v4l2_fourcc_text(uint32_t fourcc, char text[5])
{
	for (int i = 0; i < 4; i++) {
		text[i] = fourcc >> 8 * i;
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	}
	text[4] = '\0';
}

uint32_t v4l2_fourcc_of(enum picture_format format)
{
	for (size_t i = 0; i < KNOWN; i++) {
		if (known[i].format == format)
			return known[i].fourcc;
	}
	return 0;
}

/* V4L2 defines what a default stands for, by the colour space; that of an unspecified colour space is BT.601's. */
static bool colour(struct picture *pic, const struct v4l2_pix_format *pix, bool rgb)
{
	uint32_t encoding = pix->ycbcr_enc, range = pix->quantization;

	if (encoding == V4L2_YCBCR_ENC_DEFAULT)
		encoding = V4L2_MAP_YCBCR_ENC_DEFAULT(pix->colorspace);
	if (range == V4L2_QUANTIZATION_DEFAULT)
		range = V4L2_MAP_QUANTIZATION_DEFAULT(rgb, pix->colorspace, encoding);
	pic->full_range = range == V4L2_QUANTIZATION_FULL_RANGE;
	switch (encoding) {
	case V4L2_YCBCR_ENC_601:
		pic->matrix = BT601;
		return true;
	case V4L2_YCBCR_ENC_709:
		pic->matrix = BT709;
		return true;
	case V4L2_YCBCR_ENC_BT2020:
		pic->matrix = BT2020;
		return true;
	default:
		return rgb;			/* then nothing is converted by it */
	}
}

const char *v4l2_picture(struct picture *pic, const struct v4l2_pix_format *pix, int width, int height, const uint8_t *at, size_t len)
{
	size_t begin = 0, stride = pix->bytesperline;
	size_t i = 0;

	while (i < KNOWN && known[i].fourcc != pix->pixelformat)
		i++;
	if (i == KNOWN)
		return "a pixel format that is not known here";
	if (picture_shape(pic, known[i].format, width, height))
		return "a size that no picture has";
	if (!colour(pic, pix, known[i].format == XRGB8888))
		return "a Y'CbCr encoding that is not BT.601, BT.709 or BT.2020";
	for (int p = 0; p < pic->planes; p++) {
		struct plane *plane = &pic->plane[p];
		/* V4L2's chroma rows are as many as half the coded ones, and those of I420 half as long. */
		size_t rows = p ? pix->height / 2 : pix->height, row = p && known[i].format == I420 ? stride / 2 : stride;

		if ((size_t)plane->width > row || (size_t)plane->height > rows)
			return "a buffer that is smaller than its picture";
		plane->data = at + begin;
		plane->stride = row;
		begin += row * rows;
	}
	return begin > len ? "a buffer that is shorter than its format" : NULL;
}
