/*
 * An FWHT elementary stream: where its frames begin, and what their headers say. Refuses to know what is in a frame, and who decodes it.
 */
#ifndef FWHT_H
#define FWHT_H

#include "clip.h"

#include <stdbool.h>

#define FWHT_HEADER 44				/* bytes: eleven words, most significant byte first */
#define FWHT_FRAMES_MAX 65536

struct fwht_header {
	uint32_t version, width, height, flags, colorspace, transfer, encoding, quantization;
	uint32_t size;				/* of what follows the header */
};

struct fwht_frame {
	int64_t at;				/* of its header in the clip */
	int64_t bytes;				/* header and all, cut to what the header says; 0: not a frame that can be decoded */
	bool key;
	const char *wrong;			/* borrowed, static; NULL: nothing that can be seen from outside */
	bool lost;				/* the user's: it came to no picture */
};

struct fwht {
	struct fwht_frame *frame;		/* owned; NULL */
	int count, room;
	uint32_t width, height;			/* the largest that any header says */
};

/* false: no header begins with these bytes. */
bool fwht_header_read(struct fwht_header *header, const uint8_t bytes[FWHT_HEADER]);

/* Of the picture: 3 components with one chroma sample for 2 x 2 pixels, or 4 (b, g, r, x) at full size. false: the header says another. */
bool fwht_is_yuv420(const struct fwht_header *header);
bool fwht_is_rgbx(const struct fwht_header *header);

/*
 * Finds the clip's frames. FWHT has neither a container nor an index: each header says where the next should be. Where it is not, the next
 * magic number is looked for, which coded data never contains; what lies between counts as one frame, so that later ones keep their number.
 */
int fwht_init(struct fwht *stream, struct clip *clip, struct fault *f);

/* The last key frame at or before this one; 0 when there is none. */
int fwht_key_before(const struct fwht *stream, int n);

/* Was nothing lost that this frame is built on, back to its key frame? */
bool fwht_is_whole(const struct fwht *stream, int n);

void fwht_fini(struct fwht *stream);

#endif
