#include "colour.h"
#include "sample.h"

#include <stdlib.h>

static const char vertex_source[] =
	"#version 300 es\n"
	"void main() {\n"			/* one triangle that covers the viewport */
	"	gl_Position = vec4(vec2(gl_VertexID % 2, gl_VertexID / 2) * 4.0 - 1.0, 0.0, 1.0);\n"
	"}\n";

static const char fragment_head[] =
	"#version 300 es\n"
	"precision highp float;\n"
	"precision highp int;\n"
	"precision highp sampler2D;\n"
	"out vec4 color;\n";

static const char texels_main[] =
	"uniform int plane, width;\n"
	"uniform ivec2 origin;\n"
	"int byte_at(ivec2 at) { return at.x < width ? seen(plane, at) : 0; }\n"
	"void main() {\n"
	"	ivec2 at = (ivec2(gl_FragCoord.xy) - origin) * ivec2(4, 1);\n"
	"	ivec4 t = ivec4(byte_at(at), byte_at(at + ivec2(1, 0)), byte_at(at + ivec2(2, 0)), byte_at(at + ivec2(3, 0)));\n"
	"	color = vec4(t) / 255.0;\n"
	"}\n";

/* The samples y, u, v of the pixel at "at", in each format. */
static const char *const samples_of[] = {
	[I420] = "ivec3 samples(ivec2 at) { ivec2 c = at >> 1; return ivec3(seen(0, at), seen(1, c), seen(2, c)); }\n",
	[NV12] = "ivec3 samples(ivec2 at) { ivec2 c = at >> 1; c.x *= 2; return ivec3(seen(0, at), seen(1, c), seen(1, c + ivec2(1, 0))); }\n",
	[P010] = "int ten(int plane, ivec2 at) { return (seen(plane, at) + 256 * seen(plane, at + ivec2(1, 0))) >> 6; }\n"
		 "ivec3 samples(ivec2 at) {\n"
		 "	ivec2 c = (at >> 1) * ivec2(4, 1);\n"
		 "	return ivec3(ten(0, at * ivec2(2, 1)), ten(1, c), ten(1, c + ivec2(2, 0)));\n"
		 "}\n",
};

static const char yuv_main[] =
	"uniform int shift, black, grey, ky, rv, gu, gv, bu;\n"
	"void main() {\n"
	"	ivec3 s = samples(ivec2(gl_FragCoord.xy));\n"
	"	int c = ky * (s.x - black) + (1 << (shift - 1)), d = s.y - grey, e = s.z - grey;\n"
	"	ivec3 rgb = ivec3(c + rv * e, c - gu * d - gv * e, c + bu * d) >> shift;\n"
	"	color = vec4(vec3(clamp(rgb, 0, 255)) / 255.0, 1.0);\n"
	"}\n";

static const char xrgb_main[] =
	"void main() {\n"
	"	ivec2 at = ivec2(gl_FragCoord.xy) * ivec2(4, 1);\n"
	"	color = vec4(vec3(seen(0, at + ivec2(2, 0)), seen(0, at + ivec2(1, 0)), seen(0, at)) / 255.0, 1.0);\n"
	"}\n";

static GLuint compile(GLenum kind, const char *const source[], int count, struct fault *f)
{
	GLuint shader = glCreateShader(kind);
	GLint good = 0;
	char log[384] = "";

	glShaderSource(shader, count, source, NULL);
	glCompileShader(shader);
	glGetShaderiv(shader, GL_COMPILE_STATUS, &good);
	if (good)
		return shader;
	glGetShaderInfoLog(shader, sizeof(log), NULL, log);
	glDeleteShader(shader);
	fault(f, FAILED, "setup", "shader: %s", log);
	return 0;
}

static int link_program(struct view *v, struct pipe *pipe, const char *more, const char *body, struct fault *f)
{
	char seen[1024];
	const char *const vertex[] = { vertex_source }, *const fragment[] = { fragment_head, pipe->ops->glsl(pipe), seen, more, body };
	GLuint vs = compile(GL_VERTEX_SHADER, vertex, 1, f), fs;
	GLint good = 0;

	mischief_glsl(pipe->mischief->kind, &pipe->shape, seen, sizeof(seen));
	fs = vs ? compile(GL_FRAGMENT_SHADER, fragment, 5, f) : 0;
	if (fs) {
		v->program = glCreateProgram();
		glAttachShader(v->program, vs);
		glAttachShader(v->program, fs);
		glLinkProgram(v->program);
		glGetProgramiv(v->program, GL_LINK_STATUS, &good);
	}
	glDeleteShader(vs);			/* 0 is ignored; an attached one lives on with its program */
	glDeleteShader(fs);
	return good ? 0 : fault(f, FAILED, "setup", "the program does not link");
}

static int view_init(struct view *v, struct pipe *pipe, const char *more, const char *body, struct fault *f)
{
	if (link_program(v, pipe, more, body, f))
		return -1;
	v->pixels = malloc((size_t)v->width * v->height * 4);
	if (!v->pixels)
		return fault(f, FAILED, "setup", "no memory");
	glGenFramebuffers(1, &v->framebuffer);
	glGenRenderbuffers(1, &v->renderbuffer);
	glBindFramebuffer(GL_FRAMEBUFFER, v->framebuffer);
	glBindRenderbuffer(GL_RENDERBUFFER, v->renderbuffer);
	glRenderbufferStorage(GL_RENDERBUFFER, GL_RGBA8, v->width, v->height);
	glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, v->renderbuffer);
	if (glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE)
		return fault(f, UNSUPPORTED, "setup", "no RGBA8 framebuffer of %d x %d", v->width, v->height);
	glUseProgram(v->program);
	return 0;
}

