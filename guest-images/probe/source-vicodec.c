/*
 * "vicodec": frames of an FWHT stream, decoded by the kernel's own stateful decoder, into buffers of its own or, given a pool, straight
 * into virtio-gpu's. FWHT has no time base: frame n counts as shown at n / 30 s. Refuses to know what becomes of a frame.
 *
 * The stateful decoder's protocol: coded frames go to the OUTPUT queue. As soon as the driver has read a size it has not had, it says
 * SOURCE_CHANGE; only then can the CAPTURE queue be set up. Where the size changes later, it first gives out all pictures of the old one,
 * ends them with an empty buffer flagged LAST, and waits until the CAPTURE queue has been set up anew. LAST without SOURCE_CHANGE is the end.
 */
#include "clock.h"
#include "fwht.h"
#include "source.h"
#include "v4l2.h"
#include "vicodec.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RATE 30					/* frames per second, by decree */
#define NEWEST_VERSION 3			/* of FWHT */

struct vicodec {
	int fd;					/* owned; -1 */
	struct fwht stream;
	struct v4l2_frmsize_stepwise limits;	/* the driver's own */
	struct v4l2_queue coded, pictures;	/* OUTPUT, CAPTURE */
	struct v4l2_pix_format pix;		/* of pictures */
	struct v4l2_rect visible;
	char fourcc[5];				/* of pix, to be read */
	int next;				/* index of the frame that is fed next */
	bool fed;				/* at least one frame */
	bool stopped;				/* the driver knows that none follows */
	bool last;				/* the last picture of this size has come */
};

static int64_t time_of(int n)
{
	return n * INT64_C(1000000) / RATE;
}

static int frame_at(int64_t us)
{
	return (us * RATE + 500000) / 1000000;
}

static bool is_stateful_decoder(int fd, uint32_t capabilities)
{
	return capabilities & V4L2_CAP_VIDEO_M2M && v4l2_offers(fd, V4L2_BUF_TYPE_VIDEO_OUTPUT, V4L2_PIX_FMT_FWHT);
}

static int lost(struct source *s, int n, struct fault *f, const char *why)
{
	struct vicodec *v = s->own;

	if (n >= 0 && n < v->stream.count)
		v->stream.frame[n].lost = true;
	return source_complain(s, n, why, f);
}

/* No coded picture is longer than the same picture not coded. Given more, vicodec waits for room that it does not make. */
static uint64_t most_bytes(const struct fwht_header *h, bool yuv)
{
	uint64_t align = yuv ? 16 : 8, width = (h->width + align - 1) / align * align, height = (h->height + align - 1) / align * align;

	return yuv ? width * height * 3 / 2 : width * height * 4;
}

/* What vicodec would refuse by an error flag, or worse, would do without a word. NULL: nothing. */
static const char *refuse(const struct vicodec *v, const struct fwht_header *h, char *why, size_t size)
{
	const struct v4l2_frmsize_stepwise *limits = &v->limits;
	bool yuv = fwht_is_yuv420(h);

	if (!h->version || h->version > NEWEST_VERSION)
		snprintf(why, size, "FWHT of version %u; up to %d is known", h->version, NEWEST_VERSION);
	else if (!yuv && !fwht_is_rgbx(h))
		snprintf(why, size, "FWHT of a layout (flags 0x%x) that is neither 4:2:0 nor RGB of four components", h->flags);
	else if (h->width < limits->min_width || h->width > limits->max_width ||
		 h->height < limits->min_height || h->height > limits->max_height)
		snprintf(why, size, "a picture of %u x %u; vicodec decodes %u x %u to %u x %u", h->width, h->height, limits->min_width,
			 limits->min_height, limits->max_width, limits->max_height);
	else if (yuv && (h->width % 16 == 1 || h->height % 16 == 1))
		snprintf(why, size, "a picture of %u x %u in 4:2:0: FWHT codes half the size, rounded down and then up to 8, so that the last "
			 "column or row of chroma is in no block", h->width, h->height);
	else if (h->size > most_bytes(h, yuv))
		snprintf(why, size, "%u coded bytes for a picture of %u x %u", h->size, h->width, h->height);
	else
		return NULL;
	return why;
}

