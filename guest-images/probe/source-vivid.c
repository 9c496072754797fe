/*
 * "vivid": pictures of the kernel's test camera. It is told to paint colour bars that move by a known step with every frame and to write
 * nothing over them, so that each picture is known beforehand from its number; the first one is held to that here. Refuses to know what
 * becomes of a frame.
 *
 * A camera does not wait: when no buffer is free for it, it leaves a frame out. So pictures are numbered as the camera counts, with gaps. Its
 * numbers and how far its bars have moved part in two ways, both in vivid_thread_vid_cap(): see twice and late.
 */
#include "bars.h"
#include "clock.h"
#include "source.h"
#include "v4l2.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Frames per second. vivid sleeps for too short a time when painting took long, and then counts the same frame twice (vivid_thread_vid_cap());
 * at this rate that takes a delay of 33 ms.
 */
#define RATE 15

struct vivid {
	int fd;					/* owned; -1 */
	struct v4l2_queue pictures;
	struct v4l2_pix_format pix;
	int handed_out;
	int64_t sequence;			/* of the newest picture; -1 before the first */
	int64_t twice;				/* how many it has counted twice: the bars had moved all the same */
	bool late;				/* its thread began late: its first number is not 0, and for one frame of those the bars did not move */
};

static bool is_camera(int fd, uint32_t capabilities)
{
	(void)fd;
	return capabilities & V4L2_CAP_VIDEO_CAPTURE && !(capabilities & (V4L2_CAP_TOUCH | V4L2_CAP_VIDEO_OUTPUT));
}

/* Its inputs are a webcam, a tuner, S-Video and HDMI; only the webcam has sizes to choose from. */
static int choose_webcam(struct vivid *v, struct fault *f)
{
	struct v4l2_input input = { 0 };

	for (; !v4l2_ioctl(v->fd, VIDIOC_ENUMINPUT, &input); input.index++) {
		int index = input.index;

		if (input.type != V4L2_INPUT_TYPE_CAMERA || strncmp((const char *)input.name, "Webcam", 6))
			continue;
		if (v4l2_ioctl(v->fd, VIDIOC_S_INPUT, &index))
			return fault(f, FAILED, "setup", "VIDIOC_S_INPUT: %s", strerror(errno));
		return 0;
	}
	return fault(f, UNSUPPORTED, "setup", "vivid has no webcam among its %u inputs", input.index);
}

/* Private controls have numbers of their own in every driver, but names for people: those are what we know. */
static int find_control(int fd, const char *name, struct v4l2_queryctrl *control)
{
	*control = (struct v4l2_queryctrl){ .id = V4L2_CTRL_FLAG_NEXT_CTRL };
	while (!v4l2_ioctl(fd, VIDIOC_QUERYCTRL, control)) {
		if (!strcmp((const char *)control->name, name))
			return 0;
		control->id |= V4L2_CTRL_FLAG_NEXT_CTRL;
	}
	return -1;
}

static int choose(struct vivid *v, const char *name, const char *choice, struct fault *f)
{
	struct v4l2_queryctrl control;

	if (find_control(v->fd, name, &control))
		return fault(f, UNSUPPORTED, "setup", "vivid has no control \"%s\"", name);
	for (int i = control.minimum; i <= control.maximum; i++) {
		struct v4l2_querymenu menu = { .id = control.id, .index = i };
		struct v4l2_control set = { .id = control.id, .value = i };

		if (v4l2_ioctl(v->fd, VIDIOC_QUERYMENU, &menu) || strcmp((const char *)menu.name, choice))
			continue;
		if (v4l2_ioctl(v->fd, VIDIOC_S_CTRL, &set))
			return fault(f, FAILED, "setup", "VIDIOC_S_CTRL \"%s\": %s", name, strerror(errno));
		return 0;
	}
	return fault(f, UNSUPPORTED, "setup", "vivid's control \"%s\" has no \"%s\"", name, choice);
}

static int choose_rate(struct vivid *v, struct fault *f)
{
	struct v4l2_streamparm rate = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	const struct v4l2_fract *got = &rate.parm.capture.timeperframe;

	rate.parm.capture.timeperframe = (struct v4l2_fract){ 1, RATE };
	if (v4l2_ioctl(v->fd, VIDIOC_S_PARM, &rate))
		return fault(f, FAILED, "setup", "VIDIOC_S_PARM: %s", strerror(errno));
	if (got->numerator * RATE != got->denominator)
		return fault(f, UNSUPPORTED, "setup", "vivid takes a picture in %u/%u s, not in 1/%d", got->numerator, got->denominator, RATE);
	return 0;
}

