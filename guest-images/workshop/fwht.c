/*
 * FWHT, the codec of the kernel's vicodec: an encoder and a decoder of our own, so that the kernel's is not held against itself. Key frames only.
 * What is coded is told by drivers/media/test-drivers/vicodec/codec-fwht.c and the header's layout by codec-fwht.h; nothing of either is in here.
 *
 *   fwht encode WIDTH HEIGHT I420|XRGB8888 bt601|bt709|bt2020 limited|full < raw > stream      raw: I420, or planes g, b, r
 *   fwht decode < stream > raw                                                                  raw: I420, or bytes b, g, r, x
 *
 * A picture is cut into blocks of 8 x 8 samples. A block becomes its Walsh-Hadamard coefficients, in order of sequency, each shifted right by a
 * number of bits that grows with it; they are written along diagonals as words of a run of zeros (4 bits) and a coefficient (12 bits).
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 8
#define COEFFICIENTS 64
#define REST_IS_ZERO 15
#define LONGEST_RUN 14
#define MAX_SIDE 4096

enum { MAGIC1, MAGIC2, VERSION, WIDTH, HEIGHT, FLAGS, COLORSPACE, TRANSFER, ENCODING, QUANTIZATION, SIZE, WORDS };
enum { IS_KEY = 1 << 10, FULL_HEIGHT = 1 << 7, FULL_WIDTH = 1 << 8, PLANES_SHIFT = 16, IS_YUV = 1 << 19, IS_RGB = 2 << 19 };
enum { UNCODED = 1 << 4 | 1 << 5 | 1 << 6 | 1 << 9 };

struct plane {
	int width, height;			/* visible */
	int coded_width, coded_height;		/* whole blocks */
	uint8_t *data;				/* coded_width bytes per row */
};

struct frame {
	int width, height, count;
	struct plane plane[4];
};

static int8_t walsh[BLOCK][BLOCK];		/* row k changes its sign k times */
static uint8_t diagonal[COEFFICIENTS];		/* the place of the n-th coefficient that is written */

static void die(const char *why)
{
	fprintf(stderr, "fwht: %s\n", why);
	exit(1);
}

static int sign_changes(const int8_t row[BLOCK])
{
	int changes = 0;

	for (int i = 1; i < BLOCK; i++)
		changes += row[i] != row[i - 1];
	return changes;
}

static void make_tables(void)
{
	int n = 0;

	for (int k = 0; k < BLOCK; k++) {
		int8_t row[BLOCK];

		for (int i = 0; i < BLOCK; i++)
			row[i] = __builtin_parity(i & k) ? -1 : 1;
		memcpy(walsh[sign_changes(row)], row, sizeof(row));
	}
	/* Diagonals from the upper right: those of the upper left half go down from x = d, the others come from the right edge. */
	for (int d = 0; d < 2 * BLOCK - 1; d++) {
		for (int y = d < BLOCK ? 0 : d - BLOCK + 1; y <= d && y < BLOCK; y++)
			diagonal[n++] = y * BLOCK + d - y;
	}
}

/* How many bits a coefficient loses. */
static int shift_of(int place)
{
	static const uint8_t by_diagonal[2 * BLOCK - 1] = { 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 6, 6, 6, 6, 8 };

	return by_diagonal[place % BLOCK + place / BLOCK];
}

static void transform(const int in[COEFFICIENTS], int out[COEFFICIENTS])
{
	int half[COEFFICIENTS];

	for (int y = 0; y < BLOCK; y++) {
		for (int k = 0; k < BLOCK; k++) {
			int sum = 0;

			for (int x = 0; x < BLOCK; x++)
				sum += walsh[k][x] * in[y * BLOCK + x];
			half[y * BLOCK + k] = sum;
		}
	}
	for (int k = 0; k < BLOCK; k++) {
		for (int x = 0; x < BLOCK; x++) {
			int sum = 0;

			for (int y = 0; y < BLOCK; y++)
				sum += walsh[k][y] * half[y * BLOCK + x];
			out[k * BLOCK + x] = sum;
		}
	}
}

static int round_up(int value, int to)
{
	return (value + to - 1) / to * to;
}

static void frame_init(struct frame *f, int width, int height, bool rgb)
{
	*f = (struct frame){ .width = width, .height = height, .count = rgb ? 4 : 3 };
	/* The codec has width / 2 chroma samples in a row: an odd size would lose its last. */
	if (width < 2 || height < 2 || width > MAX_SIDE || height > MAX_SIDE || (!rgb && (width % 2 || height % 2)))
		die("no such size");
	for (int i = 0; i < f->count; i++) {
		struct plane *p = &f->plane[i];
		int divide = rgb || !i ? 1 : 2;

		p->width = (width + divide - 1) / divide;
		p->height = (height + divide - 1) / divide;
		p->coded_width = round_up(p->width, BLOCK);
		p->coded_height = round_up(p->height, BLOCK);
		p->data = calloc(p->coded_width, p->coded_height);
		if (!p->data)
			die("no memory");
	}
}