static int read_bytes(struct clip *clip, int64_t at, uint8_t *to, size_t len)
{
	if (clip_seek(clip, at, CLIP_SET) < 0)
		return -1;
	while (len) {
		int n = clip_read(clip, to, len > INT32_MAX ? INT32_MAX : len);

		if (n < 0)
			return -1;
		if (!n) {
			errno = ENODATA;
			return -1;
		}
		to += n;
		len -= n;
	}
	return 0;
}

static int first_header(struct source *s, struct fault *f)
{
	struct vicodec *v = s->own;
	const struct fwht_frame *first;
	uint8_t bytes[FWHT_HEADER];
	struct fwht_header header;
	char why[200];

	if (fwht_init(&v->stream, s->plan.clip, f))
		return -1;
	v->next = s->plan.seek_us < 0 ? 0 : fwht_key_before(&v->stream, frame_at(s->plan.seek_us));
	first = &v->stream.frame[v->next];
	if (!v->stream.count || (first->wrong && !s->plan.forgive))
		return fault(f, UNSUPPORTED, "clip", "no FWHT stream: it begins with %s", v->stream.count ? first->wrong : "its end");
	if (first->wrong)
		return 0;
	if (read_bytes(s->plan.clip, first->at, bytes, sizeof(bytes)))
		return fault(f, FAILED, "clip", "reading the clip: %s", strerror(errno));
	if (!fwht_header_read(&header, bytes))
		return fault(f, FAILED, "clip", "the clip's first frame header is another now than before");
	if (refuse(v, &header, why, sizeof(why)))
		return fault(f, UNSUPPORTED, "clip", "%s", why);
	return 0;
}

static int learn_limits(struct vicodec *v, struct fault *f)
{
	struct v4l2_frmsizeenum sizes = { .pixel_format = V4L2_PIX_FMT_FWHT };

	if (v4l2_ioctl(v->fd, VIDIOC_ENUM_FRAMESIZES, &sizes))
		return fault(f, FAILED, "setup", "VIDIOC_ENUM_FRAMESIZES of FWHT: %s", strerror(errno));
	if (sizes.type == V4L2_FRMSIZE_TYPE_DISCRETE)
		return fault(f, UNSUPPORTED, "setup", "vicodec names single sizes instead of a range");
	v->limits = sizes.stepwise;		/* a continuous range has the same members */
	return 0;
}

static int init(struct source *s, struct fault *f)
{
	struct v4l2_event_subscription change = { .type = V4L2_EVENT_SOURCE_CHANGE };
	struct vicodec *v = s->own = calloc(1, sizeof(*v));
	struct v4l2_pix_format pix;

	if (!v)
		return fault(f, FAILED, "setup", "no memory");
	v->fd = v4l2_open("vicodec", is_stateful_decoder, f);
	if (v->fd < 0 || learn_limits(v, f) || first_header(s, f))
		return -1;
	if (v4l2_ioctl(v->fd, VIDIOC_SUBSCRIBE_EVENT, &change))
		return fault(f, FAILED, "setup", "VIDIOC_SUBSCRIBE_EVENT: %s", strerror(errno));
	/* The size only says how long a coded frame may be. */
	if (v4l2_set_format(v->fd, V4L2_BUF_TYPE_VIDEO_OUTPUT, V4L2_PIX_FMT_FWHT, v->stream.width, v->stream.height, &pix, f))
		return -1;
	if (v4l2_queue_init(&v->coded, v->fd, V4L2_BUF_TYPE_VIDEO_OUTPUT, NULL, f))
		return -1;
	return v4l2_queue_start(&v->coded, f);
}

/* One coded frame to the driver. */
static int feed_one(struct source *s, int slot, struct fault *f)
{
	struct vicodec *v = s->own;
	int n = v->next++;
	const struct fwht_frame *frame = &v->stream.frame[n];
	struct fwht_header header;
	char why[200];
	size_t room;
	uint8_t *to = v4l2_slot_bytes(&v->coded.slot[slot], &room);

	if (frame->wrong)
		return lost(s, n, f, frame->wrong);
	if ((size_t)frame->bytes > room)
		return lost(s, n, f, "more coded bytes than any picture of this clip needs");
	if (read_bytes(s->plan.clip, frame->at, to, frame->bytes))
		return fault(f, FAILED, "clip", "reading the clip: %s", strerror(errno));
	if (!fwht_header_read(&header, to))
		return fault(f, FAILED, "clip", "a frame header of the clip is another now than before");
	if (refuse(v, &header, why, sizeof(why)))
		return s->plan.forgive ? lost(s, n, f, why) : fault(f, UNSUPPORTED, "clip", "frame %d: %s", n, why);
	v->fed = true;
	return v4l2_queue_put(&v->coded, slot, frame->bytes, time_of(n), f);
}

