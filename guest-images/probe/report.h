/* The lines a pipeline says to the host, one function per kind. Refuses to decide anything. */
#ifndef REPORT_H
#define REPORT_H

#include "clock.h"
#include "fault.h"
#include "gpu.h"
#include "hash.h"
#include "lines.h"
#include "pipe.h"
#include "timing.h"

struct report {
	int64_t id;				/* of the command */
	struct say say;				/* its fd is borrowed */
};

struct frame_report {
	int n;
	bool damaged;
	char memory[PLANES][HASH_TEXT], texels[PLANES][HASH_TEXT], rgb[HASH_TEXT];
	struct times us;
};

/* Each: 0, or -1 when the host cannot be told. */
int report_gpu(struct report *r, struct gpu *gpu, bool ok);
int report_start(struct report *r, const char *pipeline, const struct source *source, const char *pipe, const struct picture *shape);
int report_frame(struct report *r, const struct picture *shape, const struct frame_report *frame);
int report_caps(struct report *r, const char *element, const char *pad, const char *caps);
int report_shown(struct report *r, const struct picture *shape, const struct frame_report *frame);
int report_complaint(struct report *r, const char *why);
int report_pixels(struct report *r, int n, const char *what, const char *name, const struct plane *pl, int bytes_per_pixel);
int report_measuring(struct report *r);
int report_timing(struct report *r, const struct timing *t);
int report_measured(struct report *r, const struct timing *t);

/* fds: how many files are open more than at the begin. */
int report_end(struct report *r, const struct fault *f, int frames, int fds);

#endif