static void frame_fini(struct frame *f)
{
	for (int i = 0; i < f->count; i++)
		free(f->plane[i].data);
}

/* The last column and row go on to the end of the last block. */
static void widen(struct plane *p)
{
	for (int y = 0; y < p->height; y++) {
		uint8_t *row = p->data + y * p->coded_width;

		memset(row + p->width, row[p->width - 1], p->coded_width - p->width);
	}
	for (int y = p->height; y < p->coded_height; y++)
		memcpy(p->data + y * p->coded_width, p->data + (p->height - 1) * p->coded_width, p->coded_width);
}

static bool read_plane(struct plane *p)
{
	for (int y = 0; y < p->height; y++) {
		if (fread(p->data + y * p->coded_width, 1, p->width, stdin) != (size_t)p->width) {
			if (y || !feof(stdin))
				die("the raw video ends inside a plane");
			return false;
		}
	}
	widen(p);
	return true;
}

/* ---- writing ---- */

struct out {
	uint8_t *bytes;
	size_t len, room;
};

static void put_word(struct out *o, unsigned int word)
{
	if (o->len + 2 > o->room) {
		o->room = o->room ? 2 * o->room : 1 << 16;
		o->bytes = realloc(o->bytes, o->room);
		if (!o->bytes)
			die("no memory");
	}
	o->bytes[o->len++] = word >> 8;
	o->bytes[o->len++] = word;
}

static void put_runs(struct out *o, const int coefficient[COEFFICIENTS])
{
	int last = COEFFICIENTS, i = 0;

	while (last && !coefficient[diagonal[last - 1]])
		last--;
	if (COEFFICIENTS - last <= LONGEST_RUN)
		last = COEFFICIENTS;
	put_word(o, 0);				/* the block's own header: a key block, not repeated */
	while (i < last) {
		int run = 0;

		while (run < LONGEST_RUN && i + 1 < last && !coefficient[diagonal[i]]) {
			run++;
			i++;
		}
		put_word(o, (coefficient[diagonal[i++]] * 16 & 0xfff0) | run);
	}
	if (last < COEFFICIENTS)
		put_word(o, REST_IS_ZERO);
}

static void encode_block(struct out *o, const struct plane *p, int left, int top)
{
	int in[COEFFICIENTS], coefficient[COEFFICIENTS];

	for (int i = 0; i < COEFFICIENTS; i++)
		in[i] = p->data[(top + i / BLOCK) * p->coded_width + left + i % BLOCK] - 128;
	transform(in, coefficient);
	for (int i = 0; i < COEFFICIENTS; i++)
		coefficient[i] >>= shift_of(i);		/* towards minus infinity, as the codec has it */
	put_runs(o, coefficient);
}

static void encode_plane(struct out *o, const struct plane *p)
{
	for (int top = 0; top < p->coded_height; top += BLOCK) {
		for (int left = 0; left < p->coded_width; left += BLOCK)
			encode_block(o, p, left, top);
	}
}

static void write_header(const uint32_t word[WORDS])
{
	for (int i = 0; i < WORDS; i++) {
		const uint8_t bytes[] = { word[i] >> 24, word[i] >> 16, word[i] >> 8, word[i] };

		fwrite(bytes, 1, 4, stdout);
	}
}

struct colour { const char *name; uint32_t colorspace, encoding; };	/* enum v4l2_colorspace, enum v4l2_ycbcr_encoding */
static const struct colour colours[] = { { "bt601", 1, 1 }, { "bt709", 3, 2 }, { "bt2020", 10, 6 } };

static void encode(int argc, char **argv)
{
	const struct colour *colour = colours;
	bool rgb, full;
	struct frame f;
	struct out o = { 0 };

	if (argc != 7)
		die("encode wants a width, a height, a format, a matrix and a range");
	rgb = !strcmp(argv[4], "XRGB8888");
	full = !strcmp(argv[6], "full");
	while (strcmp(colour->name, argv[5])) {
		if (++colour == colours + sizeof(colours) / sizeof(colours[0]))
			die("no such matrix");
	}
	frame_init(&f, atoi(argv[2]), atoi(argv[3]), rgb);
	while (read_plane(&f.plane[0])) {
		uint32_t header[WORDS] = {
			[MAGIC1] = 0x4f4f4f4f, [MAGIC2] = 0xffffffff, [VERSION] = 3, [WIDTH] = f.width, [HEIGHT] = f.height,
			[FLAGS] = IS_KEY | (f.count - 1) << PLANES_SHIFT | (rgb ? IS_RGB | FULL_WIDTH | FULL_HEIGHT : IS_YUV),
			[COLORSPACE] = rgb ? 8 : colour->colorspace, [ENCODING] = rgb ? 0 : colour->encoding, [QUANTIZATION] = full || rgb ? 1 : 2,
		};

		for (int i = 1; i < 3; i++) {
			if (!read_plane(&f.plane[i]))
				die("the raw video ends inside a picture");
		}
		if (rgb)
			memset(f.plane[3].data, 255, f.plane[3].coded_width * f.plane[3].coded_height);
		o.len = 0;
		for (int i = 0; i < f.count; i++)
			encode_plane(&o, &f.plane[i]);
		header[SIZE] = o.len;
		write_header(header);
		fwrite(o.bytes, 1, o.len, stdout);
	}
	frame_fini(&f);
	free(o.bytes);
}

