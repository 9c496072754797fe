/*
 * What every pipeline owes: a way for a decoded picture to become bytes that a shader can read. One file per pipeline, listed in pipe.c.
 * A pipeline refuses to know hashes, golden values, the host, and what is drawn with its texels.
 */
#ifndef PIPE_H
#define PIPE_H

#include "clock.h"
#include "fault.h"
#include "gpu.h"
#include "picture.h"

#define SENTINEL 0xa5				/* fills every texture once, by drawing: a row that never arrives shows */

struct pipe {
	const struct pipe_ops *ops;		/* borrowed, static */
	struct gpu *gpu;			/* borrowed */
	struct picture shape;			/* widths and heights; no data */
	void *own;				/* owned by the ops; NULL */
};

struct pipe_ops {
	const char *name;			/* as the host spells it */

	/* GLSL: "int texel(int plane, ivec2 at)", the byte at that place, 0 to 255, and the uniforms it wants. */
	const char *glsl;

	/* Makes buffers and textures, and fills them with the sentinel. On -1 fini is called all the same. */
	int (*init)(struct pipe *pipe, struct fault *f);

	/* Sets the glsl's uniforms in a program that is in use. Once per program. */
	void (*setup)(struct pipe *pipe, GLuint program);

	/* Puts the picture where send will read it. *memory says where that is; valid until the next fill. */
	int (*fill)(struct pipe *pipe, const struct picture *decoded, struct picture *memory, struct times *us, struct fault *f);

	/* Brings those bytes to the textures, and leaves the textures bound. */
	int (*send)(struct pipe *pipe, const struct picture *memory, struct times *us, struct fault *f);

	void (*fini)(struct pipe *pipe);	/* safe half-made, safe twice */
};

extern const struct pipe_ops pipe_upload, pipe_dmabuf_copy;

const struct pipe_ops *pipe_named(const char *name);	/* NULL: there is none */

#endif
