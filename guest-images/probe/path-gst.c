/* The paths of gst-pipeline: the peers, and nothing else. */
#include "path.h"

#include <string.h>

static const struct path paths[] = {
	{ .name = "gst-upload", .source = &source_gst, .pipe = &pipe_gst },
	{ .name = "gst-dmabuf", .source = &source_gst_dmabuf, .pipe = &pipe_gst },
};

const struct path *path_named(const char *name)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (!strcmp(paths[i].name, name))
			return &paths[i];
	}
	return NULL;
}

const char *path_program(const char *name)
{
	(void)name;
	return NULL;
}
