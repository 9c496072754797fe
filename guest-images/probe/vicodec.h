/* What only a picture in vicodec's own memory can do: leave it as a dma-buf. Everything else about this source is in source.h. */
#ifndef VICODEC_H
#define VICODEC_H

#include "source.h"

struct vicodec_export {
	int dmabuf;				/* the caller's */
	uint32_t pitch;				/* bytes per row of the first plane */
};

/* The frame is one that this source has handed out, not yet done(); its plan has no pool. */
int vicodec_export(struct source *s, const struct frame *frame, struct vicodec_export *export, struct fault *f);

#endif
