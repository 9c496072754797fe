/*
 * A clip's frames, in order, decoded in software on one thread. Knows libavformat and libavcodec; refuses to know GL, hashes and the host.
 */
#ifndef DECODE_H
#define DECODE_H

#include "clip.h"
#include "fault.h"
#include "picture.h"

#include <stdbool.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

struct decode {
	struct clip *clip;			/* borrowed */
	AVIOContext *io;			/* owned; NULL */
	AVFormatContext *format;		/* owned; NULL */
	AVCodecContext *codec;			/* owned; NULL */
	AVPacket *packet;			/* owned; NULL */
	AVFrame *frame;				/* owned; NULL; the frame handed out last */
	int stream;
	enum AVPixelFormat pixel_format;	/* of the first frame; AV_PIX_FMT_NONE before */
	bool drained;				/* the decoder knows that no packet follows */
};

int decode_init(struct decode *d, struct clip *clip, struct fault *f);

/* 1: *pic is the next frame, valid until the next call. 0: there is none. -1: see f. */
int decode_next(struct decode *d, struct picture *pic, struct fault *f);

const char *decode_codec_name(const struct decode *d);
const char *decode_pixel_format_name(const struct decode *d);
void decode_fini(struct decode *d);

#endif
