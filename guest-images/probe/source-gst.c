/*
 * "gst": GStreamer decodes and uploads, as a player made of its elements does; what comes out are GStreamer's own textures, which are sampled
 * like everybody else's. The peer, to be held against. Refuses to help it: no property is set that its own players leave alone.
 */
#include "clock.h"
#include "fwht.h"
#include "gpu.h"
#include "source-gst.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gl/egl/gstgldisplay_egl.h>
#include <gst/gl/gl.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GST_CAPS_FEATURE_MEMORY_DMABUF "memory:DMABuf"
#define SILENCE_S 60				/* an emulated guest at 1080p needs a second for a frame */

struct gst {
	GstElement *pipeline, *from, *to;	/* owned; NULL */
	GstGLDisplay *display;			/* owned; NULL */
	GstGLContext *ours;			/* owned; NULL; around the gpu's */
	GstBus *bus;				/* owned; NULL */
	GAsyncQueue *decoded;			/* owned; NULL; buffers as they went into glupload, in that order */
	GstBuffer *uploaded;			/* owned; NULL: no frame is handed out */
	GstVideoFrame memory, textures;		/* mapped where buffer is not NULL */
	GstVideoInfo memory_info, texture_info;
	char codec[64], format[64];
	bool told;
};

static const char decoded_by_libav[] = "appsrc name=from ! decodebin ! glupload name=up ! video/x-raw(memory:GLMemory) ! appsink name=to";
static const char decoded_by_kernel[] = "appsrc name=from ! v4l2fwhtdec name=decoder capture-io-mode=dmabuf ! glupload name=up "
					"! video/x-raw(memory:GLMemory) ! appsink name=to";

static bool by_kernel(const struct source *s)
{
	return s->ops == &source_gst_dmabuf;
}

static GstPadProbeReturn on_decoded(GstPad *pad, GstPadProbeInfo *info, gpointer queue)
{
	(void)pad;
	g_async_queue_push(queue, gst_buffer_ref(GST_PAD_PROBE_INFO_BUFFER(info)));
	return GST_PAD_PROBE_OK;
}

static int push(struct source *s, int64_t at, int64_t bytes, GstClockTime pts, struct fault *f)
{
	struct gst *g = s->own;
	GstBuffer *buffer = gst_buffer_new_allocate(NULL, bytes, NULL);
	GstMapInfo map;
	int64_t got = 0;
	int n = 1;

	if (!buffer || !gst_buffer_map(buffer, &map, GST_MAP_WRITE))
		return fault(f, FAILED, "setup", "no memory for the clip");
	clip_seek(s->plan.clip, at, CLIP_SET);
	for (; got < bytes && n > 0; got += n > 0 ? n : 0)
		n = clip_read(s->plan.clip, (void *)(map.data + got), bytes - got < 1 << 20 ? bytes - got : 1 << 20);
	gst_buffer_unmap(buffer, &map);
	GST_BUFFER_PTS(buffer) = pts;
	if (got < bytes) {
		gst_buffer_unref(buffer);
		return fault(f, FAILED, "decode", "the clip ends at byte %lld of %lld", (long long)(at + got), (long long)(at + bytes));
	}
	return gst_app_src_push_buffer(GST_APP_SRC(g->from), buffer) == GST_FLOW_OK ? 0 : fault(f, FAILED, "setup", "appsrc takes no buffer");
}

/* FWHT has no container: one buffer per frame, and the caps say what a demuxer would. */
static int push_fwht(struct source *s, struct fault *f)
{
	struct gst *g = s->own;
	struct fwht stream = { 0 };
	GstCaps *caps;
	int err = fwht_init(&stream, s->plan.clip, f);

	if (!err) {
		caps = gst_caps_new_simple("video/x-fwht", "width", G_TYPE_INT, (int)stream.width, "height", G_TYPE_INT, (int)stream.height,
					   "framerate", GST_TYPE_FRACTION, 30, 1, NULL);
		gst_app_src_set_caps(GST_APP_SRC(g->from), caps);
		gst_caps_unref(caps);
	}
	for (int i = 0; !err && i < stream.count; i++)
		err = push(s, stream.frame[i].at, stream.frame[i].bytes, i * GST_SECOND / 30, f);
	fwht_fini(&stream);
	return err;
}

static void give_context(struct gst *g)
{
	GstContext *display = gst_context_new(GST_GL_DISPLAY_CONTEXT_TYPE, TRUE), *app = gst_context_new("gst.gl.app_context", TRUE);

	gst_context_set_gl_display(display, g->display);
	gst_structure_set(gst_context_writable_structure(app), "context", GST_TYPE_GL_CONTEXT, g->ours, NULL);
	gst_element_set_context(g->pipeline, display);
	gst_element_set_context(g->pipeline, app);
	gst_context_unref(display);
	gst_context_unref(app);
}

