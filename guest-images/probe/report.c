#include "report.h"

#include <stdlib.h>
#include <string.h>

#define PIXELS_MAX (32 << 10)			/* raw bytes per line */

static void begin(struct report *r, const char *t)
{
	say_begin(&r->say, t);
	say_int(&r->say, "id", r->id);
}

int report_gpu(struct report *r, const struct gpu *gpu, bool ok)
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
		if (gpu->capsets >> i & 1)
			say_int(s, NULL, i);
	}
	say_close(s, ']');
	say_bool(s, "ok", ok);
	return say_end(s);
}

int report_start(struct report *r, const char *pipeline, const struct decode *d, const struct picture *shape)
{
	struct say *s = &r->say;

	begin(r, "start");
	say_str(s, "pipeline", pipeline);
	say_str(s, "codec", decode_codec_name(d));
	say_int(s, "width", shape->width);
	say_int(s, "height", shape->height);
	say_str(s, "pixelFormat", decode_pixel_format_name(d));
	return say_end(s);
}

static void say_planes(struct say *s, const char *key, const char hash[PLANES][HASH_TEXT])
{
	say_open(s, key, '{');
	for (int p = 0; p < PLANES; p++)
		say_str(s, plane_name[p], hash[p]);
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

int report_frame(struct report *r, const struct frame_report *frame)
{
	struct say *s = &r->say;

	begin(r, "frame");
	say_int(s, "n", frame->n);
	say_planes(s, "memory", frame->memory);
	say_planes(s, "texels", frame->texels);
	say_str(s, "rgb", frame->rgb);
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

int report_end(struct report *r, const struct fault *f, int frames)
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
	return say_end(&r->say);
}
