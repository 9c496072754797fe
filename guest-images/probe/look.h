/*
 * "v4l2-scanout", and the host that looks at it: what it is told of each frame on the display; measuring, only what that took. Refuses to know how
 * a frame gets there.
 */
#ifndef LOOK_H
#define LOOK_H

#include "command.h"
#include "measure.h"
#include "mischief.h"

struct look {
	const struct run_command *run;		/* borrowed, as are all here */
	struct report *report;
	struct mischief *mischief;
	struct measure measure;
	const char *pipeline;			/* its name */
	int go;					/* where the host's go comes */
	int frames;				/* shown and taken */
	int width, height;			/* of the last frame; 0: there was none */
	int wrong;				/* whose pixels were sent */
	struct frame_report frame;		/* the one that is about to be shown */
};

/* All frames of the clip. 0; -1: see f. */
int look_at_scanout(struct look *look, struct clip *clip, struct fault *f);

#endif
