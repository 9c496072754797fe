/* "gst": the textures are GStreamer's, one per plane; a byte per component. Nothing is put anywhere here. */
#include "pipe.h"
#include "source-gst.h"

#include <stdlib.h>

struct theirs {
	void *foreign;				/* borrowed; of the frame that is sampled */
};

static const char *glsl(const struct pipe *pipe)
{
	if (pipe->shape.format == NV12)
		return "uniform sampler2D plane0, plane1, plane2;\n"
		       "int texel(int plane, ivec2 at) {\n"
		       "	vec2 uv = texelFetch(plane1, ivec2(at.x >> 1, at.y), 0).rg;\n"
		       "	float t = plane == 0 ? texelFetch(plane0, at, 0).r : (at.x & 1) == 0 ? uv.r : uv.g;\n"
		       "	return int(round(t * 255.0));\n"
		       "}\n";
	return pipe_upload.glsl(pipe);
}

static int init(struct pipe *pipe, const struct frame *first, struct fault *f)
{
	struct theirs *theirs = pipe->own = calloc(1, sizeof(*theirs));

	if (!theirs)
		return fault(f, FAILED, "setup", "no memory");
	if (first->picture.format != pipe->shape.format)
		return fault(f, UNSUPPORTED, "setup", "GStreamer's textures are %s, and %s is wanted", picture_format_name(first->picture.format),
			     picture_format_name(pipe->shape.format));
	return 0;
}

static void setup(struct pipe *pipe, GLuint program)
{
	pipe_upload.setup(pipe, program);
}

static int fill(struct pipe *pipe, const struct frame *frame, struct picture *memory, struct times *us, struct fault *f)
{
	struct theirs *theirs = pipe->own;

	(void)us, (void)f;
	theirs->foreign = frame->foreign;
	*memory = frame->picture;
	return 0;
}

static int bind(struct pipe *pipe, const struct picture *memory, struct times *us, struct fault *f)
{
	struct theirs *theirs = pipe->own;
	GLuint texture[PLANES] = { 0 };
	int64_t from = clock_us();

	if (source_gst_textures(theirs->foreign, texture, f))
		return -1;
	us->upload = clock_us() - from;
	for (int p = 0; p < memory->planes; p++) {
		glActiveTexture(GL_TEXTURE0 + p);
		glBindTexture(GL_TEXTURE_2D, texture[p]);
		glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
		glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
	}
	return gpu_check("upload", f);
}

static void drawn(struct pipe *pipe)
{
	(void)pipe;
}

static void fini(struct pipe *pipe)
{
	free(pipe->own);
	pipe->own = NULL;
}

const struct pipe_ops pipe_gst = {
	.name = "gst", .glsl = glsl, .init = init, .setup = setup, .fill = fill, .send = bind, .drawn = drawn, .fini = fini,
};
