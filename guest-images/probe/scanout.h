/*
 * "v4l2-scanout": pictures decoded by vicodec into its own memory, imported into virtio-gpu and shown 1:1 on its first display, where the host
 * looks at them. Nothing is copied and nothing is drawn. Refuses to know GL, hashes, and how the host is told.
 */
#ifndef SCANOUT_H
#define SCANOUT_H

#include "clock.h"
#include "source.h"

struct scanout {
	struct clip *clip;			/* borrowed; FWHT of four components: what is shown is XRGB8888 */
	int64_t seek_us;			/* as in struct source_plan */

	/* A frame has been decoded: its bytes are what will be on the display. -1: see f. */
	int (*decoded)(void *opaque, const struct source *source, struct frame *frame, struct fault *f);

	/* It is on the display and stays there. -1: see f. */
	int (*shown)(void *opaque, const struct frame *frame, const struct times *us, struct fault *f);

	/* The last frame has been taken, and is on the display still. -1: see f. */
	int (*over)(void *opaque, struct fault *f);
	void *opaque;				/* borrowed */
	bool stale;				/* on purpose: what is shown is the buffer of the frame before */

	int go;					/* borrowed; one byte comes here for each frame that the host has taken; -1: nobody looks */
};

/* All frames of the clip. 0, or -1: see f; UNSUPPORTED when virtio-gpu does not take a dma-buf of another driver. *frames: shown and taken. */
int scanout_run(const struct scanout *plan, int *frames, struct fault *f);

#endif
