/*
 * "libav": a clip's frames, in order, decoded in software by FFmpeg; given a pool, straight into its buffers. Refuses to know GL.
 */
#include "sniff.h"
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>

struct libav {
	struct clip *clip;			/* borrowed */
	struct pool *pool;			/* borrowed; NULL */
	AVIOContext *io;			/* owned; NULL */
	AVFormatContext *format;		/* owned; NULL */
	AVCodecContext *codec;			/* owned; NULL */
	AVPacket *packet;			/* owned; NULL */
	AVFrame *frame;				/* owned; NULL; the frame handed out last */
	int stream;
	int packets;				/* fed so far */
	int64_t seek_us;			/* frames before it are those of its key frame's group; -1 */
	bool drained;				/* the decoder knows that no packet follows */
	char pool_why[256];			/* why a buffer could not be had, from inside FFmpeg */
	struct times waited;			/* for buffers, in the decoder's time */
};

#define IO_BUFFER (64 << 10)

static int io_read(void *opaque, uint8_t *to, int len)
{
	int n = clip_read(opaque, to, len);

	if (n < 0)
		return AVERROR(errno);
	return n ? n : AVERROR_EOF;
}

static int64_t io_seek(void *opaque, int64_t offset, int whence)
{
	struct clip *clip = opaque;
	int64_t at;

	switch (whence & ~AVSEEK_FORCE) {
	case AVSEEK_SIZE:
		return clip->size;
	case SEEK_SET:
		at = clip_seek(clip, offset, CLIP_SET);
		break;
	case SEEK_CUR:
		at = clip_seek(clip, offset, CLIP_CUR);
		break;
	case SEEK_END:
		at = clip_seek(clip, offset, CLIP_END);
		break;
	default:
		return AVERROR(EINVAL);
	}
	return at < 0 ? AVERROR(EINVAL) : at;
}

static int refuse_open(AVFormatContext *format, AVIOContext **io, const char *url, int flags, AVDictionary **options)
{
	(void)format, (void)io, (void)url, (void)flags, (void)options;
	return AVERROR(EPERM);
}

static int av_fault(struct fault *f, const char *what, int err)
{
	char text[AV_ERROR_MAX_STRING_SIZE];

	return fault(f, FAILED, "decode", "%s: %s", what, av_make_error_string(text, sizeof(text), err));
}

static int find_demuxer(struct clip *clip, const AVInputFormat **demuxer, struct fault *f)
{
	uint8_t first[SNIFF_BYTES];
	int n = clip_read(clip, first, sizeof(first));
	const char *name = n > 0 ? sniff(first, n) : NULL;

	if (n < 0)
		return fault(f, FAILED, "decode", "reading the clip: %s", strerror(errno));
	*demuxer = name ? av_find_input_format(name) : NULL;
	if (!*demuxer)
		return fault(f, UNSUPPORTED, "decode", "the clip is in no container that is known here");
	return clip_seek(clip, 0, CLIP_SET) < 0 ? fault(f, FAILED, "decode", "the clip cannot be read twice") : 0;
}

static int open_format(struct libav *d, struct fault *f)
{
	const AVInputFormat *demuxer = NULL;
	uint8_t *buffer;
	int err;

	if (find_demuxer(d->clip, &demuxer, f))
		return -1;
	buffer = av_malloc(IO_BUFFER);
	d->io = buffer ? avio_alloc_context(buffer, IO_BUFFER, 0, d->clip, io_read, NULL, io_seek) : NULL;
	if (!d->io) {
		av_free(buffer);
		return av_fault(f, "the clip's reader", AVERROR(ENOMEM));
	}
	d->format = avformat_alloc_context();
	if (!d->format)
		return av_fault(f, "the demuxer", AVERROR(ENOMEM));
	d->format->pb = d->io;
	d->format->flags |= AVFMT_FLAG_CUSTOM_IO;
	d->format->io_open = refuse_open;
	err = avformat_open_input(&d->format, NULL, demuxer, NULL);	/* frees and forgets the context when it fails */
	if (err < 0)
		return av_fault(f, "the container", err);
	return 0;
}

static void give_back(void *opaque, uint8_t *data)
{
	(void)data;
	pool_give(NULL, opaque);
}