/* GStreamer draws in a context of its own, which shares its textures with ours. */
static int share_context(struct source *s, struct fault *f)
{
	struct gst *g = s->own;
	struct gpu *gpu = s->plan.gpu;
	GError *error = NULL;

	g->display = GST_GL_DISPLAY(gst_gl_display_egl_new_with_egl_display(gpu->display));
	gst_gl_display_filter_gl_api(g->display, GST_GL_API_GLES2);
	g->ours = gst_gl_context_new_wrapped(g->display, (guintptr)gpu->context, GST_GL_PLATFORM_EGL, GST_GL_API_GLES2);
	if (!g->ours)
		return fault(f, FAILED, "setup", "GStreamer takes no context of ours");
	gst_gl_context_activate(g->ours, TRUE);
	if (!gst_gl_context_fill_info(g->ours, &error)) {
		fault(f, FAILED, "setup", "GStreamer and our context: %s", error->message);
		g_error_free(error);
		return -1;
	}
	return 0;
}

/* GLib opens one file for the life of the process: before files are counted, so that it is no leak of a frame's. */
__attribute__((constructor)) static void wake_glib(void)
{
	g_main_context_default();
}

static int init(struct source *s, struct fault *f)
{
	struct gst *g = s->own = calloc(1, sizeof(*g));
	GError *error = NULL;
	GstElement *up;
	GstPad *pad;

	if (!g)
		return fault(f, FAILED, "setup", "no memory");
	if (s->plan.seek_us >= 0 || !s->plan.clip)
		return fault(f, UNSUPPORTED, "setup", "the peers neither seek nor have a camera");
	if (!gst_init_check(NULL, NULL, &error) || !(g->pipeline = gst_parse_launch(by_kernel(s) ? decoded_by_kernel : decoded_by_libav, &error))) {
		fault(f, by_kernel(s) ? UNSUPPORTED : FAILED, "setup", "GStreamer: %s", error ? error->message : "?");
		g_clear_error(&error);
		return -1;
	}
	g_clear_error(&error);
	if (share_context(s, f))
		return -1;
	give_context(g);
	g->bus = gst_element_get_bus(g->pipeline);
	g->from = gst_bin_get_by_name(GST_BIN(g->pipeline), "from");
	g->to = gst_bin_get_by_name(GST_BIN(g->pipeline), "to");
	g->decoded = g_async_queue_new_full((GDestroyNotify)gst_buffer_unref);
	up = gst_bin_get_by_name(GST_BIN(g->pipeline), "up");
	pad = gst_element_get_static_pad(up, "sink");
	gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_decoded, g->decoded, NULL);
	gst_object_unref(pad);
	gst_object_unref(up);
	g_object_set(g->from, "max-bytes", G_GUINT64_CONSTANT(0), "format", GST_FORMAT_TIME, NULL);
	if (!by_kernel(s))
		g_object_set(g->from, "format", GST_FORMAT_BYTES, NULL);
	g_object_set(g->to, "sync", FALSE, "max-buffers", 1, NULL);
	if (by_kernel(s) ? push_fwht(s, f) : push(s, 0, s->plan.clip->size, GST_CLOCK_TIME_NONE, f))
		return -1;
	gst_app_src_end_of_stream(GST_APP_SRC(g->from));
	if (gst_element_set_state(g->pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE)
		return 0;
	return source_gst_fault(s, f) ? -1 : fault(f, FAILED, "setup", "the pipeline does not start, and does not say why");
}

/* What the bus says went wrong; 0: nothing. Where nothing has come through yet, this guest cannot do it. */
int source_gst_fault(struct source *s, struct fault *f)
{
	struct gst *g = s->own;
	GstMessage *message = gst_bus_pop_filtered(g->bus, GST_MESSAGE_ERROR);
	GError *error = NULL;
	char *debug = NULL;

	if (!message)
		return 0;
	gst_message_parse_error(message, &error, &debug);
	fault(f, by_kernel(s) && !g->told ? UNSUPPORTED : FAILED, by_kernel(s) && !g->told ? "import" : "decode", "%s: %s (%s)",
	      GST_OBJECT_NAME(GST_MESSAGE_SRC(message)), error->message, debug ? debug : "no more is said");
	g_error_free(error);
	g_free(debug);
	gst_message_unref(message);
	return -1;
}

static void tell_pad(struct source *s, GstElement *element, const char *name)
{
	GstPad *pad = gst_element_get_static_pad(element, name);
	GstCaps *caps = pad ? gst_pad_get_current_caps(pad) : NULL;
	char *text = caps ? gst_caps_to_string(caps) : NULL;

	if (text)
		s->plan.negotiated(s->plan.opaque, GST_OBJECT_NAME(element), name, text);
	g_free(text);
	gst_clear_caps(&caps);
	g_clear_object(&pad);
}

