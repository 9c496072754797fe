#include "look.h"
#include "oracle.h"
#include "scanout.h"

#include <errno.h>
#include <string.h>

static int begin_size(struct look *look, const struct source *source, const struct picture *pic, struct fault *f)
{
	const char *refused = mischief_refuses(look->mischief->kind, &(struct mischief_where){ .shape = pic, .scanout = true });

	look->width = pic->width;
	look->height = pic->height;
	if (refused)
		return fault(f, UNSUPPORTED, "command", "fault %s does not apply: %s", mischief_name(look->mischief->kind), refused);
	return report_start(look->report, look->pipeline, source, "scanout", pic);
}

/* Before it is shown: what was there to be looked at, not what is there by then. */
static int decoded(void *opaque, const struct source *source, struct frame *frame, struct fault *f)
{
	struct look *look = opaque;
	struct picture *pic = &frame->picture;

	if ((pic->width != look->width || pic->height != look->height) && begin_size(look, source, pic, f))
		return -1;
	if (mischief_memory(look->mischief, pic, f))
		return -1;
	look->frame = (struct frame_report){ .n = run_command_number(look->run, frame->pts_us, look->frames), .damaged = frame->damaged };
	return oracle_hash(pic, look->frame.memory, &look->frame.us) ? fault(f, FAILED, "readback", "a plane wider than any picture") : 0;
}

/* The host itself sees what is wrong on the display; of what is wrong in memory it is sent the pixels. */
static int send_memory(struct look *look, const struct picture *pic)
{
	const struct golden *want = run_command_golden(look->run, look->frame.n);
	int sent;

	if (!want || want->count < pic->planes || look->wrong == look->run->max_wrong_frames)
		return 0;
	sent = oracle_send_wrong(look->report, look->frame.n, "memory", pic, look->frame.memory, want);
	look->wrong += sent > 0;
	return sent < 0 ? -1 : 0;
}

static int shown(void *opaque, const struct frame *frame, const struct times *us, struct fault *f)
{
	struct look *look = opaque;
	int64_t hash = look->frame.us.hash;

	look->frame.us = *us;
	look->frame.us.hash = hash;
	if (send_memory(look, &frame->picture) || report_shown(look->report, &frame->picture, &look->frame))
		return fault(f, FAILED, "report", "the host could not be told: %s", strerror(errno));
	return 0;
}

int look_at_scanout(struct look *look, struct clip *clip, struct fault *f)
{
	struct scanout plan = {
		.clip = clip, .seek_us = look->run->seek_us, .decoded = decoded, .shown = shown, .opaque = look, .go = look->go,
		.stale = look->mischief->kind == WRONG_BUFFER,
	};

	if (look->run->measure)
		return fault(f, UNSUPPORTED, "command", "each frame waits on the display until the host has looked: there is nothing to measure");
	return scanout_run(&plan, &look->frames, f);
}
