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
	return look->run->measure ? 0 : report_start(look->report, look->pipeline, source, "scanout", pic);
}

/* Before it is shown: what was there to be looked at, not what is there by then. */
static int decoded(void *opaque, const struct source *source, struct frame *frame, struct fault *f)
{
	struct look *look = opaque;
	struct picture *pic = &frame->picture;

	if ((pic->width != look->width || pic->height != look->height) && begin_size(look, source, pic, f))
		return -1;
	if (look->run->measure)
		return 0;
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

static int measured(struct look *look, const struct times *us, struct fault *f)
{
	if (look->frames >= look->measure.warmup && timing_add(look->measure.timing, us, us->decode + us->draw))
		return fault(f, FAILED, "report", "no memory for the times");
	return measure_before(&look->measure, look->frames + 1, f);
}

static int shown(void *opaque, const struct frame *frame, const struct times *us, struct fault *f)
{
	struct look *look = opaque;
	int64_t hash = look->frame.us.hash;

	if (look->run->measure)
		return measured(look, us, f);
	look->frame.us = *us;
	look->frame.us.hash = hash;
	if (send_memory(look, &frame->picture) || report_shown(look->report, &frame->picture, &look->frame))
		return fault(f, FAILED, "report", "the host could not be told: %s", strerror(errno));
	return 0;
}

static int over(void *opaque, struct fault *f)
{
	struct look *look = opaque;

	return look->run->measure ? measure_end(&look->measure, look->frames, f) : 0;
}

int look_at_scanout(struct look *look, struct clip *clip, struct fault *f)
{
	struct scanout plan = {
		.clip = clip, .seek_us = look->run->seek_us, .decoded = decoded, .shown = shown, .over = over,
		.opaque = look, .go = look->run->measure ? -1 : look->go, .stale = look->mischief->kind == WRONG_BUFFER,
	};

	if (look->run->measure && measure_before(&look->measure, 0, f))
		return -1;
	return scanout_run(&plan, &look->frames, f);
}
