#include "mischief.h"
#include "test.h"

static struct mischief_where place(const struct picture *shape, bool dmabuf, bool in_place)
{
	return (struct mischief_where){ .shape = shape, .dmabuf = dmabuf, .in_place = in_place };
}

static void has_names(void)
{
	for (int kind = NO_MISCHIEF + 1; kind < MISCHIEFS; kind++)
		CLAIM(mischief_name(kind)[0] && mischief_named(mischief_name(kind)) == (enum mischief_kind)kind);
	CLAIM(mischief_named("break-it") == MISCHIEFS);
}

/* Every one can be done somewhere, and whatever is refused says why. */
static void can_be_done_somewhere(void)
{
	for (int kind = NO_MISCHIEF; kind < MISCHIEFS; kind++) {
		int done = 0;

		for (int format = I420; format < I010; format++) {
			for (int how = 0; how < 8; how++) {
				struct mischief_where where;
				struct picture shape;
				const char *why;

				picture_shape(&shape, format, how & 4 ? 641 : 640, 361);
				where = place(&shape, how & 1, how & 2);
				why = mischief_refuses(kind, &where);
				CLAIM(!why || why[0]);
				done += !why;
			}
		}
		CLAIM(done);
	}
}

/* On a display nothing is transferred and nothing drawn: what is left is memory, and another buffer. */
static void knows_a_display(void)
{
	struct mischief_where where = { .scanout = true };
	struct picture shape;

	picture_shape(&shape, XRGB8888, 640, 360);
	where.shape = &shape;
	for (int kind = NO_MISCHIEF; kind < MISCHIEFS; kind++) {
		bool can = kind == NO_MISCHIEF || kind == DECODE_BITFLIP || kind == DECODE_STALE || kind == WRONG_BUFFER;

		CLAIM(!mischief_refuses(kind, &where) == can);
	}
}

static void writes_a_shader(void)
{
	for (int kind = NO_MISCHIEF; kind < MISCHIEFS; kind++) {
		for (int format = I420; format < I010; format++) {
			struct picture shape;
			char text[1024];

			picture_shape(&shape, format, PICTURE_MAX, PICTURE_MAX);
			mischief_glsl(kind, &shape, text, sizeof(text));
			CLAIM(strlen(text) < sizeof(text) - 1 && strstr(text, "int seen(int plane, ivec2 at)") && text[strlen(text) - 2] == '}');
		}
	}
}

/* Six pictures of 2 x 2 pixels, all of whose bytes are the picture's number; what is left of each after the mischief. */
static void stay(enum mischief_kind kind, const char *wanted[6])
{
	struct mischief m = { .kind = kind };
	struct fault f = { 0 };

	for (int n = 0; n < 6; n++) {
		uint8_t bytes[6] = { '0' + n, '0' + n, '0' + n, '0' + n, 'u', 'v' };
		struct picture memory;

		picture_shape(&memory, I420, 2, 2);
		picture_at(&memory, bytes);
		CLAIM(!mischief_memory(&m, &memory, &f));
		CLAIM(!memcmp(bytes, wanted[n], 6));
	}
	mischief_fini(&m);
}

static void changes_memory(void)
{
	stay(DECODE_STALE, (const char *[]){ "0000uv", "1111uv", "2222uv", "2222uv", "4444uv", "5555uv" });
	stay(DECODE_SWAP, (const char *[]){ "0000vu", "1111vu", "2222vu", "3333vu", "4444vu", "5555vu" });
	stay(DECODE_BITFLIP, (const char *[]){ "00 0uv", "11!1uv", "22\"2uv", "33#3uv", "44$4uv", "55%5uv" });
	stay(SWAP_PLANES, (const char *[]){ "0000uv", "1111uv", "2222uv", "3333uv", "4444uv", "5555uv" });
}

static void writes_a_later_picture(void)
{
	struct mischief m = { .kind = REUSE_EARLY };
	uint8_t bytes[6] = "1111uv", next[6] = "2222UV";
	struct picture memory, later;
	struct fault f = { 0 };

	picture_shape(&memory, I420, 2, 2);
	picture_at(&memory, bytes);
	picture_shape(&later, I420, 2, 2);
	picture_at(&later, next);
	CLAIM(!mischief_reuse(&m, NULL, &memory, &f) && !memcmp(bytes, "1111uv", 6));
	CLAIM(!mischief_reuse(&m, &later, &memory, &f) && !memcmp(bytes, "1122UV", 6));
	later.width = 4;			/* of another size: it cannot lie in this buffer */
	memcpy(bytes, "1111uv", 6);
	CLAIM(!mischief_reuse(&m, &later, &memory, &f) && !memcmp(bytes, "1111uv", 6));
	mischief_fini(&m);
}

static void refuses_an_upload_that_is_not_ours(void)
{
	static const enum mischief_kind kind[] = { SKIP_TRANSFER, NO_TRANSFER, BOX_SHORT_ROW, BOX_SHORT_COLUMN, BOX_HALF, REUSE_EARLY, DECODE_STALE };
	struct picture shape;

	picture_shape(&shape, I420, 640, 360);
	for (size_t i = 0; i < sizeof(kind) / sizeof(kind[0]); i++)
		CLAIM(mischief_refuses(kind[i], &(struct mischief_where){ .shape = &shape, .in_place = true, .theirs = true }));
}

static void tells_of_a_camera_only_what_memory_tells(void)
{
	struct mischief_where where = { .dmabuf = true, .camera = true };
	struct picture shape;

	picture_shape(&shape, I420, 640, 360);
	where.shape = &shape;
	CLAIM(mischief_refuses(DECODE_BITFLIP, &where) && mischief_refuses(WRONG_MATRIX, &where) && mischief_refuses(REUSE_EARLY, &where));
	CLAIM(!mischief_refuses(NO_TRANSFER, &where) && !mischief_refuses(MIRROR_X, &where) && !mischief_refuses(SKIP_WAIT, &where));
}

static void leaves_out(void)
{
	uint32_t columns = 640, rows = 361;
	struct mischief m = { .kind = SKIP_TRANSFER, .frame = 3 };

	CLAIM(!mischief_skips(&m));
	m.frame = 6;
	CLAIM(mischief_skips(&m));
	m.kind = BOX_SHORT_ROW;
	CLAIM(!mischief_skips(&m));
	mischief_box(&m, &columns, &rows);
	CLAIM(columns == 640 && rows == 360);
	m.kind = BOX_SHORT_COLUMN;
	mischief_box(&m, &columns, &rows);
	CLAIM(columns == 636 && rows == 360);
	m.kind = BOX_HALF;
	mischief_box(&m, &columns, &rows);
	CLAIM(columns == 636 && rows == 180);
}

static void knows_a_shader_that_is_compiled(void)
{
	struct picture shape;
	struct mischief_where where = { .shape = &shape, .dmabuf = true, .fixed = true };

	picture_shape(&shape, I420, 640, 360);
	for (int kind = 1; kind < MISCHIEFS; kind++) {
		bool can = kind == DECODE_BITFLIP || kind == DECODE_STALE || kind == DECODE_SWAP || kind == REUSE_EARLY ||
			   kind == WRONG_BUFFER;

		CLAIM(can == !mischief_refuses(kind, &where));
	}
}

void test_mischief(void)
{
	has_names();
	can_be_done_somewhere();
	knows_a_display();
	writes_a_shader();
	changes_memory();
	writes_a_later_picture();
	refuses_an_upload_that_is_not_ours();
	tells_of_a_camera_only_what_memory_tells();
	leaves_out();
	knows_a_shader_that_is_compiled();
}
