/* The paths that this probe knows: which source, which pipe, and whether the source writes into the buffers that are sampled. */
#ifndef PATH_H
#define PATH_H

#include "pipe.h"

struct path {
	const char *name;			/* as the host spells it */
	const struct source_ops *source;	/* borrowed, static */
	const struct pipe_ops *pipe;		/* borrowed, static; NULL: the path has a file of its own */
	bool into_pool;				/* nothing is copied: the source writes where the host reads */
	enum backing backing;
	bool by_device;				/* what is copied is copied by a device's DMA, through the test importer */
	int ring;				/* buffers that take turns; 0: as many as the source wants */
};

/* The program that has the pipeline, where it is not this one; else NULL. */
const char *path_program(const char *name);

const struct path *path_named(const char *name);	/* NULL: there is none */

#endif