static int feed(struct source *s, struct fault *f)
{
	struct v4l2_decoder_cmd stop = { .cmd = V4L2_DEC_CMD_STOP };
	struct vicodec *v = s->own;
	struct v4l2_taken done;
	int got, slot;

	while ((got = v4l2_queue_take(&v->coded, &done, f)) > 0)
		v4l2_queue_return(&v->coded, done.index);	/* that it was in error is told with the picture */
	if (got < 0)
		return -1;
	while (v->next < v->stream.count && (slot = v4l2_queue_free(&v->coded)) >= 0) {
		if (feed_one(s, slot, f))
			return -1;
	}
	if (v->next < v->stream.count || v->stopped)
		return 0;
	if (v4l2_ioctl(v->fd, VIDIOC_DECODER_CMD, &stop))
		return fault(f, FAILED, "decode", "V4L2_DEC_CMD_STOP: %s", strerror(errno));
	v->stopped = true;
	return 0;
}

static bool source_changed(struct vicodec *v)
{
	struct v4l2_event event = { 0 };
	bool changed = false;

	while (!v4l2_ioctl(v->fd, VIDIOC_DQEVENT, &event))
		changed |= event.type == V4L2_EVENT_SOURCE_CHANGE && event.u.src_change.changes & V4L2_EVENT_SRC_CH_RESOLUTION;
	return changed;
}

/* The driver proposes the first of the formats that fit the stream; of those we know, the one that is wanted if it is there. 0: see f. */
static uint32_t choose_format(struct source *s, struct fault *f)
{
	struct vicodec *v = s->own;
	struct v4l2_format proposed = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	char text[5];

	if (v4l2_ioctl(v->fd, VIDIOC_G_FMT, &proposed)) {
		fault(f, FAILED, "setup", "VIDIOC_G_FMT: %s", strerror(errno));
		return 0;
	}
	v->pix = proposed.fmt.pix;
	switch (v->pix.pixelformat) {
	case V4L2_PIX_FMT_YUV420:
		return v4l2_fourcc_of(s->plan.format == NV12 ? NV12 : I420);
	case V4L2_PIX_FMT_BGR32:
		return v4l2_fourcc_of(XRGB8888);
	default:
		v4l2_fourcc_text(v->pix.pixelformat, text);
		fault(f, UNSUPPORTED, "setup", "vicodec proposes %s for this stream, which is not known here", text);
		return 0;
	}
}

/* Sets the CAPTURE queue up for the size that the driver has just told, and sets it going. */
static int start_pictures(struct source *s, struct fault *f)
{
	struct v4l2_selection compose = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .target = V4L2_SEL_TGT_COMPOSE };
	struct vicodec *v = s->own;
	struct times us = { 0 };
	uint32_t fourcc;

	if (v->pictures.streaming)
		v->stopped = false;		/* stopping CAPTURE makes the driver forget that it was told to stop */
	v4l2_queue_fini(&v->pictures);
	v->last = false;
	fourcc = choose_format(s, f);
	if (!fourcc ||
	    v4l2_set_format(v->fd, V4L2_BUF_TYPE_VIDEO_CAPTURE, fourcc, v->pix.width, v->pix.height, &v->pix, f))
		return -1;
	v4l2_fourcc_text(v->pix.pixelformat, v->fourcc);
	if (v4l2_ioctl(v->fd, VIDIOC_G_SELECTION, &compose))
		return fault(f, FAILED, "setup", "VIDIOC_G_SELECTION of COMPOSE: %s", strerror(errno));
	v->visible = compose.r;
	if (v->visible.left || v->visible.top)
		return fault(f, UNSUPPORTED, "setup", "a picture that begins at %d,%d of its buffer", v->visible.left, v->visible.top);
	if (v4l2_queue_init(&v->pictures, v->fd, V4L2_BUF_TYPE_VIDEO_CAPTURE, s->plan.pool, f) ||
	    v4l2_queue_fill(&v->pictures, v->pix.bytesperline, v->pix.sizeimage, &us, f))
		return -1;
	return v4l2_queue_start(&v->pictures, f);
}

