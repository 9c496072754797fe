/*
 * Runs one pipeline over one clip: the command on stdin, JSON lines on stdout, talk on stderr. A process of its own, so that a crash of
 * Mesa or of a decoder ends the run and not the guest. It reports what it saw, frame by frame or, measuring, what it took; the host judges.
 *
 * Exit code: 0 done, 77 refused or unsupported, 98 error. With any of these, the last line was an "end".
 */
#include "behind.h"
#include "command.h"
#include "elsewhere.h"
#include "go.h"
#include "gpu.h"
#include "leaks.h"
#include "look.h"
#include "measure.h"
#include "oracle.h"
#include "path.h"
#include "report.h"
#include "sample.h"
#include "scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct pipeline {				/* every part safe to _fini half-made; see pipeline_fini() for the order */
	struct run_command run;
	const struct path *path;		/* borrowed; NULL: not known yet */
	struct gpu gpu;
	struct clip clip;
	struct source source;			/* ops NULL: not begun */
	struct behind behind;			/* used only where a fault wants to know the next picture */
	struct pool pool;
	struct pipe pipe;			/* own NULL: no picture has come yet, or the size has just changed */
	struct sample sample;
	struct mischief mischief;
	struct timing timing;
	struct lines_in in;
	struct report report;
	struct fault fault;
	int frames;				/* done */
	int wrong;				/* whose pixels were sent */
};

