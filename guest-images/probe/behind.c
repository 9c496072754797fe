#include "behind.h"

#include <stdlib.h>

/* A source may have one picture of its own memory out at a time; of a pool's buffers it may have several. */
static int keep(struct behind *b, struct source *s, struct fault *f)
{
	struct picture *pic = &b->later.picture;
	size_t begin[PLANES];
	uint8_t *copy;

	if (b->later.buffer)
		return 0;
	copy = realloc(b->copy[b->turn], picture_packed(pic, begin));
	if (!copy)
		return fault(f, FAILED, "setup", "no memory");
	b->copy[b->turn] = copy;
	b->turn = !b->turn;
	picture_pack(pic, pic, copy);
	s->ops->done(s, &b->later);
	picture_at(pic, copy);
	return 0;
}

static int hold_next(struct behind *b, struct source *s, struct fault *f)
{
	int got = b->ended ? 0 : s->ops->next(s, &b->later, f);

	b->held = got > 0;
	b->ended = !got;
	return b->held && keep(b, s, f) ? -1 : got;
}

int behind_next(struct behind *b, struct source *s, struct frame *frame, struct fault *f)
{
	int got = b->held ? 1 : hold_next(b, s, f);

	if (got <= 0)
		return got;
	*frame = b->later;
	return hold_next(b, s, f) < 0 ? -1 : 1;
}

void behind_done(struct behind *b, struct source *s, struct frame *frame)
{
	(void)b;
	if (frame->buffer)
		s->ops->done(s, frame);
}

const struct picture *behind_later(const struct behind *b)
{
	return b->held ? &b->later.picture : NULL;
}

void behind_fini(struct behind *b)
{
	free(b->copy[0]);
	free(b->copy[1]);
	*b = (struct behind){ 0 };
}