/* Caps of every pad of every element in the middle, once they are settled. */
static void tell(struct source *s)
{
	struct gst *g = s->own;
	GstIterator *all = gst_bin_iterate_recurse(GST_BIN(g->pipeline));
	GValue item = G_VALUE_INIT;

	while (gst_iterator_next(all, &item) == GST_ITERATOR_OK) {
		GstElement *element = g_value_get_object(&item);
		GstElementFactory *factory = gst_element_get_factory(element);

		if (factory && gst_element_factory_list_is_type(factory, GST_ELEMENT_FACTORY_TYPE_DECODER)) {
			snprintf(g->codec, sizeof(g->codec), "%s", GST_OBJECT_NAME(factory));
			tell_pad(s, element, "src");
		}
		if (!strcmp(GST_OBJECT_NAME(element), "up")) {
			tell_pad(s, element, "sink");
			tell_pad(s, element, "src");
		}
		g_value_reset(&item);
	}
	g_value_unset(&item);
	gst_iterator_free(all);
	g->told = true;
}

static enum picture_format format_of(const GstVideoInfo *info)
{
	switch (GST_VIDEO_INFO_FORMAT(info)) {
	case GST_VIDEO_FORMAT_I420: return I420;
	case GST_VIDEO_FORMAT_NV12: return NV12;
	default: return PICTURE_FORMATS;
	}
}

static int picture_of(struct gst *g, struct picture *pic, struct fault *f)
{
	const GstVideoInfo *info = &g->memory_info;
	enum picture_format format = format_of(info);

	snprintf(g->format, sizeof(g->format), "%s", gst_video_format_to_string(GST_VIDEO_INFO_FORMAT(info)));
	if (format == PICTURE_FORMATS)
		return fault(f, UNSUPPORTED, "decode", "GStreamer gives %s, whose textures the probe cannot read byte by byte", g->format);
	if (picture_shape(pic, format, GST_VIDEO_INFO_WIDTH(info), GST_VIDEO_INFO_HEIGHT(info)))
		return fault(f, UNSUPPORTED, "decode", "a picture of %d x %d", GST_VIDEO_INFO_WIDTH(info), GST_VIDEO_INFO_HEIGHT(info));
	pic->matrix = info->colorimetry.matrix == GST_VIDEO_COLOR_MATRIX_BT709 ? BT709 : info->colorimetry.matrix == GST_VIDEO_COLOR_MATRIX_BT2020 ? BT2020 : BT601;
	pic->full_range = info->colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
	for (int p = 0; p < pic->planes; p++) {
		pic->plane[p].data = GST_VIDEO_FRAME_PLANE_DATA(&g->memory, p);
		pic->plane[p].stride = GST_VIDEO_FRAME_PLANE_STRIDE(&g->memory, p);
	}
	return 0;
}

static bool info_of(GstPad *pad, GstVideoInfo *info)
{
	GstCaps *caps = gst_pad_get_current_caps(pad);
	bool good = caps && gst_video_info_from_caps(info, caps);

	gst_clear_caps(&caps);
	return good;
}

/* Where a dma-buf is not what glupload was given, what it samples are copies: another path than the one that was asked for. */
static int require_dmabuf(struct source *s, struct fault *f)
{
	struct gst *g = s->own;
	GstElement *up = gst_bin_get_by_name(GST_BIN(g->pipeline), "up");
	GstPad *pad = gst_element_get_static_pad(up, "sink");
	GstCaps *caps = gst_pad_get_current_caps(pad);
	char *text = caps ? gst_caps_to_string(caps) : NULL;
	bool good = caps && gst_caps_features_contains(gst_caps_get_features(caps, 0), GST_CAPS_FEATURE_MEMORY_DMABUF);

	if (!good)
		fault(f, UNSUPPORTED, "import", "GStreamer does not negotiate memory:DMABuf between v4l2fwhtdec and glupload, so that it copies: %s", text ? text : "no caps");
	g_free(text);
	gst_clear_caps(&caps);
	gst_object_unref(pad);
	gst_object_unref(up);
	return good ? 0 : -1;
}

