/*
 * How a picture becomes bytes that a shader can read: one file per way. A pipe refuses to know where pictures come from, hashes, golden values,
 * the host, and what is drawn with its texels.
 */
#ifndef PIPE_H
#define PIPE_H

#include "clock.h"
#include "fault.h"
#include "gpu.h"
#include "mischief.h"
#include "picture.h"
#include "source.h"

struct pipe {
	const struct pipe_ops *ops;		/* borrowed, static */
	struct gpu *gpu;			/* borrowed */
	struct pool *pool;			/* borrowed; NULL for a pipe without buffers */
	struct mischief *mischief;		/* borrowed */
	struct picture shape;			/* what is sampled: format, widths and heights; no data */
	void *own;				/* owned by the ops; NULL */

	/* Told of what the pipe found and settled on; NULL where nobody listens. */
	void (*negotiated)(void *opaque, const char *element, const char *pad, const char *caps);
	void *opaque;				/* borrowed */
};

struct pipe_ops {
	const char *name;

	/* NULL, as is setup, where it is not GL that samples: see sample-venus.c. GLSL: "int texel(int plane, ivec2 at)", the byte at byte column at.x and row at.y of a plane, 0 to 255; and the uniforms it wants. */
	const char *(*glsl)(const struct pipe *pipe);

	/* Makes what pictures of this shape need, with the sentinel in it; the first of them is there. On -1 fini is called all the same. */
	int (*init)(struct pipe *pipe, const struct frame *first, struct fault *f);

	/* Sets the glsl's uniforms in a program that is in use. Once per program. */
	void (*setup)(struct pipe *pipe, GLuint program);

	/* Puts the picture where send will read it. *memory says where that is, and can be written until the next fill. */
	int (*fill)(struct pipe *pipe, const struct frame *frame, struct picture *memory, struct times *us, struct fault *f);

	/* Brings those bytes to the textures, and leaves the textures bound. */
	int (*send)(struct pipe *pipe, const struct picture *memory, struct times *us, struct fault *f);

	/* The picture has been drawn. */
	void (*drawn)(struct pipe *pipe);

	void (*fini)(struct pipe *pipe);	/* safe half-made, safe twice */
};

extern const struct pipe_ops pipe_upload, pipe_dmabuf, pipe_gst, pipe_venus;

#endif