/* ---- reading ---- */

struct in {
	const uint8_t *at, *end;
};

static int get_word(struct in *in)
{
	if (in->end - in->at < 2)
		die("a frame ends inside a block");
	in->at += 2;
	return in->at[-2] << 8 | in->at[-1];
}

static uint8_t clamp(int value)
{
	return value < 0 ? 0 : value > 255 ? 255 : value;
}

/* How often the block is to be repeated. */
static int get_block(struct in *in, uint8_t sample[COEFFICIENTS])
{
	int header = get_word(in), coefficient[COEFFICIENTS] = { 0 }, out[COEFFICIENTS], n = 0;

	if (header & 0x8000)
		die("a block that builds on another frame");
	while (n < COEFFICIENTS) {
		int16_t word = get_word(in);
		int run = word & 15;

		if (run == REST_IS_ZERO)
			break;
		n += run;
		if (n >= COEFFICIENTS)
			die("a run that leaves its block");
		coefficient[diagonal[n]] = (word >> 4) * (1 << shift_of(diagonal[n]));
		n++;
	}
	transform(coefficient, out);
	for (int i = 0; i < COEFFICIENTS; i++)
		sample[i] = clamp((out[i] >> 6) + 128);
	return (header & 0x1ffe) >> 1;
}

static void decode_plane(struct in *in, struct plane *p)
{
	uint8_t sample[COEFFICIENTS];
	int copies = 0;

	for (int top = 0; top < p->coded_height; top += BLOCK) {
		for (int left = 0; left < p->coded_width; left += BLOCK) {
			if (copies)
				copies--;
			else
				copies = get_block(in, sample);
			for (int y = 0; y < BLOCK; y++)
				memcpy(p->data + (top + y) * p->coded_width + left, sample + y * BLOCK, BLOCK);
		}
	}
}

static void write_frame(const struct frame *f)
{
	if (f->count == 3) {
		for (int i = 0; i < 3; i++) {
			for (int y = 0; y < f->plane[i].height; y++)
				fwrite(f->plane[i].data + y * f->plane[i].coded_width, 1, f->plane[i].width, stdout);
		}
		return;
	}
	for (int y = 0; y < f->height; y++) {
		for (int x = 0; x < f->width; x++) {
			size_t at = y * f->plane[0].coded_width + x;
			const uint8_t pixel[] = { f->plane[1].data[at], f->plane[0].data[at], f->plane[2].data[at], f->plane[3].data[at] };

			fwrite(pixel, 1, 4, stdout);
		}
	}
}

static bool read_header(uint32_t word[WORDS])
{
	uint8_t bytes[4 * WORDS];
	size_t got = fread(bytes, 1, sizeof(bytes), stdin);

	if (!got)
		return false;
	if (got != sizeof(bytes))
		die("the stream ends inside a header");
	for (int i = 0; i < WORDS; i++)
		word[i] = (uint32_t)bytes[4 * i] << 24 | bytes[4 * i + 1] << 16 | bytes[4 * i + 2] << 8 | bytes[4 * i + 3];
	if (word[MAGIC1] != 0x4f4f4f4f || word[MAGIC2] != 0xffffffff || !(word[FLAGS] & IS_KEY) || word[FLAGS] & UNCODED)
		die("not a key frame of coded planes");
	return true;
}

static void decode(void)
{
	uint32_t header[WORDS];

	while (read_header(header)) {
		bool rgb = header[FLAGS] & IS_RGB;
		uint8_t *bytes = malloc(header[SIZE] ? header[SIZE] : 1);
		struct in in = { bytes, bytes + header[SIZE] };
		struct frame f;

		if (!bytes || fread(bytes, 1, header[SIZE], stdin) != header[SIZE])
			die("the stream ends inside a frame");
		frame_init(&f, header[WIDTH], header[HEIGHT], rgb);
		for (int i = 0; i < f.count; i++)
			decode_plane(&in, &f.plane[i]);
		write_frame(&f);
		frame_fini(&f);
		free(bytes);
	}
}

int main(int argc, char **argv)
{
	make_tables();
	if (argc > 1 && !strcmp(argv[1], "encode"))
		encode(argc, argv);
	else if (argc == 2 && !strcmp(argv[1], "decode"))
		decode();
	else
		die("encode or decode?");
	return fflush(stdout) ? 1 : 0;
}
