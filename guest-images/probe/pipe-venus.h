/* What sample-venus.c asks of pipe-venus.c beyond pipe.h: there is no GL between the two. */
#ifndef PIPE_VENUS_H
#define PIPE_VENUS_H

#include "pipe.h"
#include "venus-buffer.h"

struct venus_layout {
	int32_t begin[PLANES], stride[PLANES], pitch;	/* bytes; begin and stride of a plane, pitch of the image */
};

struct venus *pipe_venus_device(struct pipe *pipe);
const struct venus_layout *pipe_venus_layout(const struct pipe *pipe);

/* What send brought over last: what is to be sampled. */
const struct venus_buffer *pipe_venus_shown(const struct pipe *pipe);

#endif