/* The wrong one on purpose: limited for full, BT.709 for BT.601, BT.601 for any other. */
static struct colour colour_for(const struct pipe *pipe)
{
	const struct picture *shape = &pipe->shape;
	enum picture_matrix matrix = shape->matrix;

	if (pipe->mischief->kind == WRONG_MATRIX)
		matrix = matrix == BT601 ? BT709 : BT601;
	return colour_of(matrix, shape->full_range != (pipe->mischief->kind == WRONG_RANGE), shape->format == P010 ? 10 : 8);
}

static void set_colour(GLuint program, const struct colour *c)
{
	const struct { const char *name; int value; } uniform[] = {
		{ "shift", c->shift }, { "black", c->black }, { "grey", c->grey }, { "ky", c->y }, { "rv", c->rv }, { "gu", c->gu }, { "gv", c->gv }, { "bu", c->bu },
	};

	for (size_t i = 0; i < sizeof(uniform) / sizeof(uniform[0]); i++)
		glUniform1i(glGetUniformLocation(program, uniform[i].name), uniform[i].value);
}

int sample_init(struct sample *s, struct pipe *pipe, struct fault *f)
{
	const struct picture *shape = &pipe->shape;
	struct colour colour = colour_for(pipe);
	bool rgb = shape->format == XRGB8888;
	int rows = 0, widest = 0;

	*s = (struct sample){ 0 };
	for (int p = 0; p < shape->planes; p++) {
		s->first_row[p] = rows;
		rows += shape->plane[p].height;
		widest = shape->plane[p].width > widest ? shape->plane[p].width : widest;
	}
	s->texels.width = (widest + 3) / 4;
	s->texels.height = rows;
	s->rgb.width = shape->width;
	s->rgb.height = shape->height;
	glGenVertexArrays(1, &s->vertices);
	glBindVertexArray(s->vertices);
	glDisable(GL_DITHER);
	glPixelStorei(GL_PACK_ALIGNMENT, 4);
	if (view_init(&s->texels, pipe, "", texels_main, f))
		return -1;
	pipe->ops->setup(pipe, s->texels.program);
	s->plane = glGetUniformLocation(s->texels.program, "plane");
	s->origin = glGetUniformLocation(s->texels.program, "origin");
	s->width = glGetUniformLocation(s->texels.program, "width");
	if (view_init(&s->rgb, pipe, rgb ? "" : samples_of[shape->format], rgb ? xrgb_main : yuv_main, f))
		return -1;
	pipe->ops->setup(pipe, s->rgb.program);
	if (!rgb)
		set_colour(s->rgb.program, &colour);
	return gpu_check("setup", f);
}

static void draw_texels(struct sample *s, const struct picture *shape)
{
	glBindFramebuffer(GL_FRAMEBUFFER, s->texels.framebuffer);
	glUseProgram(s->texels.program);
	for (int p = 0; p < shape->planes; p++) {
		const struct plane *pl = &shape->plane[p];

		glViewport(0, s->first_row[p], (pl->width + 3) / 4, pl->height);
		glUniform1i(s->plane, p);
		glUniform2i(s->origin, 0, s->first_row[p]);
		glUniform1i(s->width, pl->width);
		glDrawArrays(GL_TRIANGLES, 0, 3);
	}
}

static void draw_rgb(struct sample *s)
{
	glBindFramebuffer(GL_FRAMEBUFFER, s->rgb.framebuffer);
	glUseProgram(s->rgb.program);
	glViewport(0, 0, s->rgb.width, s->rgb.height);
	glDrawArrays(GL_TRIANGLES, 0, 3);
}

static void read_view(struct view *v)
{
	glBindFramebuffer(GL_FRAMEBUFFER, v->framebuffer);
	glReadPixels(0, 0, v->width, v->height, GL_RGBA, GL_UNSIGNED_BYTE, v->pixels);
}

int sample_run(struct sample *s, const struct picture *shape, struct times *us, struct fault *f)
{
	int64_t from = clock_us();

	draw_texels(s, shape);
	draw_rgb(s);
	glFinish();				/* or the readback would be billed for the drawing */
	us->draw = clock_us() - from;
	if (gpu_check("draw", f))
		return -1;
	from = clock_us();
	read_view(&s->texels);
	read_view(&s->rgb);
	us->readback = clock_us() - from;
	return gpu_check("readback", f);
}

int sample_show(struct sample *s, struct times *us, struct fault *f)
{
	int64_t from = clock_us();

	draw_rgb(s);
	glFinish();
	us->draw = clock_us() - from;
	return gpu_check("draw", f);
}

static void view_fini(struct view *v)
{
	glDeleteProgram(v->program);
	glDeleteFramebuffers(1, &v->framebuffer);
	glDeleteRenderbuffers(1, &v->renderbuffer);
	free(v->pixels);
	*v = (struct view){ 0 };
}

void sample_fini(struct sample *s)
{
	view_fini(&s->texels);
	view_fini(&s->rgb);
	glDeleteVertexArrays(1, &s->vertices);
	s->vertices = 0;
}