static int choose_format(struct source *s, struct fault *f)
{
	const struct source_plan *plan = &s->plan;
	struct vivid *v = s->own;

	if (v4l2_set_format(v->fd, V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_PIX_FMT_YUV420, plan->width, plan->height, &v->pix, f))
		return -1;
	if ((int)v->pix.width != plan->width || (int)v->pix.height != plan->height)
		return fault(f, UNSUPPORTED, "setup", "vivid's webcam has no size %d x %d; the nearest is %u x %u", plan->width, plan->height,
			     v->pix.width, v->pix.height);
	return 0;
}

static int init(struct source *s, struct fault *f)
{
	struct vivid *v = s->own = calloc(1, sizeof(*v));

	if (!v)
		return fault(f, FAILED, "setup", "no memory");
	v->sequence = -1;
	v->fd = v4l2_open("vivid", is_camera, f);
	if (v->fd < 0 || choose_webcam(v, f) || choose_format(s, f) || choose_rate(v, f))
		return -1;
	if (choose(v, "Test Pattern", "100% Colorbar", f) || choose(v, "Horizontal Movement", "Move Left", f) ||
	    choose(v, "Vertical Movement", "No Movement", f) || choose(v, "OSD Text Mode", "None", f))
		return -1;
	return v4l2_queue_init(&v->pictures, v->fd, V4L2_BUF_TYPE_VIDEO_CAPTURE, s->plan.pool, f);
}

static int take_picture(struct source *s, struct frame *frame, struct fault *f)
{
	struct vivid *v = s->own;
	const struct v4l2_slot *slot;
	struct v4l2_taken taken;
	const char *wrong;
	char why[100], unused[100];
	uint8_t *bytes;
	size_t len;
	int got = v4l2_queue_take(&v->pictures, &taken, f);

	if (got <= 0)
		return got;
	if (taken.error)
		return fault(f, FAILED, "decode", "the camera's error flag is set (V4L2_BUF_FLAG_ERROR)");
	if (taken.sequence <= v->sequence)
		v->twice++;
	v->sequence = taken.sequence;
	slot = &v->pictures.slot[taken.index];
	bytes = v4l2_slot_bytes(slot, &len);
	*frame = (struct frame){ .buffer = slot->buffer };
	wrong = v4l2_picture(&frame->picture, &v->pix, v->pix.width, v->pix.height, bytes, len);
	if (wrong)
		return fault(f, UNSUPPORTED, "decode", "vivid gives %s", wrong);
	if (!v->handed_out++ && bars_differ(&frame->picture, v->sequence, why, sizeof(why))) {
		v->late = v->sequence > 0 && !bars_differ(&frame->picture, v->sequence - 1, unused, sizeof(unused));
		if (!v->late)
			return fault(f, FAILED, "decode", "the camera's first picture (number %d) is not the colour bars: %s", (int)v->sequence, why);
	}
	frame->pts_us = (v->sequence + v->twice - v->late) * 1000000 / RATE;
	return 1;
}

static int next(struct source *s, struct frame *frame, struct fault *f)
{
	struct vivid *v = s->own;
	struct times us = { 0 };

	if (v->handed_out == s->plan.frames)
		return 0;
	for (;;) {
		int got;

		if (v4l2_queue_fill(&v->pictures, v->pix.bytesperline, v->pix.sizeimage, &us, f))
			return -1;
		if (!v->pictures.streaming && v4l2_queue_start(&v->pictures, f))
			return -1;
		got = take_picture(s, frame, f);
		if (got)
			return got;
		if (v4l2_wait(v->fd, POLLIN, "the camera's next picture", f))
			return -1;
	}
}

static void done(struct source *s, struct frame *frame)
{
	struct vivid *v = s->own;
	int index = v4l2_queue_find(&v->pictures, frame->picture.plane[0].data);

	if (index >= 0)
		v4l2_queue_return(&v->pictures, index);
}

static const char *codec(const struct source *s)
{
	(void)s;
	return "vivid";
}

static const char *pixel_format(const struct source *s)
{
	(void)s;
	return "YU12";				/* the one format in which the pictures are known beforehand */
}

static void fini(struct source *s)
{
	struct vivid *v = s->own;

	if (!v)
		return;
	v4l2_queue_fini(&v->pictures);
	if (v->fd >= 0)
		close(v->fd);
	free(v);
	s->own = NULL;
}

const struct source_ops source_vivid = {
	.name = "vivid", .init = init, .next = next, .done = done, .codec = codec, .pixel_format = pixel_format, .fini = fini,
};