/*
 * FFmpeg's memory is a buffer of the pool: its three planes one behind the other, the rows as far apart as its SIMD wants them. The image over
 * it is as wide as a luma row; where a chroma row begins is arithmetic, and no row of the image.
 */
static int get_buffer(AVCodecContext *codec, AVFrame *frame, int flags)
{
	struct libav *d = codec->opaque;
	struct fault f = { 0 };
	int width = frame->width, height = frame->height, align[AV_NUM_DATA_POINTERS], linesize[4];
	size_t bytes = 0, size[4] = { 0 };
	ptrdiff_t step[4];
	struct buffer *b;

	(void)flags;
	if (codec->pix_fmt != AV_PIX_FMT_YUV420P && codec->pix_fmt != AV_PIX_FMT_YUVJ420P) {
		snprintf(d->pool_why, sizeof(d->pool_why), "pixel format %s cannot be decoded in place; planar 8-bit 4:2:0 can", av_get_pix_fmt_name(codec->pix_fmt));
		return AVERROR(ENOSYS);
	}
	avcodec_align_dimensions2(codec, &width, &height, align);
	do {					/* as FFmpeg's own allocator: widen until every row is aligned */
		if (av_image_fill_linesizes(linesize, codec->pix_fmt, width) < 0)
			return AVERROR(EINVAL);
		width += width & ~(width - 1);
	} while (linesize[0] % align[0] || linesize[1] % align[1] || linesize[2] % align[2]);
	for (int i = 0; i < 4; i++)
		step[i] = linesize[i];
	if (av_image_fill_plane_sizes(size, codec->pix_fmt, height, step) < 0)
		return AVERROR(EINVAL);
	for (int i = 0; i < 3; i++)
		bytes += size[i] + 64;		/* decoders read a little past the end of a plane */
	b = pool_take(d->pool, linesize[0], bytes, &d->waited, &f);
	if (!b) {
		snprintf(d->pool_why, sizeof(d->pool_why), "%.250s", f.why);
		return AVERROR(ENOMEM);
	}
	frame->buf[0] = av_buffer_create(b->map, b->len, give_back, b, 0);
	if (!frame->buf[0]) {
		pool_give(d->pool, b);
		return AVERROR(ENOMEM);
	}
	bytes = 0;
	for (int i = 0; i < 3; i++) {
		frame->data[i] = b->map + bytes;
		frame->linesize[i] = linesize[i];
		bytes += size[i] + 64;
	}
	frame->extended_data = frame->data;
	return 0;
}

/* To the bit what the host's decode gives: FFmpeg's integer transform, where a standard leaves it open. */
static void be_exact(struct libav *d)
{
	d->codec->flags |= AV_CODEC_FLAG_BITEXACT;
	d->codec->idct_algo = FF_IDCT_SIMPLE;
}

/* No avformat_find_stream_info(): it would decode frames twice to learn what the first frame tells anyway. */
static int open_codec(struct libav *d, bool forgive, struct fault *f)
{
	const AVCodec *decoder = NULL;
	const AVStream *stream;
	int err;

	for (d->stream = 0; d->stream < (int)d->format->nb_streams; d->stream++) {
		if (d->format->streams[d->stream]->codecpar->codec_type == AVMEDIA_TYPE_VIDEO)
			break;
	}
	if (d->stream == (int)d->format->nb_streams)
		return fault(f, UNSUPPORTED, "decode", "no video in the clip");
	stream = d->format->streams[d->stream];
	decoder = avcodec_find_decoder(stream->codecpar->codec_id);
	if (!decoder)
		return fault(f, UNSUPPORTED, "decode", "no decoder for %s", avcodec_get_name(stream->codecpar->codec_id));
	d->codec = avcodec_alloc_context3(decoder);
	d->packet = av_packet_alloc();
	d->frame = av_frame_alloc();
	if (!d->codec || !d->packet || !d->frame)
		return av_fault(f, "the decoder", AVERROR(ENOMEM));
	err = avcodec_parameters_to_context(d->codec, stream->codecpar);
	if (err < 0)
		return av_fault(f, "the decoder's parameters", err);
	/*
	 * 0: as many as there are CPUs, as players do. One where a new buffer may be wanted in the middle, which only the thread with the GL
	 * context can make; and where the stream is damaged, so that a complaint comes with the packet that it is about.
	 */
	d->codec->thread_count = d->pool || forgive ? 1 : 0;
	d->codec->opaque = d;
	if (d->pool) {
		if (!(decoder->capabilities & AV_CODEC_CAP_DR1))
			return fault(f, UNSUPPORTED, "decode", "%s cannot decode into memory that it is given", decoder->name);
		d->codec->get_buffer2 = get_buffer;
	}
	d->codec->pkt_timebase = stream->time_base;
	d->codec->flags |= AV_CODEC_FLAG_UNALIGNED;	/* crop exactly, even where that makes a pointer odd */
	d->codec->max_pixels = (int64_t)PICTURE_MAX * PICTURE_MAX;
	be_exact(d);
	err = avcodec_open2(d->codec, decoder, NULL);
	if (err < 0)
		return av_fault(f, "the decoder", err);
	return 0;
}

