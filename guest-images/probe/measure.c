#include "measure.h"
#include "mark.h"

#include <errno.h>
#include <string.h>

static int set_mark(const struct measure *m, enum mark which, struct fault *f)
{
	return mark(m->fd, which) ? fault(f, FAILED, "setup", "the mark: %s", strerror(errno)) : 0;
}

int measure_before(const struct measure *m, int frames, struct fault *f)
{
	if (frames != m->warmup)
		return 0;
	if (report_measuring(m->report) || set_mark(m, MARK_BEGIN, f))
		return -1;
	timing_begin(m->timing);
	return 0;
}

int measure_end(const struct measure *m, int frames, struct fault *f)
{
	if (frames <= m->warmup)
		return fault(f, FAILED, "decode", "%d frames, and %d of them are warm-up", frames, m->warmup);
	timing_end(m->timing);
	if (set_mark(m, MARK_END, f))
		return -1;
	return report_measured(m->report, m->timing) ? -1 : report_timing(m->report, m->timing);
}
