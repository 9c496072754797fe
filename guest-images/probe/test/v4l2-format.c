#include "v4l2-format.h"
#include "test.h"

static uint8_t bytes[4096 * 16];

static struct v4l2_pix_format format(uint32_t fourcc, int width, int height, int stride)
{
	return (struct v4l2_pix_format){ .pixelformat = fourcc, .width = width, .height = height, .bytesperline = stride };
}

static void names_formats(void)
{
	char text[5];

	v4l2_fourcc_text(V4L2_PIX_FMT_YUV420, text);
	CLAIM_TEXT(text, "YU12");
	v4l2_fourcc_text(v4l2_fourcc_of(XRGB8888), text);
	CLAIM_TEXT(text, "XR24");
	v4l2_fourcc_text(0x80010020, text);
	CLAIM_TEXT(text, " ???");
	CLAIM(v4l2_fourcc_of(NV12) == V4L2_PIX_FMT_NV12 && v4l2_fourcc_of(I010) == 0);
}

/* Rows and columns that are coded but not visible lie between the planes. */
static void finds_planes(void)
{
	struct v4l2_pix_format pix = format(V4L2_PIX_FMT_YUV420, 48, 32, 48);
	struct picture pic;

	CLAIM(!v4l2_picture(&pic, &pix, 35, 21, bytes, 48 * 48));
	CLAIM(pic.format == I420 && pic.planes == 3 && pic.width == 35 && pic.height == 21);
	CLAIM(pic.plane[0].data == bytes && pic.plane[0].stride == 48 && pic.plane[0].width == 35 && pic.plane[0].height == 21);
	CLAIM(pic.plane[1].data == bytes + 48 * 32 && pic.plane[1].stride == 24 && pic.plane[1].width == 18 && pic.plane[1].height == 11);
	CLAIM(pic.plane[2].data == bytes + 48 * 32 + 24 * 16);
	pix.pixelformat = V4L2_PIX_FMT_NV12;
	CLAIM(!v4l2_picture(&pic, &pix, 35, 21, bytes, 48 * 48) && pic.planes == 2);
	CLAIM(pic.plane[1].data == bytes + 48 * 32 && pic.plane[1].stride == 48 && pic.plane[1].width == 36 && pic.plane[1].height == 11);
	pix = format(V4L2_PIX_FMT_XBGR32, 48, 32, 192);
	CLAIM(!v4l2_picture(&pic, &pix, 47, 32, bytes, 192 * 32) && pic.format == XRGB8888 && pic.planes == 1);
	CLAIM(pic.plane[0].stride == 192 && pic.plane[0].width == 188 && pic.plane[0].height == 32);
}

static void refuses_what_does_not_fit(void)
{
	struct v4l2_pix_format pix = format(V4L2_PIX_FMT_YUV420, 48, 32, 48);
	struct picture pic;

	CLAIM(v4l2_picture(&pic, &pix, 48, 32, bytes, 48 * 48 - 1));
	CLAIM(v4l2_picture(&pic, &pix, 49, 32, bytes, sizeof(bytes)));
	CLAIM(v4l2_picture(&pic, &pix, 48, 33, bytes, sizeof(bytes)));
	CLAIM(v4l2_picture(&pic, &pix, 0, 32, bytes, sizeof(bytes)));
	pix.width = pix.bytesperline = 34;	/* half of it has no room for the last chroma column of 35 */
	CLAIM(v4l2_picture(&pic, &pix, 35, 32, bytes, sizeof(bytes)));
	pix = format(V4L2_PIX_FMT_YVU420, 48, 32, 48);
	CLAIM(v4l2_picture(&pic, &pix, 48, 32, bytes, sizeof(bytes)));
}

static void takes_colour_as_v4l2_means_it(void)
{
	static const struct { uint32_t fourcc, space, encoding, range; enum picture_matrix matrix; bool full; } want[] = {
		{ V4L2_PIX_FMT_YUV420, 0, 0, 0, BT601, false },
		{ V4L2_PIX_FMT_YUV420, V4L2_COLORSPACE_SMPTE170M, 0, 0, BT601, false },
		{ V4L2_PIX_FMT_YUV420, V4L2_COLORSPACE_REC709, 0, 0, BT709, false },
		{ V4L2_PIX_FMT_YUV420, V4L2_COLORSPACE_REC709, V4L2_YCBCR_ENC_601, V4L2_QUANTIZATION_FULL_RANGE, BT601, true },
		{ V4L2_PIX_FMT_YUV420, V4L2_COLORSPACE_BT2020, 0, V4L2_QUANTIZATION_LIM_RANGE, BT2020, false },
		{ V4L2_PIX_FMT_NV12, V4L2_COLORSPACE_JPEG, 0, 0, BT601, true },
		{ V4L2_PIX_FMT_NV12, V4L2_COLORSPACE_SRGB, V4L2_YCBCR_ENC_709, 0, BT709, false },
		{ V4L2_PIX_FMT_XBGR32, V4L2_COLORSPACE_SRGB, 0, 0, BT601, true },
	};
	struct v4l2_pix_format pix = format(V4L2_PIX_FMT_YUV420, 48, 32, 48);
	struct picture pic;

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		pix = format(want[i].fourcc, 48, 32, want[i].fourcc == V4L2_PIX_FMT_XBGR32 ? 192 : 48);
		pix.colorspace = want[i].space;
		pix.ycbcr_enc = want[i].encoding;
		pix.quantization = want[i].range;
		CLAIM(!v4l2_picture(&pic, &pix, 48, 32, bytes, sizeof(bytes)));
		CLAIM(pic.matrix == want[i].matrix && pic.full_range == want[i].full);
	}
	pix = format(V4L2_PIX_FMT_YUV420, 48, 32, 48);
	pix.ycbcr_enc = V4L2_YCBCR_ENC_SMPTE240M;
	CLAIM(v4l2_picture(&pic, &pix, 48, 32, bytes, sizeof(bytes)));
}

void test_v4l2_format(void)
{
	names_formats();
	finds_planes();
	refuses_what_does_not_fit();
	takes_colour_as_v4l2_means_it();
}
