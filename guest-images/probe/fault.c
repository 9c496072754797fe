#include "fault.h"

#include <stdarg.h>
#include <stdio.h>

int fault(struct fault *f, enum status status, const char *step, const char *format, ...)
{
	va_list args;

	if (f->status != DONE)
		return -1;
	f->status = status;
	f->step = step;
	va_start(args, format);
	vsnprintf(f->why, sizeof(f->why), format, args);
	va_end(args);
	return -1;
}
