#include "hash.h"
#include "test.h"

/* XXH64 of nothing and of "abc", seed 0, as published with the algorithm. */
static void hashes_as_published(void)
{
	char text[HASH_TEXT];

	hash_bytes("", 0, text);
	CLAIM_TEXT(text, "ef46db3751d8e999");
	hash_bytes("abc", 3, text);
	CLAIM_TEXT(text, "44bc2cf5ad770999");
}

static void stride_does_not_count(void)
{
	const uint8_t padded[] = "abcXXdefXXghi", tight[] = "abcdefghi";
	const struct plane pl = { padded, 5, 3, 3 };
	char a[HASH_TEXT], b[HASH_TEXT];

	hash_plane(&pl, a);			/* under ASan: the last row has no padding behind it to read */
	hash_bytes(tight, 9, b);
	CLAIM_TEXT(a, b);
}

static void odd_sizes_keep_their_last_chroma(void)
{
	struct picture pic;
	size_t begin[PLANES];

	CLAIM(picture_shape(&pic, I420, 641, 361) == 0);
	CLAIM(pic.plane[1].width == 321 && pic.plane[2].height == 181);
	CLAIM(picture_packed(&pic, begin) == 641 * 361 + 2 * 321 * 181);
	CLAIM(begin[2] == 641 * 361 + 321 * 181);
	CLAIM(picture_shape(&pic, I420, 1, 1) == 0 && picture_packed(&pic, begin) == 3);
	CLAIM(picture_shape(&pic, NV12, 641, 361) == 0 && pic.planes == 2);
	CLAIM(pic.plane[1].width == 642 && pic.plane[1].height == 181);
	CLAIM(picture_shape(&pic, P010, 641, 361) == 0 && pic.plane[0].width == 1282 && pic.plane[1].width == 1284);
	CLAIM(picture_shape(&pic, XRGB8888, 641, 361) == 0 && pic.planes == 1 && pic.plane[0].width == 2564);
	CLAIM(picture_shape(&pic, I420, 0, 1) && picture_shape(&pic, I420, 1, -1) && picture_shape(&pic, I420, PICTURE_MAX + 1, 1));
}

static void has_names(void)
{
	for (int f = I420; f < PICTURE_FORMATS; f++) {
		struct picture pic;

		CLAIM(picture_format_named(picture_format_name(f)) == (enum picture_format)f);
		CLAIM(!picture_shape(&pic, f, 16, 16));
		for (int p = 0; p < pic.planes; p++)
			CLAIM(picture_plane_name(f, p)[0] && pic.plane[p].width % picture_plane_pixel(f, p) == 0);
	}
	CLAIM(picture_format_named("YV12") == PICTURE_FORMATS);
}

/* y, u and v of 3 x 3 pixels, 8 bits, with something between the rows. */
static void make_i420(struct picture *pic)
{
	static const uint8_t y[] = "0123456789ab____4567" "____8", u[] = "uU__vV", v[] = "pP__qQ";

	picture_shape(pic, I420, 3, 3);
	pic->plane[0] = (struct plane){ y, 8, 3, 3 };
	pic->plane[1] = (struct plane){ u, 4, 2, 2 };
	pic->plane[2] = (struct plane){ v, 4, 2, 2 };
}

static void packs_and_finds_again(void)
{
	struct picture pic;
	uint8_t packed[3 * 3 + 2 * 4];

	make_i420(&pic);
	picture_pack(&pic, &pic, packed);
	CLAIM(!memcmp(packed, "01289a456uUvVpPqQ", 17));
	picture_at(&pic, packed);
	CLAIM(pic.plane[1].data == packed + 9 && pic.plane[1].stride == 2);
}

static void interleaves_on_the_way(void)
{
	struct picture pic, shape;
	uint8_t packed[3 * 3 + 4 * 2];

	make_i420(&pic);
	picture_shape(&shape, NV12, 3, 3);
	picture_pack(&pic, &shape, packed);
	CLAIM(!memcmp(packed, "01289a456upUPvqVQ", 17));
}

static void shifts_ten_bits_up(void)
{
	static const uint8_t y[] = { 0xff, 0x03, 0x01, 0x00, 0xee, 0xee }, u[] = { 0x00, 0x02 }, v[] = { 0x40, 0x00 };
	static const uint8_t wanted[] = { 0xc0, 0xff, 0x40, 0x00, 0x00, 0x80, 0x00, 0x10 };
	struct picture pic, shape;
	uint8_t packed[8];

	picture_shape(&pic, I010, 2, 1);
	pic.plane[0] = (struct plane){ y, 6, 4, 1 };
	pic.plane[1] = (struct plane){ u, 2, 2, 1 };
	pic.plane[2] = (struct plane){ v, 2, 2, 1 };
	picture_shape(&shape, P010, 2, 1);
	picture_pack(&pic, &shape, packed);
	CLAIM(!memcmp(packed, wanted, sizeof(wanted)));
}

static void x_counts_as_255(void)
{
	static const uint8_t rows[] = "bgrxBGRXpadpbgryBGRY", wanted[] = "bgr\377BGR\377bgr\377BGR\377";
	struct picture pic;
	uint8_t packed[16];
	char a[HASH_TEXT], b[HASH_TEXT];

	picture_shape(&pic, XRGB8888, 2, 2);
	pic.plane[0] = (struct plane){ rows, 12, 8, 2 };
	picture_pack(&pic, &pic, packed);
	CLAIM(!memcmp(packed, wanted, 16));
	CLAIM(!hash_picture_plane(&pic, 0, a));
	hash_bytes(packed, 16, b);
	CLAIM_TEXT(a, b);
}

static void converts_only_what_it_can(void)
{
	CLAIM(picture_can_convert(I420, I420) && picture_can_convert(I420, NV12) && picture_can_convert(I010, P010));
	CLAIM(!picture_can_convert(NV12, I420) && !picture_can_convert(I010, I420) && !picture_can_convert(I420, P010) &&
	      !picture_can_convert(XRGB8888, I420));
}

void test_picture(void)
{
	hashes_as_published();
	stride_does_not_count();
	odd_sizes_keep_their_last_chroma();
	has_names();
	packs_and_finds_again();
	interleaves_on_the_way();
	shifts_ten_bits_up();
	x_counts_as_255();
	converts_only_what_it_can();
}
