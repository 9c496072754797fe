#include "path.h"

#include <string.h>

static const struct path paths[] = {
	{ .name = "upload", .source = &source_libav, .pipe = &pipe_upload },
	{ .name = "native-upload", .source = &source_libav, .pipe = &pipe_upload },
	{ .name = "vtest-upload", .source = &source_libav, .pipe = &pipe_upload },
	{ .name = "dmabuf-copy", .source = &source_libav, .pipe = &pipe_dmabuf, .ring = 2 },
	{ .name = "dmabuf-direct", .source = &source_libav, .pipe = &pipe_dmabuf, .into_pool = true },
	{ .name = "blob-guest", .source = &source_libav, .pipe = &pipe_dmabuf, .backing = BLOB_GUEST, .ring = 2 },
	{ .name = "blob-host3d", .source = &source_libav, .pipe = &pipe_dmabuf, .backing = BLOB_HOST3D, .ring = 2 },
	{ .name = "edu-dma", .source = &source_libav, .pipe = &pipe_dmabuf, .by_device = true, .ring = 2 },
	{ .name = "v4l2-upload", .source = &source_vicodec, .pipe = &pipe_upload },
	{ .name = "v4l2-dmabuf", .source = &source_vicodec, .pipe = &pipe_dmabuf, .into_pool = true },
	{ .name = "capture-dmabuf", .source = &source_vivid, .pipe = &pipe_dmabuf, .into_pool = true },
	{ .name = "v4l2-scanout", .source = &source_vicodec },
};

const char *path_program(const char *name)
{
	if (!strncmp(name, "gst-", 4))
		return "/vlab/gst-pipeline";
	return strcmp(name, "venus-sample") ? NULL : "/vlab/venus-pipeline";
}

const struct path *path_named(const char *name)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (!strcmp(paths[i].name, name))
			return &paths[i];
	}
	return NULL;
}
