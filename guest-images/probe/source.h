/*
 * Where pictures come from: a decoder or a camera, in software or behind V4L2. One file per source. A source refuses to know what becomes
 * of a picture; a pool, when it is given one, is where it must write.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include "clip.h"
#include "picture.h"
#include "pool.h"

struct source_plan {
	struct clip *clip;			/* borrowed; NULL for a camera */
	struct pool *pool;			/* borrowed; NULL: the source's own memory */
	struct gpu *gpu;			/* borrowed; for a source that uploads, too */
	enum picture_format format;		/* that is wanted; a source that cannot give it gives its own */
	int width, height, frames;		/* of a camera; 0 otherwise */
	int64_t seek_us;			/* from the clip's begin: start at the key frame at or before it; -1: at the begin */
	bool forgive;				/* a damaged clip: complain, and go on */

	/* Told of what the decoder could not decode. */
	void (*complain)(void *opaque, const char *why);
	/* Told of the caps that a peer's pads settled on. */
	void (*negotiated)(void *opaque, const char *element, const char *pad, const char *caps);
	void *opaque;				/* borrowed */
};

struct frame {
	struct picture picture;			/* valid until done() */
	struct buffer *buffer;			/* of the pool, which the picture's bytes are in; NULL: the source's own memory */
	void *foreign;				/* of a source whose textures are its own; borrowed, valid until done() */
	int64_t pts_us;				/* from the clip's begin; -1: the clip does not say */
	bool damaged;				/* the decoder itself says that something is missing in it */
};

struct source {
	const struct source_ops *ops;		/* borrowed, static */
	struct source_plan plan;
	void *own;				/* owned by the ops; NULL */
};

struct source_ops {
	const char *name;

	int (*init)(struct source *s, struct fault *f);				/* with ops and plan set; on -1 fini is called all the same */
	int (*next)(struct source *s, struct frame *frame, struct fault *f);	/* 1: a frame. 0: the end. -1: see f */
	void (*done)(struct source *s, struct frame *frame);			/* has been read: its buffer may be written once the host has read it too */
	const char *(*codec)(const struct source *s);				/* as the library or the driver names it */
	const char *(*pixel_format)(const struct source *s);			/* likewise, of the frame handed out last */
	void (*fini)(struct source *s);						/* safe half-made, safe twice */
};

extern const struct source_ops source_libav, source_vicodec, source_vivid, source_gst, source_gst_dmabuf;

/* Packet n could not be decoded: a complaint where the plan forgives, and 0; else a fault, and -1. */
int source_complain(struct source *s, int n, const char *why, struct fault *f);

#endif
