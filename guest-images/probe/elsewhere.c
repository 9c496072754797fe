#include "elsewhere.h"

#include <string.h>

#define CAPSET_VENUS 4

/* There is a program for it; this is what the device must have. */
static int venus_sample(struct gpu *gpu, struct fault *f)
{
	if (!(gpu->params.capsets >> CAPSET_VENUS & 1))
		return fault(f, UNSUPPORTED, "setup", "the device offers no capability set 4 (venus); VIRTGPU_PARAM_SUPPORTED_CAPSET_IDs is 0x%llx",
			     (unsigned long long)gpu->params.capsets);
	return 0;
}

int elsewhere_missing(const char *pipeline, struct gpu *gpu, struct fault *f)
{
	return strcmp(pipeline, "venus-sample") ? 0 : venus_sample(gpu, f);
}