static int seek(struct libav *d, struct fault *f)
{
	const AVStream *stream = d->format->streams[d->stream];
	int64_t at;
	int err;

	if (d->seek_us < 0)
		return 0;
	/* Times are told in milliseconds by some containers: half a millisecond more is still this frame, and not the next. */
	at = av_rescale_q(d->seek_us + 500, AV_TIME_BASE_Q, stream->time_base);
	err = av_seek_frame(d->format, d->stream, at, AVSEEK_FLAG_BACKWARD);
	return err < 0 ? av_fault(f, "seeking", err) : 0;
}

static int init(struct source *s, struct fault *f)
{
	struct libav *d = s->own = calloc(1, sizeof(*d));

	if (!d)
		return fault(f, FAILED, "setup", "no memory");
	d->clip = s->plan.clip;
	d->pool = s->plan.pool;
	d->seek_us = s->plan.seek_us;
	av_log_set_level(AV_LOG_ERROR);
	if (open_format(d, f) || open_codec(d, s->plan.forgive, f))
		return -1;
	return seek(d, f);
}

/* Gives the decoder one packet, or the news that there are no more. */
static int feed(struct source *s, struct fault *f)
{
	struct libav *d = s->own;
	char why[AV_ERROR_MAX_STRING_SIZE];
	int err;

	if (d->drained)
		return fault(f, FAILED, "decode", "the decoder wants packets after the last");
	do {
		av_packet_unref(d->packet);
		err = av_read_frame(d->format, d->packet);
	} while (err >= 0 && d->packet->stream_index != d->stream);
	if (err < 0 && err != AVERROR_EOF)
		return av_fault(f, "reading the clip", err);
	d->drained = err == AVERROR_EOF;
	err = avcodec_send_packet(d->codec, d->drained ? NULL : d->packet);
	av_packet_unref(d->packet);
	d->packets++;
	if (err >= 0 || err == AVERROR_EOF)
		return 0;
	if (d->pool_why[0])
		return fault(f, UNSUPPORTED, "decode", "%s", d->pool_why);
	return source_complain(s, d->packets - 1, av_make_error_string(why, sizeof(why), err), f);
}

static const struct { enum AVPixelFormat from; enum picture_format to; bool full; } known[] = {
	{ AV_PIX_FMT_YUV420P, I420, false }, { AV_PIX_FMT_YUVJ420P, I420, true }, { AV_PIX_FMT_NV12, NV12, false },
	{ AV_PIX_FMT_YUV420P10LE, I010, false }, { AV_PIX_FMT_P010LE, P010, false }, { AV_PIX_FMT_BGR0, XRGB8888, true },
	{ AV_PIX_FMT_BGRA, XRGB8888, true },
};

static int colour(const AVFrame *frame, struct picture *pic, struct fault *f)
{
	pic->full_range |= frame->color_range == AVCOL_RANGE_JPEG;
	switch (frame->colorspace) {
	case AVCOL_SPC_BT709:
		pic->matrix = BT709;
		return 0;
	case AVCOL_SPC_BT2020_NCL:
		pic->matrix = BT2020;
		return 0;
	case AVCOL_SPC_BT470BG:
	case AVCOL_SPC_SMPTE170M:
	case AVCOL_SPC_UNSPECIFIED:		/* counts as BT.601: nothing is guessed from a size */
	case AVCOL_SPC_RGB:
		pic->matrix = BT601;
		return 0;
	default:
		return fault(f, UNSUPPORTED, "decode", "colour matrix %s", av_color_space_name(frame->colorspace));
	}
}

