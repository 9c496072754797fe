#include "report.h"
#include "v4l2-caps.h"

#include <stdlib.h>
#include <string.h>

#define PIXELS_MAX (32 << 10)			/* raw bytes per line */

static void begin(struct report *r, const char *t)
{
	say_begin(&r->say, t);
	say_int(&r->say, "id", r->id);
}

static void say_caps(struct say *s, struct gpu *gpu)
{
	const struct { const char *key; bool value; } flag[] = {
		{ "dmabufImport", gpu->can_import }, { "nativeFence", gpu->renderer && gpu_has(gpu, "EGL_ANDROID_native_fence_sync") },
		{ "resourceBlob", gpu->params.blob }, { "hostVisible", gpu->params.host_visible }, { "crossDevice", gpu->params.cross_device },
		{ "contextInit", gpu->params.context_init }, { "features3d", gpu->params.features_3d },
	};
	EGLint fourcc[64];
	int count = gpu->renderer ? gpu_formats(gpu, fourcc, 64) : 0;

	say_open(s, "caps", '{');
	for (size_t i = 0; i < sizeof(flag) / sizeof(flag[0]); i++)
		say_bool(s, flag[i].key, flag[i].value);
	say_open(s, "dmabufFormats", '[');
	for (int i = 0; i < count; i++) {
		char text[5] = { fourcc[i], fourcc[i] >> 8, fourcc[i] >> 16, fourcc[i] >> 24 };

		say_str(s, NULL, text);
	}
	say_close(s, ']');
	if (!gpu->surfaceless)			/* beside a guest it would be the host's cameras */
		v4l2_say_caps(s, "v4l2");
	say_close(s, '}');
}

int report_gpu(struct report *r, struct gpu *gpu, bool ok)
{
	struct say *s = &r->say;

	begin(r, "gpu");
	say_str(s, "renderer", gpu->renderer);
	say_str(s, "glVendor", gpu->vendor);
	say_str(s, "glVersion", gpu->version);
	say_str(s, "driver", gpu->driver);
	say_str(s, "features", gpu->features);
	say_open(s, "capsets", '[');
	for (int i = 0; i < 64; i++) {
		if (gpu->params.capsets >> i & 1)
			say_int(s, NULL, i);
	}
	say_close(s, ']');
	say_bool(s, "ok", ok);
	say_caps(s, gpu);
	return say_end(s);
}

int report_start(struct report *r, const char *pipeline, const struct source *source, const char *pipe, const struct picture *shape)
{
	struct say *s = &r->say;

	begin(r, "start");
	say_str(s, "pipeline", pipeline);
	say_str(s, "source", source->ops->name);
	say_str(s, "pipe", pipe);
	say_str(s, "codec", source->ops->codec(source));
	say_int(s, "width", shape->width);
	say_int(s, "height", shape->height);
	say_str(s, "format", picture_format_name(shape->format));
	say_str(s, "matrix", picture_matrix_name(shape->matrix));
	say_str(s, "range", shape->full_range ? "full" : "limited");
	say_str(s, "pixelFormat", source->ops->pixel_format ? source->ops->pixel_format(source) : picture_format_name(shape->format));
	return say_end(s);
}

static void say_planes(struct say *s, const char *key, const struct picture *shape, const char hash[PLANES][HASH_TEXT])
{
	say_open(s, key, '{');
	for (int p = 0; p < shape->planes; p++)
		say_str(s, picture_plane_name(shape->format, p), hash[p]);
	say_close(s, '}');
}

static void say_times(struct say *s, const struct times *us)
{
	const struct { const char *key; int64_t us; } step[] = {
		{ "decode", us->decode }, { "wait", us->wait }, { "copy", us->copy }, { "transfer", us->transfer },
		{ "upload", us->upload }, { "draw", us->draw }, { "readback", us->readback }, { "hash", us->hash },
	};

	say_open(s, "us", '{');
	for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
		if (step[i].us >= 0)
			say_int(s, step[i].key, step[i].us);
	}
	say_close(s, '}');
}

int report_frame(struct report *r, const struct picture *shape, const struct frame_report *frame)
{
	struct say *s = &r->say;

	begin(r, "frame");
	say_int(s, "n", frame->n);
	if (frame->damaged)
		say_bool(s, "damaged", true);
	say_planes(s, "memory", shape, frame->memory);
	say_planes(s, "texels", shape, frame->texels);
	say_str(s, "rgb", frame->rgb);
	say_times(s, &frame->us);
	return say_end(s);
}