static int take(struct source *s, GstSample *sample, struct frame *frame, struct fault *f)
{
	struct gst *g = s->own;
	GstElement *up = gst_bin_get_by_name(GST_BIN(g->pipeline), "up");
	GstPad *pad = gst_element_get_static_pad(up, "sink");
	GstBuffer *decoded = g_async_queue_try_pop(g->decoded);
	bool good = decoded && info_of(pad, &g->memory_info) && gst_video_info_from_caps(&g->texture_info, gst_sample_get_caps(sample)) &&
		    gst_video_frame_map(&g->memory, &g->memory_info, decoded, GST_MAP_READ);

	gst_object_unref(pad);
	gst_object_unref(up);
	if (decoded)
		gst_buffer_unref(decoded);	/* the mapped frame has its own */
	if (!good)
		return fault(f, FAILED, "decode", "what GStreamer decoded cannot be mapped");
	g->uploaded = gst_buffer_copy(gst_sample_get_buffer(sample));	/* a new head on the same memory, to which a sync point can be added */
	*frame = (struct frame){ .pts_us = -1, .foreign = g };
	if (GST_BUFFER_PTS_IS_VALID(g->uploaded))
		frame->pts_us = GST_BUFFER_PTS(g->uploaded) / GST_USECOND;
	return picture_of(g, &frame->picture, f);
}

static int next(struct source *s, struct frame *frame, struct fault *f)
{
	struct gst *g = s->own;
	int64_t until = clock_us() + SILENCE_S * INT64_C(1000000);
	GstSample *sample = NULL;
	int err;

	while (!sample) {
		sample = gst_app_sink_try_pull_sample(GST_APP_SINK(g->to), 50 * GST_MSECOND);
		if (sample)
			break;
		if (source_gst_fault(s, f))
			return -1;
		if (gst_app_sink_is_eos(GST_APP_SINK(g->to)))
			return 0;
		if (clock_us() > until)
			return fault(f, FAILED, "decode", "GStreamer gave no picture and said nothing for %d s", SILENCE_S);
	}
	if (!g->told)
		tell(s);
	err = by_kernel(s) && require_dmabuf(s, f) ? -1 : take(s, sample, frame, f);
	gst_sample_unref(sample);
	return err ? -1 : 1;
}

int source_gst_textures(void *foreign, GLuint texture[PLANES], struct fault *f)
{
	struct gst *g = foreign;
	GstGLContext *theirs = GST_GL_BASE_MEMORY_CAST(gst_buffer_peek_memory(g->uploaded, 0))->context;
	GstGLSyncMeta *sync = gst_buffer_get_gl_sync_meta(g->uploaded);

	/* A raw upload is only made here: until somebody asks for the texture, the bytes wait in the decoder's memory. */
	if (!gst_video_frame_map(&g->textures, &g->texture_info, g->uploaded, GST_MAP_READ | GST_MAP_GL))
		return fault(f, FAILED, "upload", "GStreamer's textures cannot be mapped");
	if (!sync)
		sync = gst_buffer_add_gl_sync_meta(theirs, g->uploaded);
	gst_gl_sync_meta_set_sync_point(sync, theirs);
	gst_gl_sync_meta_wait(sync, g->ours);
	for (guint p = 0; p < GST_VIDEO_FRAME_N_PLANES(&g->textures); p++)
		texture[p] = *(guint *)GST_VIDEO_FRAME_PLANE_DATA(&g->textures, p);
	return 0;
}

static void done(struct source *s, struct frame *frame)
{
	struct gst *g = s->own;

	(void)frame;
	if (g->textures.buffer)
		gst_video_frame_unmap(&g->textures);
	if (g->memory.buffer)
		gst_video_frame_unmap(&g->memory);
	g->textures.buffer = g->memory.buffer = NULL;
	gst_clear_buffer(&g->uploaded);
}

static const char *codec(const struct source *s)
{
	return ((struct gst *)s->own)->codec;
}

static const char *pixel_format(const struct source *s)
{
	return ((struct gst *)s->own)->format;
}

static void fini(struct source *s)
{
	struct gst *g = s->own;

	if (!g)
		return;
	done(s, NULL);
	if (g->pipeline)
		gst_element_set_state(g->pipeline, GST_STATE_NULL);
	g_clear_pointer(&g->decoded, g_async_queue_unref);
	gst_clear_object(&g->bus);
	gst_clear_object(&g->from);
	gst_clear_object(&g->to);
	gst_clear_object(&g->pipeline);
	if (g->ours)
		gst_gl_context_activate(g->ours, FALSE);
	gst_clear_object(&g->ours);
	gst_clear_object(&g->display);
	free(g);
	s->own = NULL;
	gst_deinit();				/* closes what GStreamer keeps open for the next pipeline: there is none */
}

const struct source_ops source_gst = {
	.name = "gst", .init = init, .next = next, .done = done, .codec = codec, .pixel_format = pixel_format, .fini = fini,
};

const struct source_ops source_gst_dmabuf = {
	.name = "gst-dmabuf", .init = init, .next = next, .done = done, .codec = codec, .pixel_format = pixel_format, .fini = fini,
};
