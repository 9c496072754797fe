#include "path.h"
#include "test.h"

#include <string.h>

void test_path(void)
{
	static const struct { const char *name; const struct source_ops *source; const struct pipe_ops *pipe; enum backing backing; bool into_pool; } want[] = {
		{ "upload", &source_libav, &pipe_upload, CLASSIC, false },
		{ "native-upload", &source_libav, &pipe_upload, CLASSIC, false },
		{ "vtest-upload", &source_libav, &pipe_upload, CLASSIC, false },
		{ "dmabuf-copy", &source_libav, &pipe_dmabuf, CLASSIC, false },
		{ "dmabuf-direct", &source_libav, &pipe_dmabuf, CLASSIC, true },
		{ "edu-dma", &source_libav, &pipe_dmabuf, CLASSIC, false },
		{ "blob-guest", &source_libav, &pipe_dmabuf, BLOB_GUEST, false },
		{ "blob-host3d", &source_libav, &pipe_dmabuf, BLOB_HOST3D, false },
		{ "v4l2-upload", &source_vicodec, &pipe_upload, CLASSIC, false },
		{ "v4l2-dmabuf", &source_vicodec, &pipe_dmabuf, CLASSIC, true },
		{ "capture-dmabuf", &source_vivid, &pipe_dmabuf, CLASSIC, true },
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const struct path *path = path_named(want[i].name);

		CLAIM(path && path->source == want[i].source && path->pipe == want[i].pipe);
		CLAIM(path->backing == want[i].backing && path->into_pool == want[i].into_pool);
		CLAIM(!path->into_pool || !path->ring);	/* how many buffers a source needs is its own matter */
	}
	CLAIM(!path_program("upload") && !strcmp(path_program("venus-sample"), "/vlab/venus-pipeline"));
	CLAIM(!path_named("") && !path_named("uploa") && !path_named("upload2"));
}
