#include "decode.h"
#include "sniff.h"

#include <libavutil/pixdesc.h>

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

static int open_format(struct decode *d, struct fault *f)
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

/* No avformat_find_stream_info(): it would decode frames twice to learn what the first frame tells anyway. */
static int open_codec(struct decode *d, struct fault *f)
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
	d->codec->thread_count = 1;
	d->codec->pkt_timebase = stream->time_base;
	d->codec->flags |= AV_CODEC_FLAG_UNALIGNED;	/* crop exactly, even where that makes a pointer odd */
	d->codec->max_pixels = (int64_t)PICTURE_MAX * PICTURE_MAX;
	err = avcodec_open2(d->codec, decoder, NULL);
	if (err < 0)
		return av_fault(f, "the decoder", err);
	return 0;
}

int decode_init(struct decode *d, struct clip *clip, struct fault *f)
{
	*d = (struct decode){ .clip = clip, .pixel_format = AV_PIX_FMT_NONE };
	av_log_set_level(AV_LOG_ERROR);
	if (open_format(d, f))
		return -1;
	return open_codec(d, f);
}

/* Gives the decoder one packet, or the news that there are no more. */
static int feed(struct decode *d, struct fault *f)
{
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
	if (err < 0)
		return av_fault(f, "decoding a packet", err);
	return 0;
}

static int check(struct decode *d, struct picture *pic, struct fault *f)
{
	const AVFrame *frame = d->frame;

	if (frame->format != AV_PIX_FMT_YUV420P && frame->format != AV_PIX_FMT_YUVJ420P)
		return fault(f, UNSUPPORTED, "decode", "pixel format %s; only 8-bit planar 4:2:0 is", av_get_pix_fmt_name(frame->format));
	if (d->pixel_format != AV_PIX_FMT_NONE && d->pixel_format != frame->format)
		return fault(f, UNSUPPORTED, "decode", "the pixel format changes within the clip");
	if (picture_shape(pic, frame->width, frame->height))
		return fault(f, UNSUPPORTED, "decode", "a picture of %d x %d", frame->width, frame->height);
	d->pixel_format = frame->format;
	for (int p = 0; p < PLANES; p++) {
		if (!frame->data[p] || frame->linesize[p] < pic->plane[p].width)
			return fault(f, UNSUPPORTED, "decode", "a plane with %d bytes per row", frame->linesize[p]);
		pic->plane[p].data = frame->data[p];
		pic->plane[p].stride = frame->linesize[p];
	}
	return 1;
}

int decode_next(struct decode *d, struct picture *pic, struct fault *f)
{
	int err;

	while ((err = avcodec_receive_frame(d->codec, d->frame)) == AVERROR(EAGAIN)) {
		if (feed(d, f))
			return -1;
	}
	if (err == AVERROR_EOF)
		return 0;
	if (err < 0)
		return av_fault(f, "decoding a frame", err);
	return check(d, pic, f);
}

const char *decode_codec_name(const struct decode *d)
{
	return avcodec_get_name(d->codec->codec_id);
}

const char *decode_pixel_format_name(const struct decode *d)
{
	const char *name = av_get_pix_fmt_name(d->pixel_format);

	return name ? name : "none";
}

void decode_fini(struct decode *d)
{
	av_frame_free(&d->frame);
	av_packet_free(&d->packet);
	avcodec_free_context(&d->codec);
	avformat_close_input(&d->format);
	if (d->io)
		av_freep(&d->io->buffer);
	avio_context_free(&d->io);
}
