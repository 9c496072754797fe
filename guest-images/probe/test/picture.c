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

	CLAIM(picture_shape(&pic, 641, 361) == 0);
	CLAIM(pic.plane[1].width == 321 && pic.plane[2].height == 181);
	CLAIM(picture_packed(&pic, begin) == 641 * 361 + 2 * 321 * 181);
	CLAIM(begin[2] == 641 * 361 + 321 * 181);
	CLAIM(picture_shape(&pic, 1, 1) == 0 && picture_packed(&pic, begin) == 3);
	CLAIM(picture_shape(&pic, 0, 1) && picture_shape(&pic, 1, -1) && picture_shape(&pic, PICTURE_MAX + 1, 1));
}

static void packs_and_finds_again(void)
{
	const uint8_t y[] = "0123456789ab____4567" "____8", u[] = "uU__vV", v[] = "pP__qQ";
	struct picture pic;
	uint8_t packed[3 * 3 + 2 * 4];

	picture_shape(&pic, 3, 3);
	pic.plane[0] = (struct plane){ y, 8, 3, 3 };
	pic.plane[1] = (struct plane){ u, 4, 2, 2 };
	pic.plane[2] = (struct plane){ v, 4, 2, 2 };
	picture_pack(&pic, packed);
	CLAIM(!memcmp(packed, "01289a456uUvVpPqQ", 17));
	picture_at(&pic, packed);
	CLAIM(pic.plane[1].data == packed + 9 && pic.plane[1].stride == 2);
}

void test_picture(void)
{
	hashes_as_published();
	stride_does_not_count();
	odd_sizes_keep_their_last_chroma();
	packs_and_finds_again();
}
