/*
 * Runs one pipeline over one clip: the command on stdin, JSON lines on stdout, talk on stderr. A process of its own, so that a crash of
 * Mesa or of a decoder ends the run and not the guest. It reports what it saw, frame by frame; the host judges.
 *
 * Exit code: 0 done, 77 refused or unsupported, 98 error. With any of these, the last line was an "end".
 */
#include "command.h"
#include "decode.h"
#include "gpu.h"
#include "pipe.h"
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
	struct gpu gpu;
	struct clip clip;
	struct decode decode;
	struct pipe pipe;			/* ops NULL: not begun */
	struct sample sample;
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

/* A guest that fell back to software rendering would give the right picture and prove nothing: so it may not even start. */
static int require_renderer(struct pipeline *p)
{
	const char *wanted = p->run.renderer, *got = p->gpu.renderer;
	bool ok = got && !strncasecmp(got, wanted, strlen(wanted));

	if (report_gpu(&p->report, &p->gpu, ok))
		return -1;
	if (p->fault.status != DONE)		/* there is no context at all: still only a renderer that is not there */
		p->fault.status = REFUSED;
	return ok ? 0 : fault(&p->fault, REFUSED, "gpu", "wanted renderer %s, got %s", wanted, got ? got : "none");
}

static int begin(struct pipeline *p, const struct picture *decoded)
{
	const struct pipe_ops *ops = p->pipe.ops;

	if (report_start(&p->report, ops->name, &p->decode, decoded))
		return -1;
	p->pipe.gpu = &p->gpu;
	picture_shape(&p->pipe.shape, decoded->width, decoded->height);
	if (ops->init(&p->pipe, &p->fault))
		return -1;
	return sample_init(&p->sample, &p->pipe, &p->fault);
}

static void hash_planes(const struct picture *pic, char text[PLANES][HASH_TEXT], struct times *us)
{
	int64_t from = clock_us();

	for (int i = 0; i < PLANES; i++)
		hash_plane(&pic->plane[i], text[i]);
	us->hash += clock_us() - from;
}

static int send_pixels(struct pipeline *p, const struct picture *memory, const struct picture *texels, const struct plane *rgb)
{
	int err = 0;

	for (int i = 0; !err && i < PLANES; i++)
		err = report_pixels(&p->report, p->frames, "memory", plane_name[i], &memory->plane[i], 1);
	for (int i = 0; !err && i < PLANES; i++)
		err = report_pixels(&p->report, p->frames, "texels", plane_name[i], &texels->plane[i], 1);
	return err ? err : report_pixels(&p->report, p->frames, "rgb", "rgb", rgb, 4);
}

static int one_frame(struct pipeline *p, const struct picture *decoded, int64_t decode_us)
{
	struct frame_report frame = { .n = p->frames, .us = { decode_us, -1, -1, -1, -1, -1, -1, 0 } };
	const struct picture *shape = &p->pipe.shape;
	struct picture memory, texels;
	struct plane rgb;
	int64_t from;

	if (decoded->width != shape->width || decoded->height != shape->height)
		return fault(&p->fault, UNSUPPORTED, "decode", "the size changes within the clip");
	if (p->pipe.ops->fill(&p->pipe, decoded, &memory, &frame.us, &p->fault))
		return -1;
	hash_planes(&memory, frame.memory, &frame.us);	/* before send: what was there to be read, not what came back */
	if (p->pipe.ops->send(&p->pipe, &memory, &frame.us, &p->fault) || sample_run(&p->sample, shape, &frame.us, &p->fault))
		return -1;
	sample_texels(&p->sample, shape, &texels);
	sample_rgb(&p->sample, &rgb);
	hash_planes(&texels, frame.texels, &frame.us);
	from = clock_us();
	hash_plane(&rgb, frame.rgb);
	frame.us.hash += clock_us() - from;
	if (report_frame(&p->report, &frame))
		return -1;
	if (p->wrong < p->run.max_wrong_frames && !(run_command_expects(&p->run, p->frames, frame.memory) &&
						    run_command_expects(&p->run, p->frames, frame.texels))) {
		p->wrong++;
		if (send_pixels(p, &memory, &texels, &rgb))
			return -1;
	}
	p->frames++;
	return 0;
}

static int all_frames(struct pipeline *p)
{
	for (;;) {
		struct picture decoded;
		int64_t from = clock_us(), decode_us;
		int got = decode_next(&p->decode, &decoded, &p->fault);

		decode_us = clock_us() - from;
		if (got < 0)
			return -1;
		if (!got)
			return p->frames ? 0 : fault(&p->fault, FAILED, "decode", "no frame in the clip");
		if (!p->frames && begin(p, &decoded))
			return -1;
		if (one_frame(p, &decoded, decode_us))
			return -1;
	}
}

static int run(struct pipeline *p)
{
	if (read_command(p))
		return -1;
	p->pipe.ops = pipe_named(p->run.pipeline);
	if (!p->pipe.ops)
		return fault(&p->fault, UNSUPPORTED, "command", "no pipeline %s in this probe", p->run.pipeline);
	gpu_init(&p->gpu, &p->fault);		/* what it is gets reported, failed or not */
	if (require_renderer(p))
		return -1;
	if (clip_init_disk(&p->clip, "/sys/block", p->run.disk, p->run.bytes, &p->fault))
		return -1;
	if (decode_init(&p->decode, &p->clip, &p->fault))
		return -1;
	return all_frames(p);
}

static void pipeline_fini(struct pipeline *p)
{
	if (p->gpu.renderer) {			/* there is a context, so there may be GL objects */
		sample_fini(&p->sample);
		if (p->pipe.own)
			p->pipe.ops->fini(&p->pipe);
	}
	decode_fini(&p->decode);
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
	int fd = take_stdout(), code;

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
	if (report_end(&p->report, &p->fault, p->frames))
		code = 1;			/* the probe will say that there was no end line */
	_exit(code);				/* nothing is left to do but the libraries' own farewells, which can only go wrong */
}
