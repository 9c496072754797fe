/*
 * Stays one picture behind the source, so that there is a later one: for a fault that writes it too early. Refuses to know what is done with it.
 */
#ifndef BEHIND_H
#define BEHIND_H

#include "source.h"

#include <stdbool.h>

struct behind {
	bool held, ended;
	struct frame later;			/* the source's newest, where held */
	uint8_t *copy[2];			/* owned; NULL; in turn, of pictures that lie in the source's own memory */
	int turn;
};

/* As the source's own next(): 1: a frame. 0: the end. -1: see f. */
int behind_next(struct behind *b, struct source *s, struct frame *frame, struct fault *f);
void behind_done(struct behind *b, struct source *s, struct frame *frame);

/* NULL: the frame that was handed out is the last, or nothing was. */
const struct picture *behind_later(const struct behind *b);

void behind_fini(struct behind *b);

#endif