/* 1: *frame. 0: there is none yet. 2: something came, but no picture. -1: see f. */
static int take_picture(struct source *s, struct frame *frame, struct fault *f)
{
	struct vicodec *v = s->own;
	const struct v4l2_slot *slot;
	struct v4l2_taken taken;
	const char *wrong;
	uint8_t *bytes;
	size_t len;
	int got = v4l2_queue_take(&v->pictures, &taken, f);

	if (got <= 0)
		return got;
	v->last = taken.last;
	if (taken.error || !taken.bytes) {
		v4l2_queue_return(&v->pictures, taken.index);
		return taken.error && lost(s, frame_at(taken.time_us), f, "the decoder's error flag is set (V4L2_BUF_FLAG_ERROR)") ? -1 : 2;
	}
	slot = &v->pictures.slot[taken.index];
	bytes = v4l2_slot_bytes(slot, &len);
	*frame = (struct frame){
		.buffer = slot->buffer, .pts_us = taken.time_us, .damaged = !fwht_is_whole(&v->stream, frame_at(taken.time_us)),
	};
	wrong = v4l2_picture(&frame->picture, &v->pix, v->visible.width, v->visible.height, bytes, len);
	return wrong ? fault(f, UNSUPPORTED, "decode", "vicodec gives %s", wrong) : 1;
}

static int next(struct source *s, struct frame *frame, struct fault *f)
{
	struct vicodec *v = s->own;
	struct times us = { 0 };

	for (;;) {
		int got;

		if (!v->pictures.streaming || v->last) {
			if (source_changed(v)) {
				if (start_pictures(s, f))
					return -1;
			} else if (v->last) {
				return 0;
			}
		}
		if (feed(s, f))
			return -1;
		if (!v->pictures.streaming) {
			if (!v->fed)
				return 0;
			if (v4l2_wait(v->fd, POLLPRI, "vicodec's word on the size", f))
				return -1;
			continue;
		}
		if (v4l2_queue_fill(&v->pictures, v->pix.bytesperline, v->pix.sizeimage, &us, f))
			return -1;
		got = take_picture(s, frame, f);
		if (got == 1 || got < 0)
			return got;
		if (!got && v4l2_wait(v->fd, v->next < v->stream.count ? POLLIN | POLLOUT : POLLIN, "vicodec's next picture", f))
			return -1;
	}
}

static void done(struct source *s, struct frame *frame)
{
	struct vicodec *v = s->own;
	int index = v4l2_queue_find(&v->pictures, frame->picture.plane[0].data);

	if (index >= 0)
		v4l2_queue_return(&v->pictures, index);
}

static const char *codec(const struct source *s)
{
	(void)s;
	return "fwht";
}

static const char *pixel_format(const struct source *s)
{
	const struct vicodec *v = s->own;

	return v->fourcc;
}

static void fini(struct source *s)
{
	struct vicodec *v = s->own;

	if (!v)
		return;
	v4l2_queue_fini(&v->coded);
	v4l2_queue_fini(&v->pictures);
	if (v->fd >= 0)
		close(v->fd);
	fwht_fini(&v->stream);
	free(v);
	s->own = NULL;
}

int vicodec_export(struct source *s, const struct frame *frame, struct vicodec_export *export, struct fault *f)
{
	struct vicodec *v = s->own;
	struct v4l2_exportbuffer ask = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .flags = O_CLOEXEC | O_RDWR };

	ask.index = v4l2_queue_find(&v->pictures, frame->picture.plane[0].data);
	if (v4l2_ioctl(v->fd, VIDIOC_EXPBUF, &ask))
		return fault(f, FAILED, "setup", "VIDIOC_EXPBUF: %s", strerror(errno));
	*export = (struct vicodec_export){ .dmabuf = ask.fd, .pitch = v->pix.bytesperline };
	return 0;
}

const struct source_ops source_vicodec = {
	.name = "vicodec", .init = init, .next = next, .done = done, .codec = codec, .pixel_format = pixel_format,
	.fini = fini,
};
