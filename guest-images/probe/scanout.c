#include "scanout.h"
#include "vicodec.h"

#include <drm_fourcc.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#define SCREENS 8				/* framebuffers kept: as many as vicodec has buffers, and some */
#define GO_LIMIT_MS 300000			/* for the host to look at a frame; it has limits of its own, and they are shorter */
#define REFRESH_HZ 60

struct screen {					/* one of vicodec's buffers, as virtio-gpu has it */
	const uint8_t *at;			/* borrowed; what tells it from the others */
	int dmabuf;				/* owned */
	uint32_t handle, framebuffer;		/* owned; 0 */
};

struct show {
	const struct scanout *plan;
	struct source source;
	int card;				/* owned; -1 */
	uint32_t connector, crtc;
	drmModeModeInfo mode;			/* of the pictures' size */
	struct screen screen[SCREENS];
	int screens;
	struct frame on;			/* what was shown last: not done() before something else is on the display */
	bool has_on;
};

/* The primary node: a render node has no displays. */
static int open_card(void)
{
	for (int i = 0; i < 8; i++) {
		char path[32];
		drmVersionPtr version;
		bool ours;
		int fd;

		snprintf(path, sizeof(path), "/dev/dri/card%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		version = drmGetVersion(fd);
		ours = version && !strcmp(version->name, "virtio_gpu");
		drmFreeVersion(version);
		if (ours)
			return fd;
		close(fd);
	}
	errno = ENODEV;
	return -1;
}

static bool try_connector(struct show *show, const drmModeRes *resources, uint32_t id)
{
	drmModeConnector *connector = drmModeGetConnector(show->card, id);
	drmModeEncoder *encoder = NULL;
	bool found = false;

	if (connector && connector->connection == DRM_MODE_CONNECTED && connector->count_encoders)
		encoder = drmModeGetEncoder(show->card, connector->encoders[0]);
	for (int i = 0; encoder && i < resources->count_crtcs && !found; i++) {
		if (encoder->possible_crtcs >> i & 1) {
			show->connector = id;
			show->crtc = resources->crtcs[i];
			found = true;
		}
	}
	drmModeFreeEncoder(encoder);
	drmModeFreeConnector(connector);
	return found;
}

static int find_display(struct show *show, struct fault *f)
{
	drmModeRes *resources;
	bool found = false;

	show->card = open_card();
	if (show->card < 0)
		return fault(f, UNSUPPORTED, "setup", "no primary node of virtio-gpu: %s", strerror(errno));
	if (!drmIsMaster(show->card) && drmSetMaster(show->card))
		return fault(f, FAILED, "setup", "DRM_IOCTL_SET_MASTER: %s", strerror(errno));
	resources = drmModeGetResources(show->card);
	for (int i = 0; resources && i < resources->count_connectors && !found; i++)
		found = try_connector(show, resources, resources->connectors[i]);
	drmModeFreeResources(resources);
	return found ? 0 : fault(f, UNSUPPORTED, "setup", "virtio-gpu has no connected display");
}

/* virtio-gpu takes any size, and shows nothing of blanking; there is some only because a mode has to have it. */
static void make_mode(drmModeModeInfo *mode, int width, int height)
{
	*mode = (drmModeModeInfo){
		.hdisplay = width, .hsync_start = width + 8, .hsync_end = width + 16, .htotal = width + 32,
		.vdisplay = height, .vsync_start = height + 3, .vsync_end = height + 6, .vtotal = height + 12,
		.vrefresh = REFRESH_HZ, .type = DRM_MODE_TYPE_USERDEF,
	};
	mode->clock = mode->htotal * mode->vtotal * REFRESH_HZ / 1000;
	snprintf(mode->name, sizeof(mode->name), "%dx%d", width, height);
}

static void forget_screens(struct show *show)
{
	for (; show->screens; show->screens--) {
		struct screen *screen = &show->screen[show->screens - 1];

		if (screen->framebuffer)
			drmModeRmFB(show->card, screen->framebuffer);
		if (screen->handle)
			drmCloseBufferHandle(show->card, screen->handle);
		close(screen->dmabuf);
	}
}

static int import(struct show *show, struct screen *screen, const struct picture *pic, uint32_t pitch, struct fault *f)
{
	uint32_t handles[4] = { 0 }, pitches[4] = { pitch }, offsets[4] = { 0 };

	if (drmPrimeFDToHandle(show->card, screen->dmabuf, &screen->handle))
		return fault(f, UNSUPPORTED, "setup", "virtio-gpu does not import vicodec's dma-buf: DRM_IOCTL_PRIME_FD_TO_HANDLE: %s (%s)",
			     strerror(errno), strerrorname_np(errno));
	if (pic->format != XRGB8888)
		return fault(f, UNSUPPORTED, "setup", "vicodec decodes this clip to %s; virtio-gpu shows XRGB8888 only",
			     picture_format_name(pic->format));
	handles[0] = screen->handle;
	if (drmModeAddFB2(show->card, pic->width, pic->height, DRM_FORMAT_XRGB8888, handles, pitches, offsets, &screen->framebuffer, 0))
		return fault(f, UNSUPPORTED, "setup", "vicodec's dma-buf is imported, but is no framebuffer: DRM_IOCTL_MODE_ADDFB2: %s (%s)",
			     strerror(errno), strerrorname_np(errno));
	return 0;
}

/* The screen of this frame's buffer; vicodec has few, and uses them again and again. */
static struct screen *screen_of(struct show *show, const struct frame *frame, struct fault *f)
{
	const struct picture *pic = &frame->picture;
	struct vicodec_export export;
	struct screen *screen;

	for (int i = 0; i < show->screens; i++) {
		if (show->screen[i].at == pic->plane[0].data)
			return &show->screen[i];
	}
	if (show->screens == SCREENS) {
		fault(f, FAILED, "setup", "vicodec uses more than %d buffers", SCREENS);
		return NULL;
	}
	if (vicodec_export(&show->source, frame, &export, f))
		return NULL;
	screen = &show->screen[show->screens++];
	*screen = (struct screen){ .at = pic->plane[0].data, .dmabuf = export.dmabuf };
	return import(show, screen, pic, export.pitch, f) ? NULL : screen;
}

static int await_go(const struct scanout *plan, struct fault *f)
{
	struct pollfd host = { .fd = plan->go, .events = POLLIN };
	char byte;
	int n;

	do
		n = poll(&host, 1, GO_LIMIT_MS);
	while (n < 0 && errno == EINTR);
	if (n > 0 && read(plan->go, &byte, 1) == 1)
		return 0;
	return fault(f, FAILED, "report", "the host did not say within %d s that it has taken the frame", GO_LIMIT_MS / 1000);
}

/* The decoder may have the frame that was on the display before. */
static void let_go(struct show *show)
{
	if (show->has_on)
		show->source.ops->done(&show->source, &show->on);
	show->has_on = false;
}

static int put_on(struct show *show, const struct frame *frame, struct fault *f)
{
	const struct picture *pic = &frame->picture;
	const struct screen *screen;

	if (show->mode.hdisplay != pic->width || show->mode.vdisplay != pic->height) {
		forget_screens(show);		/* the buffers of the old size are gone, and their addresses may come again */
		show->has_on = false;
		make_mode(&show->mode, pic->width, pic->height);
	}
	screen = screen_of(show, show->plan->stale && show->has_on ? &show->on : frame, f);
	if (!screen)
		return -1;
	if (drmModeSetCrtc(show->card, show->crtc, screen->framebuffer, 0, 0, &show->connector, 1, &show->mode))
		return fault(f, FAILED, "draw", "DRM_IOCTL_MODE_SETCRTC %d x %d: %s", pic->width, pic->height, strerror(errno));
	return 0;
}

static int show_one(struct show *show, struct frame *frame, int64_t from, struct fault *f)
{
	const struct scanout *plan = show->plan;
	struct times us = { clock_us() - from, -1, -1, -1, -1, -1, -1, -1 };

	if (plan->decoded(plan->opaque, &show->source, frame, f))
		return -1;
	from = clock_us();
	if (put_on(show, frame, f))
		return -1;
	us.draw = clock_us() - from;
	if (plan->shown(plan->opaque, frame, &us, f))
		return -1;
	return plan->go < 0 ? 0 : await_go(plan, f);
}

static int show_all(struct show *show, int *frames, struct fault *f)
{
	struct source *s = &show->source;
	struct frame frame;
	int64_t from = clock_us();
	int got;

	if (find_display(show, f) || s->ops->init(s, f))
		return -1;
	while ((got = s->ops->next(s, &frame, f)) > 0) {
		if (show_one(show, &frame, from, f))
			return -1;
		let_go(show);
		show->on = frame;
		show->has_on = true;
		++*frames;
		from = clock_us();
	}
	if (got < 0)
		return -1;
	return *frames ? show->plan->over(show->plan->opaque, f) : fault(f, FAILED, "decode", "no frame in the clip");
}

int scanout_run(const struct scanout *plan, int *frames, struct fault *f)
{
	struct show show = {
		.plan = plan, .card = -1,
		.source = { .ops = &source_vicodec, .plan = { .clip = plan->clip, .format = XRGB8888, .seek_us = plan->seek_us } },
	};
	int err;

	*frames = 0;
	err = show_all(&show, frames, f);
	if (show.crtc)
		drmModeSetCrtc(show.card, show.crtc, 0, 0, 0, NULL, 0, NULL);
	forget_screens(&show);
	show.source.ops->fini(&show.source);
	if (show.card >= 0)
		close(show.card);
	return err;
}
