/*
 * Draws what a pipe's textures hold, to the bit, and reads it back: every texel as it is, and the picture as RGB (colour.h). Integer arithmetic
 * only, so that any conformant GL gives the same bytes. Refuses to know where texels come from, and what they should be.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "pipe.h"

struct view {					/* one program, what it draws into, what is read back */
	GLuint program, framebuffer, renderbuffer;	/* owned; 0 */
	int width, height;			/* of the renderbuffer, RGBA8 */
	uint8_t *pixels;			/* owned; NULL */
};

struct sample {
	struct view texels;			/* four bytes of a plane per pixel; the planes one above another */
	struct view rgb;
	GLint plane, origin, width;		/* uniforms of texels.program */
	GLuint vertices;			/* owned; 0 */
	int first_row[PLANES];			/* of each plane in texels */
	void *own;				/* owned by sample-venus.c, which has no GL; NULL */
};

int sample_init(struct sample *s, struct pipe *pipe, struct fault *f);

/* Draws, waits until it is drawn, reads back. */
int sample_run(struct sample *s, const struct picture *shape, struct times *us, struct fault *f);

/* Draws the picture as RGB and waits until it is drawn: what a player does. */
int sample_show(struct sample *s, struct times *us, struct fault *f);

/* Where the last run's bytes are; valid until the next. Row 0 is the picture's top row. */
void sample_texels(const struct sample *s, const struct picture *shape, struct picture *texels);
void sample_rgb(const struct sample *s, struct plane *rgb);		/* width in bytes, four per pixel */

void sample_fini(struct sample *s);

#endif
