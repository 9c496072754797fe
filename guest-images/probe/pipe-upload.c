/*
 * "upload": each plane goes to an R8 texture by glTexSubImage2D, a byte per texel whatever the format. No dma-buf; Mesa makes every transfer.
 * The baseline, and the oracle for the others.
 */
#include "pipe.h"

#include <stdlib.h>

struct upload {
	GLuint texture[PLANES];			/* owned; 0 */
	uint8_t *packed;			/* owned; NULL: the decoder's own planes can be uploaded as they are */
};

static const char *glsl(const struct pipe *pipe)
{
	(void)pipe;
	return "uniform sampler2D plane0, plane1, plane2;\n"
	       "int texel(int plane, ivec2 at) {\n"
	       "	float t = plane == 0 ? texelFetch(plane0, at, 0).r : plane == 1 ? texelFetch(plane1, at, 0).r : texelFetch(plane2, at, 0).r;\n"
	       "	return int(round(t * 255.0));\n"
	       "}\n";
}

static int init(struct pipe *pipe, const struct frame *first, struct fault *f)
{
	struct upload *up = pipe->own = calloc(1, sizeof(*up));
	size_t begin[PLANES];
	GLint limit = 0;

	if (!up)
		return fault(f, FAILED, "setup", "no memory");
	if (first->picture.format != pipe->shape.format || pipe->shape.format == XRGB8888 || pipe->mischief->kind != NO_MISCHIEF) {
		up->packed = malloc(picture_packed(&pipe->shape, begin));
		if (!up->packed)
			return fault(f, FAILED, "setup", "no memory");
	}
	glGetIntegerv(GL_MAX_TEXTURE_SIZE, &limit);
	glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
	glGenTextures(PLANES, up->texture);
	for (int p = 0; p < pipe->shape.planes; p++) {
		const struct plane *pl = &pipe->shape.plane[p];

		if (pl->width > limit || pl->height > limit)
			return fault(f, UNSUPPORTED, "setup", "a texture of %d x %d; GL_MAX_TEXTURE_SIZE is %d", pl->width, pl->height, limit);
		glActiveTexture(GL_TEXTURE0 + p);
		glBindTexture(GL_TEXTURE_2D, up->texture[p]);
		glTexStorage2D(GL_TEXTURE_2D, 1, GL_R8, pl->width, pl->height);
		glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
		glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
		if (gpu_fill(up->texture[p], SENTINEL, "setup", f))
			return -1;
	}
	return 0;
}

static void setup(struct pipe *pipe, GLuint program)
{
	static const char *const name[PLANES] = { "plane0", "plane1", "plane2" };

	(void)pipe;
	for (int p = 0; p < PLANES; p++)
		glUniform1i(glGetUniformLocation(program, name[p]), p);
}

static int fill(struct pipe *pipe, const struct frame *frame, struct picture *memory, struct times *us, struct fault *f)
{
	struct upload *up = pipe->own;
	int64_t from = clock_us();

	(void)f;
	if (!up->packed) {
		*memory = frame->picture;
		return 0;
	}
	picture_pack(&frame->picture, &pipe->shape, up->packed);
	*memory = pipe->shape;
	picture_at(memory, up->packed);
	us->copy = clock_us() - from;
	return 0;
}

static int send_planes(struct pipe *pipe, const struct picture *memory, struct times *us, struct fault *f)
{
	struct upload *up = pipe->own;
	int64_t from = clock_us();

	for (int p = 0; p < memory->planes; p++) {
		const struct plane *pl = &memory->plane[p];
		uint32_t columns = pl->width, rows = pl->height;

		mischief_box(pipe->mischief, &columns, &rows);
		glActiveTexture(GL_TEXTURE0 + p);
		glBindTexture(GL_TEXTURE_2D, up->texture[p]);
		if (mischief_skips(pipe->mischief))
			continue;
		glPixelStorei(GL_UNPACK_ROW_LENGTH, pl->stride);
		glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, columns, rows, GL_RED, GL_UNSIGNED_BYTE, pl->data);
	}
	us->upload = clock_us() - from;
	return gpu_check("upload", f);
}

static void drawn(struct pipe *pipe)
{
	(void)pipe;
}

static void fini(struct pipe *pipe)
{
	struct upload *up = pipe->own;

	if (!up)
		return;
	glDeleteTextures(PLANES, up->texture);
	free(up->packed);
	free(up);
	pipe->own = NULL;
}

const struct pipe_ops pipe_upload = {
	.name = "upload", .glsl = glsl, .init = init, .setup = setup, .fill = fill, .send = send_planes, .drawn = drawn, .fini = fini,
};
