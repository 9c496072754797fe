#include "fwht.h"
#include "test.h"

#include <unistd.h>

#define KEY 0xa0400u				/* flags of a 4:2:0 I frame, three components, YUV */
#define DELTA 0xa0000u
#define RGBX 0x130580u

static FILE *begin(void)
{
	FILE *file = tmpfile();

	CLAIM(file);
	return file;
}

static void put_word(FILE *file, uint32_t word)
{
	const uint8_t bytes[] = { word >> 24, word >> 16, word >> 8, word };

	CLAIM(fwrite(bytes, 1, 4, file) == 4);
}

static void put_frame(FILE *file, uint32_t flags, uint32_t size, uint32_t present)
{
	const uint32_t header[] = { 0x4f4f4f4f, 0xffffffff, 3, 640, 360, flags, 1, 2, 3, 4, size };

	for (size_t i = 0; i < sizeof(header) / sizeof(header[0]); i++)
		put_word(file, header[i]);
	for (uint32_t i = 0; i < present; i++)
		CLAIM(fputc(i % 250, file) != EOF);
}

static struct fwht found(FILE *file)
{
	struct fault f = { 0 };
	struct fwht stream;
	struct clip clip;

	CLAIM(!fflush(file));
	CLAIM(!clip_init(&clip, dup(fileno(file)), ftell(file), &f) && !fwht_init(&stream, &clip, &f));
	clip_fini(&clip);
	fclose(file);
	return stream;
}

static void reads_headers(void)
{
	static const uint8_t bytes[FWHT_HEADER] = {
		0x4f, 0x4f, 0x4f, 0x4f, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 3, 0, 0, 7, 0x80, 0, 0, 4, 0x38, 0, 10, 4, 0,
		0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0x12, 0x34, 0x56, 0x78,
	};
	struct fwht_header h;
	uint8_t other[FWHT_HEADER];

	CLAIM(fwht_header_read(&h, bytes));
	CLAIM(h.version == 3 && h.width == 1920 && h.height == 1080 && h.flags == KEY && h.colorspace == 3 && h.transfer == 1);
	CLAIM(h.encoding == 2 && h.quantization == 1 && h.size == 0x12345678);
	CLAIM(fwht_is_yuv420(&h) && !fwht_is_rgbx(&h));
	h.flags = RGBX;
	CLAIM(!fwht_is_yuv420(&h) && fwht_is_rgbx(&h));
	h.flags = KEY | 1 << 8;			/* 4:2:2 in one direction only */
	CLAIM(!fwht_is_yuv420(&h) && !fwht_is_rgbx(&h));
	memcpy(other, bytes, sizeof(other));
	other[7] = 0;
	CLAIM(!fwht_header_read(&h, other));
}

static void finds_frames_and_keys(void)
{
	FILE *file = begin();
	struct fwht stream;

	for (int i = 0; i < 300; i++)		/* more than one allocation's worth */
		put_frame(file, i % 4 ? DELTA : KEY, i, i);
	stream = found(file);
	CLAIM(stream.count == 300 && stream.width == 640 && stream.height == 360);
	CLAIM(stream.frame[7].at == 7 * 44 + 21 && stream.frame[7].bytes == 51 && !stream.frame[7].wrong);
	CLAIM(stream.frame[8].key && !stream.frame[9].key);
	CLAIM(fwht_key_before(&stream, 0) == 0 && fwht_key_before(&stream, 7) == 4 && fwht_key_before(&stream, 8) == 8);
	CLAIM(fwht_key_before(&stream, 1000000) == 296 && fwht_key_before(&stream, -5) == 0);
	CLAIM(fwht_is_whole(&stream, 0) && fwht_is_whole(&stream, 7) && !fwht_is_whole(&stream, -1) && !fwht_is_whole(&stream, 300));
	stream.frame[5].lost = true;
	CLAIM(fwht_is_whole(&stream, 4) && !fwht_is_whole(&stream, 5) && !fwht_is_whole(&stream, 7) && fwht_is_whole(&stream, 8));
	fwht_fini(&stream);
	fwht_fini(&stream);
}

/* Frame numbers after a damaged place must be what they would have been. */
static void counts_what_is_broken(void)
{
	FILE *file = begin();
	struct fwht stream;

	put_frame(file, KEY, 100, 100);
	put_frame(file, DELTA, 100, 60);	/* 1: cut short */
	put_frame(file, DELTA, 100, 100);
	for (int i = 0; i < 70000; i++)		/* 3: no frame at all, longer than what is read at once */
		fputc(0x4f, file);
	put_frame(file, KEY, 100, 100);
	put_frame(file, DELTA, 0xffffffff, 90);	/* 5: a size beyond the end */
	put_frame(file, DELTA, 30, 30);
	fputs("OOOO", file);			/* 7: the beginning of a header */
	stream = found(file);
	CLAIM(stream.count == 8);
	CLAIM(!stream.frame[0].wrong && stream.frame[1].wrong && !stream.frame[1].bytes && !stream.frame[2].wrong);
	CLAIM(stream.frame[3].wrong && !stream.frame[4].wrong && stream.frame[4].key && stream.frame[5].wrong && !stream.frame[6].wrong);
	CLAIM_TEXT(stream.frame[7].wrong, "a header that is cut short");
	CLAIM(stream.frame[4].bytes == 144 && stream.frame[6].bytes == 74);
	fwht_fini(&stream);
}

static void survives_any_bytes(void)
{
	for (unsigned int seed = 1; seed < 200; seed++) {
		FILE *file = begin();
		struct fwht stream;

		srand(seed);
		for (int i = 0; i < 20; i++) {
			uint32_t size = rand() % 300;

			if (rand() % 3)
				put_frame(file, rand(), rand() % 4 ? size : (uint32_t)rand() * 2, size);
			for (int j = rand() % 40; j > 0; j--)
				fputc(rand() % 2 ? 0x4f : 0xff, file);
		}
		fputc(0, file);
		stream = found(file);
		for (int i = 0; i < stream.count; i++)
			CLAIM(stream.frame[i].at >= 0 && (stream.frame[i].wrong ? !stream.frame[i].bytes : stream.frame[i].bytes >= FWHT_HEADER));
		fwht_fini(&stream);
	}
}

void test_fwht(void)
{
	reads_headers();
	finds_frames_and_keys();
	counts_what_is_broken();
	survives_any_bytes();
}