/* What libraries print must not land between our lines: stdout becomes stderr, and the host is known by another number. */
static int take_stdout(void)
{
	int fd = fcntl(1, F_DUPFD_CLOEXEC, 3);

	if (fd >= 0 && dup2(2, 1) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int read_command(struct pipeline *p)
{
	char *line = NULL;
	size_t len = 0;
	enum line got;
	struct head head;
	const char *wrong;

	while ((got = lines_in_next(&p->in, &line, &len)) == LINE_NONE && lines_in_read(&p->in, 0) > 0)
		;
	if (got != LINE_ONE)
		return fault(&p->fault, FAILED, "command", "no command on stdin");
	wrong = scan_head(line, len, &head);
	p->report.id = head.id;
	if (!wrong)
		wrong = run_command_init(&p->run, line, len);
	return wrong ? fault(&p->fault, FAILED, "command", "%s", wrong) : 0;
}

/* A path without a pipe draws nothing, and may do without GL, which takes longer to begin than all that it does. */
static bool draws(const struct pipeline *p)
{
	return !p->path || p->path->pipe || p->run.renderer[0];
}

/* A guest that fell back to software rendering would give the right picture and prove nothing: so it may not even start. */
static int require_renderer(struct pipeline *p)
{
	const char *wanted = p->run.renderer, *got = p->gpu.renderer;
	bool ok = draws(p) ? got && !strncasecmp(got, wanted, strlen(wanted)) : p->fault.status == DONE;

	if (report_gpu(&p->report, &p->gpu, ok))
		return -1;
	if (p->fault.status != DONE)		/* there is no context at all: still only a renderer that is not there */
		p->fault.status = REFUSED;
	return ok ? 0 : fault(&p->fault, REFUSED, "gpu", "wanted renderer %s, got %s", wanted, got ? got : "none");
}

static void on_complaint(void *opaque, const char *why)
{
	struct pipeline *p = opaque;

	if (report_complaint(&p->report, why))
		fault(&p->fault, FAILED, "report", "the host could not be told: %s", strerror(errno));
}

static void on_negotiated(void *opaque, const char *element, const char *pad, const char *caps)
{
	struct pipeline *p = opaque;

	if (report_caps(&p->report, element, pad, caps))
		fault(&p->fault, FAILED, "report", "the host could not be told: %s", strerror(errno));
}

static int open_source(struct pipeline *p)
{
	const struct run_command *run = &p->run;
	bool clip = run->disk[0] || run->path[0];

	if (clip && (run->path[0] ? clip_init_file(&p->clip, run->path, run->bytes, &p->fault)
				  : clip_init_disk(&p->clip, "/sys/block", run->disk, run->bytes, &p->fault)))
		return -1;
	if (!clip && !run->camera_frames)
		return fault(&p->fault, FAILED, "command", "there is neither a clip nor a camera");
	p->pool = (struct pool){ .gpu = &p->gpu, .backing = p->path->backing, .xrgb = run->format == XRGB8888, .ring = p->path->ring };
	if (p->path->by_device && pool_dma_init(&p->pool, &p->fault))
		return -1;
	p->source.plan = (struct source_plan){
		.clip = clip ? &p->clip : NULL, .pool = p->path->into_pool ? &p->pool : NULL, .format = run->format,
		.width = run->camera_width, .height = run->camera_height, .frames = run->camera_frames,
		.seek_us = run->seek_us, .forgive = run->forgive, .complain = on_complaint,
		.gpu = &p->gpu, .negotiated = on_negotiated, .opaque = p,
	};
	p->source.ops = p->path->source;
	return p->source.ops->init(&p->source, &p->fault);
}

static void end_shape(struct pipeline *p)
{
	if (!p->pipe.own)
		return;
	sample_fini(&p->sample);
	p->pipe.ops->fini(&p->pipe);
	if (!p->path->into_pool)		/* else some are with the source, which gives them up in its own time */
		pool_fini(&p->pool);
}

static int begin_shape(struct pipeline *p, const struct frame *first)
{
	const struct picture *pic = &first->picture;
	struct pipe *pipe = &p->pipe;
	const char *refused;

	*pipe = (struct pipe){ .ops = p->path->pipe, .gpu = &p->gpu, .pool = &p->pool, .mischief = &p->mischief };
	pipe->negotiated = p->run.measure ? NULL : on_negotiated;
	pipe->opaque = p;
	if (!picture_can_convert(pic->format, p->run.format))
		return fault(&p->fault, UNSUPPORTED, "decode", "the decoder gives %s, and %s is wanted", picture_format_name(pic->format),
			     picture_format_name(p->run.format));
	picture_shape(&pipe->shape, p->run.format, pic->width, pic->height);
	pipe->shape.matrix = pic->matrix;
	pipe->shape.full_range = pic->full_range;
	refused = mischief_refuses(p->mischief.kind, &(struct mischief_where){
		.shape = &pipe->shape, .dmabuf = pipe->ops == &pipe_dmabuf || !pipe->ops->glsl, .fixed = !pipe->ops->glsl,
		.theirs = first->foreign, .camera = p->run.camera_frames > 0,
		.in_place = first->foreign || (p->path->into_pool && p->path->source == &source_libav) });
	if (refused)
		return fault(&p->fault, UNSUPPORTED, "command", "fault %s does not apply: %s", mischief_name(p->mischief.kind), refused);
	if (!p->run.measure && report_start(&p->report, p->path->name, &p->source, pipe->ops->name, &pipe->shape))
		return -1;
	if (pipe->ops->init(pipe, first, &p->fault))
		return -1;
	return sample_init(&p->sample, pipe, &p->fault);
}

/* A camera's picture is held against itself, so both are wanted; of memory all of it, for what is wrong may be another plane. */
static int send_both(struct pipeline *p, const struct frame_report *frame, const struct picture *memory, const struct picture *texels)
{
	bool wrong = false;

	for (int i = 0; i < memory->planes; i++)
		wrong |= strcmp(frame->memory[i], frame->texels[i]) != 0;
	if (!wrong || p->wrong == p->run.max_wrong_frames)
		return 0;
	p->wrong++;
	for (int i = 0; i < memory->planes; i++) {
		const char *name = picture_plane_name(memory->format, i);
		int bytes = picture_plane_pixel(memory->format, i);

		if (report_pixels(&p->report, frame->n, "memory", name, &memory->plane[i], bytes) ||
		    report_pixels(&p->report, frame->n, "texels", name, &texels->plane[i], bytes))
			return -1;
	}
	return 0;
}

/* Of a wrong frame the planes that the first oracle to see it saw: wrong memory explains wrong texels, and those explain wrong RGB. */
static int send_pixels(struct pipeline *p, struct frame_report *frame, const struct picture *memory, const struct picture *texels,
		       const struct plane *rgb)
{
	const struct golden *want = run_command_golden(&p->run, frame->n);
	int sent;

	if (p->run.camera_frames)
		return send_both(p, frame, memory, texels);
	if (!want || want->count < memory->planes + 1 || p->wrong == p->run.max_wrong_frames)
		return 0;
	sent = oracle_send_wrong(&p->report, frame->n, "memory", memory, frame->memory, want);
	if (!sent)
		sent = oracle_send_wrong(&p->report, frame->n, "texels", texels, frame->texels, want);
	if (!sent && strcmp(frame->rgb, want->hash[memory->planes]))
		sent = report_pixels(&p->report, frame->n, "rgb", "rgb", rgb, 4) ? -1 : 1;
	if (sent > 0)
		p->wrong++;
	return sent < 0 ? -1 : 0;
}

static int check_frame(struct pipeline *p, const struct frame *decoded, struct times *us)
{
	struct frame_report frame = { .n = run_command_number(&p->run, decoded->pts_us, p->frames), .damaged = decoded->damaged };
	const struct picture *shape = &p->pipe.shape;
	struct picture memory, texels;
	struct plane rgb;
	int64_t from;

	if (p->pipe.ops->fill(&p->pipe, decoded, &memory, us, &p->fault) || mischief_memory(&p->mischief, &memory, &p->fault))
		return -1;
	us->hash = 0;
	if (oracle_hash(&memory, frame.memory, us))	/* before send: what was there to be read, not what came back */
		return fault(&p->fault, FAILED, "readback", "a plane wider than any picture");
	if (mischief_reuse(&p->mischief, behind_later(&p->behind), &memory, &p->fault))
		return -1;
	if (p->pipe.ops->send(&p->pipe, &memory, us, &p->fault) || sample_run(&p->sample, shape, us, &p->fault))
		return -1;
	sample_texels(&p->sample, shape, &texels);
	sample_rgb(&p->sample, &rgb);
	oracle_hash(&texels, frame.texels, us);
	from = clock_us();
	hash_plane(&rgb, frame.rgb);
	us->hash += clock_us() - from;
	frame.us = *us;
	if (report_frame(&p->report, shape, &frame))
		return -1;
	return send_pixels(p, &frame, &memory, &texels, &rgb);
}

static int measure_frame(struct pipeline *p, const struct frame *decoded, struct times *us, int64_t from)
{
	struct picture memory;

	if (p->pipe.ops->fill(&p->pipe, decoded, &memory, us, &p->fault) || p->pipe.ops->send(&p->pipe, &memory, us, &p->fault) ||
	    sample_show(&p->sample, us, &p->fault))
		return -1;
	if (p->frames >= p->run.warmup && timing_add(&p->timing, us, clock_us() - from))
		return fault(&p->fault, FAILED, "report", "no memory for the times");
	return 0;
}

static struct measure measure_of(struct pipeline *p)
{
	return (struct measure){ .report = &p->report, .timing = &p->timing, .fd = p->gpu.fd, .warmup = p->run.warmup };
}

static bool stays_behind(const struct pipeline *p)
{
	return p->mischief.kind == REUSE_EARLY;
}

static int next_frame(struct pipeline *p, struct frame *frame)
{
	return stays_behind(p) ? behind_next(&p->behind, &p->source, frame, &p->fault) : p->source.ops->next(&p->source, frame, &p->fault);
}

static void done_with(struct pipeline *p, struct frame *frame)
{
	if (stays_behind(p))
		behind_done(&p->behind, &p->source, frame);
	else
		p->source.ops->done(&p->source, frame);
}

static int one_frame(struct pipeline *p, struct frame *decoded, int64_t from)
{
	struct times us = { clock_us() - from, -1, -1, -1, -1, -1, -1, -1 };
	int err = 0;

	if (p->pipe.own && (decoded->picture.width != p->pipe.shape.width || decoded->picture.height != p->pipe.shape.height))
		end_shape(p);
	if (!p->pipe.own)
		err = begin_shape(p, decoded);
	if (!err)
		err = p->run.measure ? measure_frame(p, decoded, &us, from) : check_frame(p, decoded, &us);
	if (p->pipe.own)
		p->pipe.ops->drawn(&p->pipe);
	done_with(p, decoded);
	p->frames += !err;
	return err;
}

static int all_frames(struct pipeline *p)
{
	const struct measure measure = measure_of(p);

	for (;;) {
		struct frame decoded;
		int64_t from;
		int got;

		if (p->run.measure && measure_before(&measure, p->frames, &p->fault))
			return -1;
		from = clock_us();
		got = next_frame(p, &decoded);
		if (got < 0)
			return -1;
		if (!got)
			break;
		if (one_frame(p, &decoded, from))
			return -1;
	}
	if (!p->frames)
		return fault(&p->fault, FAILED, "decode", "no frame in the clip");
	return p->run.measure ? measure_end(&measure, p->frames, &p->fault) : 0;
}

static int show(struct pipeline *p)
{
	struct look look = {
		.run = &p->run, .report = &p->report, .mischief = &p->mischief, .measure = measure_of(p), .pipeline = p->path->name, .go = GO_FD,
	};
	int err = look_at_scanout(&look, &p->clip, &p->fault);

	p->frames = look.frames;
	return err;
}

/* Another program, so that no other pipeline loads its libraries; it reads the same command. */
static int become(struct pipeline *p, const char *program)
{
	if (lseek(0, 0, SEEK_SET) == 0 && dup2(p->report.say.fd, 1) == 1)
		execl(program, program, (char *)NULL);
	return fault(&p->fault, FAILED, "command", "%s: %s", program, strerror(errno));
}

static int run(struct pipeline *p)
{
	if (read_command(p))
		return -1;
	if (path_program(p->run.pipeline))
		return become(p, path_program(p->run.pipeline));
	p->path = path_named(p->run.pipeline);
	gpu_init(&p->gpu, p->run.surfaceless, draws(p), &p->fault);	/* what it is gets reported, failed or not */
	if (require_renderer(p))
		return -1;
	if (elsewhere_missing(p->run.pipeline, &p->gpu, &p->fault))
		return -1;
	if (!p->path)
		return fault(&p->fault, UNSUPPORTED, "command", "no pipeline %s in this probe", p->run.pipeline);
	p->mischief.kind = p->run.fault;
	if (!p->path->pipe) {
		if (clip_init_disk(&p->clip, "/sys/block", p->run.disk, p->run.bytes, &p->fault))
			return -1;
		return show(p);
	}
	return open_source(p) ? -1 : all_frames(p);
}

static void pipeline_fini(struct pipeline *p)
{
	if (p->gpu.renderer)			/* there is a context, so there may be GL objects */
		end_shape(p);
	if (p->source.ops)
		p->source.ops->fini(&p->source);
	if (p->gpu.renderer)
		pool_fini(&p->pool);
	pool_dma_fini(&p->pool);
	behind_fini(&p->behind);
	mischief_fini(&p->mischief);
	timing_fini(&p->timing);
	clip_fini(&p->clip);
	gpu_fini(&p->gpu);
	run_command_fini(&p->run);
	lines_in_fini(&p->in);
}

static int exit_code(const struct fault *f)
{
	switch (f->status) {
	case DONE:
		return 0;
	case REFUSED:
	case UNSUPPORTED:
		return 77;
	case FAILED:
		break;
	}
	return 98;
}

int main(void)
{
	struct pipeline *p = calloc(1, sizeof(*p));
	int fd = take_stdout(), files = leaks_own_files(), code;

	if (!p || fd < 0)
		return 1;
	p->report.say.fd = fd;
	p->gpu.fd = p->clip.fd = -1;
	if (run(p) && p->fault.status == DONE)
		fault(&p->fault, FAILED, "report", "the host could not be told: %s", strerror(errno));
	if (p->fault.status != DONE)
		fprintf(stderr, "pipeline: %s\n", p->fault.why);
	code = exit_code(&p->fault);
	pipeline_fini(p);			/* before the end line: a crash in here must be the run's end, and its only one */
	if (report_end(&p->report, &p->fault, p->frames, leaks_more(files, leaks_own_files())))
		code = 1;			/* the probe will say that there was no end line */
	_exit(code);				/* nothing is left to do but the libraries' own farewells, which can only go wrong */
}