/* What the host is to see on the display: a frame without texels, which are the host's to find out. */
int report_shown(struct report *r, const struct picture *shape, const struct frame_report *frame)
{
	struct say *s = &r->say;

	begin(r, "shown");
	say_int(s, "n", frame->n);
	if (frame->damaged)
		say_bool(s, "damaged", true);
	say_int(s, "width", shape->width);
	say_int(s, "height", shape->height);
	say_planes(s, "memory", shape, frame->memory);
	say_times(s, &frame->us);
	return say_end(s);
}

/* One row after another, without the stride's padding. */
static uint8_t *packed(const struct plane *pl)
{
	uint8_t *bytes = malloc((size_t)pl->width * pl->height);

	for (int y = 0; bytes && y < pl->height; y++)
		memcpy(bytes + (size_t)y * pl->width, pl->data + y * pl->stride, pl->width);
	return bytes;
}

int report_pixels(struct report *r, int n, const char *what, const char *name, const struct plane *pl, int bytes_per_pixel)
{
	size_t total = (size_t)pl->width * pl->height;
	uint8_t *bytes = packed(pl);
	struct say *s = &r->say;
	int err = bytes ? 0 : -1;

	for (size_t at = 0; !err && at < total; at += PIXELS_MAX) {
		begin(r, "pixels");
		say_int(s, "n", n);
		say_str(s, "plane", name);
		say_str(s, "what", what);
		say_int(s, "width", pl->width / bytes_per_pixel);
		say_int(s, "height", pl->height);
		say_int(s, "bytesPerPixel", bytes_per_pixel);
		say_int(s, "offset", at);
		say_int(s, "total", total);
		say_base64(s, "data", bytes + at, total - at < PIXELS_MAX ? total - at : PIXELS_MAX);
		err = say_end(s);
	}
	free(bytes);
	return err;
}

int report_caps(struct report *r, const char *element, const char *pad, const char *caps)
{
	begin(r, "caps");
	say_str(&r->say, "element", element);
	say_str(&r->say, "pad", pad);
	say_str(&r->say, "caps", caps);
	return say_end(&r->say);
}

int report_complaint(struct report *r, const char *why)
{
	begin(r, "decoder-error");
	say_str(&r->say, "why", why);
	return say_end(&r->say);
}

int report_measuring(struct report *r)
{
	begin(r, "measuring");
	return say_end(&r->say);
}

int report_timing(struct report *r, const struct timing *t)
{
	struct say *s = &r->say;

	for (int from = 0; from < t->count; from += TIMING_PER_LINE) {
		int to = from + TIMING_PER_LINE < t->count ? from + TIMING_PER_LINE : t->count;

		begin(r, "timing");
		say_int(s, "from", from);
		say_open(s, "us", '{');
		for (int step = 0; step < TIMING_STEPS; step++) {
			say_open(s, timing_step_name(step), '[');
			for (int i = from; i < to; i++)
				say_int(s, NULL, timing_step(&t->frame[i], step));
			say_close(s, ']');
		}
		say_close(s, '}');
		if (say_end(s))
			return -1;
	}
	return 0;
}

int report_measured(struct report *r, const struct timing *t)
{
	struct say *s = &r->say;

	begin(r, "measured");
	say_int(s, "frames", t->count);
	say_int(s, "wallUs", t->wall_us);
	say_open(s, "cpuUs", '{');
	say_int(s, "user", t->user_us);
	say_int(s, "system", t->system_us);
	say_close(s, '}');
	say_int(s, "cpuNs", t->cpu_ns);
	say_int(s, "bookkeepingUs", t->bookkeeping_us);
	return say_end(s);
}

int report_end(struct report *r, const struct fault *f, int frames, int fds)
{
	static const char *const word[] = {
		[DONE] = "done", [REFUSED] = "refused", [UNSUPPORTED] = "unsupported", [FAILED] = "error",
	};

	begin(r, "end");
	say_str(&r->say, "status", word[f->status]);
	if (f->status != DONE)
		say_str(&r->say, "why", f->why);
	if (f->step)
		say_str(&r->say, "step", f->step);
	say_int(&r->say, "frames", frames);
	say_int(&r->say, "fds", fds);
	return say_end(&r->say);
}
