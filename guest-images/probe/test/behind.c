#include "behind.h"
#include "test.h"

#define PICTURES 3

/* Three pictures of 2 x 2, each of its own number; in the source's one piece of memory, or each in a buffer of a pool's. */
struct three {
	uint8_t bytes[PICTURES][6];
	struct buffer *buffer[PICTURES];
	int next, out, most_out, done;
};

static int next(struct source *s, struct frame *frame, struct fault *f)
{
	struct three *three = s->own;
	int n = three->next++;

	(void)f;
	if (n == PICTURES)
		return 0;
	three->out++;
	three->most_out = three->out > three->most_out ? three->out : three->most_out;
	*frame = (struct frame){ .pts_us = n, .buffer = three->buffer[n] };
	memset(three->bytes[three->buffer[0] ? n : 0], '0' + n, 6);
	picture_shape(&frame->picture, I420, 2, 2);
	picture_at(&frame->picture, three->bytes[three->buffer[0] ? n : 0]);
	return 1;
}

static void done(struct source *s, struct frame *frame)
{
	struct three *three = s->own;

	(void)frame;
	three->out--;
	three->done++;
}

static void all_come_with_the_next_one(struct buffer *buffer)
{
	const struct source_ops ops = { .next = next, .done = done };
	struct three three = { .buffer = { buffer, buffer, buffer } };
	struct source source = { .ops = &ops, .own = &three };
	struct behind behind = { 0 };
	struct fault f = { 0 };
	struct frame frame;

	CLAIM(!behind_later(&behind));
	for (int n = 0; n < PICTURES; n++) {
		CLAIM(behind_next(&behind, &source, &frame, &f) == 1);
		CLAIM(frame.pts_us == n && frame.picture.plane[0].data[0] == '0' + n);
		if (n < PICTURES - 1)
			CLAIM(behind_later(&behind)->plane[2].data[0] == '1' + n);
		else
			CLAIM(!behind_later(&behind));
		behind_done(&behind, &source, &frame);
	}
	CLAIM(behind_next(&behind, &source, &frame, &f) == 0);
	CLAIM(three.out == 0 && three.done == PICTURES && three.most_out == (buffer ? 2 : 1));
	behind_fini(&behind);
}

void test_behind(void)
{
	char any;

	all_come_with_the_next_one(NULL);
	all_come_with_the_next_one((struct buffer *)&any);
}
