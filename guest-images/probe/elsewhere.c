#include "elsewhere.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CAPSET_VENUS 4

static int edu_dma(struct fault *f)
{
	static const char importer[] = "/dev/vlab-importer";

	if (!access(importer, R_OK | W_OK))
		return fault(f, UNSUPPORTED, "setup", "%s is there, and this probe does not know how to drive it", importer);
	return fault(f, UNSUPPORTED, "setup", "a device that does DMA needs a driver that imports dma-bufs: %s: %s", importer, strerror(errno));
}

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
	if (!strcmp(pipeline, "edu-dma"))
		return edu_dma(f);
	return strcmp(pipeline, "venus-sample") ? 0 : venus_sample(gpu, f);
}
