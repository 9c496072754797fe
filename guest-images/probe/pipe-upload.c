/*
 * "upload": the decoder's planes go to three R8 textures by glTexSubImage2D. No dma-buf; Mesa makes every transfer. The baseline, and
 * the oracle for the others.
 */
#include "pipe.h"

#include <stdlib.h>

struct upload {
	GLuint texture[PLANES];			/* owned; 0 */
};

static const char glsl[] =
	"uniform sampler2D tex_y, tex_u, tex_v;\n"
	"int texel(int plane, ivec2 at) {\n"
	"	float t = plane == 0 ? texelFetch(tex_y, at, 0).r : plane == 1 ? texelFetch(tex_u, at, 0).r : texelFetch(tex_v, at, 0).r;\n"
	"	return int(round(t * 255.0));\n"
	"}\n";

static void put(struct upload *up, int p, const struct plane *pl)
{
	glActiveTexture(GL_TEXTURE0 + p);
	glBindTexture(GL_TEXTURE_2D, up->texture[p]);
	glPixelStorei(GL_UNPACK_ROW_LENGTH, pl->stride);
	glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, pl->width, pl->height, GL_RED, GL_UNSIGNED_BYTE, pl->data);
}

static int init(struct pipe *pipe, struct fault *f)
{
	struct upload *up = pipe->own = calloc(1, sizeof(*up));

	if (!up)
		return fault(f, FAILED, "setup", "no memory");
	glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
	glGenTextures(PLANES, up->texture);
	for (int p = 0; p < PLANES; p++) {
		const struct plane *pl = &pipe->shape.plane[p];

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
	static const char *const name[PLANES] = { "tex_y", "tex_u", "tex_v" };

	(void)pipe;
	for (int p = 0; p < PLANES; p++)
		glUniform1i(glGetUniformLocation(program, name[p]), p);
}

static int fill(struct pipe *pipe, const struct picture *decoded, struct picture *memory, struct times *us, struct fault *f)
{
	(void)pipe, (void)us, (void)f;
	*memory = *decoded;
	return 0;
}

static int send_planes(struct pipe *pipe, const struct picture *memory, struct times *us, struct fault *f)
{
	int64_t from = clock_us();

	for (int p = 0; p < PLANES; p++)
		put(pipe->own, p, &memory->plane[p]);
	us->upload = clock_us() - from;
	return gpu_check("upload", f);
}

static void fini(struct pipe *pipe)
{
	struct upload *up = pipe->own;

	if (up)
		glDeleteTextures(PLANES, up->texture);
	free(up);
	pipe->own = NULL;
}

const struct pipe_ops pipe_upload = {
	.name = "upload", .glsl = glsl, .init = init, .setup = setup, .fill = fill, .send = send_planes, .fini = fini,
};
