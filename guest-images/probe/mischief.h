/*
 * Breaks one step on purpose, so that the lab can be tested by itself. Each fault is one small change at one of three places: the bytes in
 * memory, their way to the texture, the way they are read from it. Refuses to know what the lab will call it.
 */
#ifndef MISCHIEF_H
#define MISCHIEF_H

#include "fault.h"
#include "picture.h"

enum mischief_kind {
	NO_MISCHIEF,
	DECODE_BITFLIP, DECODE_STALE, DECODE_SWAP,			/* in memory, before it is hashed */
	SKIP_TRANSFER, NO_TRANSFER, BOX_SHORT_ROW, BOX_SHORT_COLUMN, BOX_HALF, SKIP_WAIT, REUSE_EARLY, WRONG_BUFFER,	/* on the way */
	WRONG_STRIDE, WRONG_OFFSET, SWAP_PLANES, MIRROR_X, MIRROR_Y, SHIFT, ODD_CHROMA, SWIZZLE,	/* in the shader */
	WRONG_MATRIX, WRONG_RANGE,					/* in the shader's colour */
	MISCHIEFS
};

struct mischief {
	enum mischief_kind kind;
	int frame;				/* how many have been filled */
	uint8_t *before;			/* owned; NULL; the last right picture, or the next one, packed */
	size_t before_len;
};

/* MISCHIEFS for a name that there is not. */
enum mischief_kind mischief_named(const char *name);
const char *mischief_name(enum mischief_kind kind);

struct mischief_where {
	const struct picture *shape;
	bool dmabuf;				/* the bytes go through a buffer of virtio-gpu's, and not through glTexSubImage2D */
	bool in_place;				/* the decoder may read from these very bytes again */
	bool camera;				/* there is no golden picture: what is sampled is held against memory */
	bool theirs;				/* another library brings them to the texture, and is not ours to break */
	bool fixed;				/* nothing is transferred, and the shader is compiled with the program */
	bool scanout;				/* the picture is put on a display: nothing is transferred, nothing is drawn */
};

/* NULL: it can be done here. Else why not. */
const char *mischief_refuses(enum mischief_kind kind, const struct mischief_where *where);

/* Changes the bytes of a picture whose planes are writable. */
int mischief_memory(struct mischief *m, struct picture *memory, struct fault *f);

/* Writes the lower half of a later picture over it, as a decoder does that is given a buffer too early; NULL: there is none. */
int mischief_reuse(struct mischief *m, const struct picture *later, struct picture *memory, struct fault *f);

/* Is this frame's transfer left out? */
bool mischief_skips(const struct mischief *m);

/* Makes the box that is brought to the host smaller: columns in bytes, rows. */
void mischief_box(const struct mischief *m, uint32_t *columns, uint32_t *rows);

/* GLSL of "int seen(int plane, ivec2 at)": what the drawing asks in place of texel(). */
void mischief_glsl(enum mischief_kind kind, const struct picture *shape, char *text, size_t size);

void mischief_fini(struct mischief *m);

#endif