static int look(struct libav *d, struct picture *pic, struct fault *f)
{
	const AVFrame *frame = d->frame;
	size_t i = 0;

	while (i < sizeof(known) / sizeof(known[0]) && (int)known[i].from != frame->format)
		i++;
	if (i == sizeof(known) / sizeof(known[0]))
		return fault(f, UNSUPPORTED, "decode", "pixel format %s; 4:2:0 of 8 or 10 bits and bgr0 are", av_get_pix_fmt_name(frame->format));
	if (picture_shape(pic, known[i].to, frame->width, frame->height))
		return fault(f, UNSUPPORTED, "decode", "a picture of %d x %d", frame->width, frame->height);
	pic->full_range = known[i].full;
	for (int p = 0; p < pic->planes; p++) {
		if (!frame->data[p] || frame->linesize[p] < pic->plane[p].width)
			return fault(f, UNSUPPORTED, "decode", "a plane with %d bytes per row", frame->linesize[p]);
		pic->plane[p].data = frame->data[p];
		pic->plane[p].stride = frame->linesize[p];
	}
	return colour(frame, pic, f);
}

static int64_t time_of(const struct libav *d)
{
	const AVStream *stream = d->format->streams[d->stream];
	int64_t at = d->frame->best_effort_timestamp;

	return at == AV_NOPTS_VALUE ? -1 : av_rescale_q(at, stream->time_base, AV_TIME_BASE_Q);
}

static int next(struct source *s, struct frame *frame, struct fault *f)
{
	struct libav *d = s->own;
	char why[AV_ERROR_MAX_STRING_SIZE];
	int err;

	for (;;) {
		err = avcodec_receive_frame(d->codec, d->frame);
		if (err == AVERROR(EAGAIN)) {
			if (feed(s, f))
				return -1;
			continue;
		}
		if (err == AVERROR_EOF)
			return 0;
		if (err >= 0)
			break;
		if (source_complain(s, d->packets - 1, av_make_error_string(why, sizeof(why), err), f))
			return -1;
	}
	*frame = (struct frame){ .pts_us = time_of(d) };
	frame->damaged = d->frame->decode_error_flags || d->frame->flags & AV_FRAME_FLAG_CORRUPT;
	if (frame->damaged && s->plan.complain)
		s->plan.complain(s->plan.opaque, "the decoder flagged a picture as damaged");
	if (d->pool)
		frame->buffer = d->frame->buf[0] ? av_buffer_get_opaque(d->frame->buf[0]) : NULL;
	if (d->pool && !frame->buffer)
		return fault(f, FAILED, "decode", "the decoder did not decode into the buffer that it was given");
	return look(d, &frame->picture, f) ? -1 : 1;
}

/* The frame is the decoder's too, for as long as it refers to it; ours goes now, and with the last the buffer. */
static void done(struct source *s, struct frame *frame)
{
	struct libav *d = s->own;

	(void)frame;
	av_frame_unref(d->frame);
}

static const char *codec(const struct source *s)
{
	const struct libav *d = s->own;

	return avcodec_get_name(d->codec->codec_id);
}

static const char *pixel_format(const struct source *s)
{
	const struct libav *d = s->own;

	return av_get_pix_fmt_name(d->frame->format);
}

static void fini(struct source *s)
{
	struct libav *d = s->own;

	if (!d)
		return;
	av_frame_free(&d->frame);
	av_packet_free(&d->packet);
	avcodec_free_context(&d->codec);
	avformat_close_input(&d->format);
	if (d->io)
		av_freep(&d->io->buffer);
	avio_context_free(&d->io);
	free(d);
	s->own = NULL;
}

const struct source_ops source_libav = {
	.name = "libav", .init = init, .next = next, .done = done, .codec = codec, .pixel_format = pixel_format, .fini = fini,
};
