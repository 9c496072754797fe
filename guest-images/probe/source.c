#include "source.h"

#include <stdio.h>

int source_complain(struct source *s, int n, const char *why, struct fault *f)
{
	char text[256];

	if (!s->plan.forgive)
		return fault(f, FAILED, "decode", "packet %d: %s", n, why);
	snprintf(text, sizeof(text), "packet %d: %s", n, why);
	if (s->plan.complain)
		s->plan.complain(s->plan.opaque, text);
	return 0;
}
