/* Begin and end of what is measured: the marks in the host's trace, the clocks, and what the host is told. Refuses to know what a frame is. */
#ifndef MEASURE_H
#define MEASURE_H

#include "report.h"

struct measure {
	struct report *report;			/* borrowed */
	struct timing *timing;			/* borrowed */
	int fd;					/* of virtio-gpu, borrowed; -1: there is none */
	int warmup;				/* frames before the measured ones */
};

/* Before frame number `frames`; does nothing unless it is the first after the warm-up. -1: see f, or the host could not be told. */
int measure_before(const struct measure *m, int frames, struct fault *f);

/* After the last one. */
int measure_end(const struct measure *m, int frames, struct fault *f);

#endif
