/*
 * "dmabuf": the picture lies in a buffer of virtio-gpu's, put there by the source itself, copied by us, or by a device's DMA; one
 * TRANSFER_TO_HOST brings it to the host, and the buffer's dma-buf, imported as an EGLImage, is what the shader reads. The planes lie in one
 * image as one byte array: Mesa's virgl ignores an import's offset and stride, so an import with planes in it would sample the wrong bytes.
 */
#include "pipe.h"

#include <stdlib.h>

struct dmabuf {
	bool copies;
	GLint begin[PLANES], stride[PLANES], pitch;	/* bytes; begin and stride of a plane, pitch of the image */
	uint32_t rows;				/* of the image that hold the picture: a decoder's buffer is larger */
	struct buffer *filled;			/* borrowed: taken from the pool by us; NULL */
	struct buffer *now;			/* borrowed: what send brings over */
	struct buffer *other;			/* borrowed: what was brought over last; NULL */
	uint8_t *staging;			/* owned; NULL unless a device copies: the picture as it is to lie in the buffer */
};

static const char *glsl(const struct pipe *pipe)
{
	if (pipe->shape.format == XRGB8888)
		return "uniform sampler2D bytes;\n"
		       "int texel(int plane, ivec2 at) {\n"
		       "	vec4 t = texelFetch(bytes, ivec2(at.x / 4, at.y), 0);\n"
		       "	int c = at.x % 4;\n"
		       "	return c == 3 ? 255 : int(round((c == 0 ? t.b : c == 1 ? t.g : t.r) * 255.0));\n"
		       "}\n";
	return "uniform sampler2D bytes;\n"
	       "uniform ivec3 begin, stride;\n"
	       "uniform int pitch;\n"
	       "int texel(int plane, ivec2 at) {\n"
	       "	int offset = begin[plane] + at.y * stride[plane] + at.x;\n"
	       "	return int(round(texelFetch(bytes, ivec2(offset % pitch, offset / pitch), 0).r * 255.0));\n"
	       "}\n";
}

static int learn_layout(struct pipe *pipe, const struct frame *first, struct fault *f)
{
	struct dmabuf *d = pipe->own;
	size_t begin[PLANES];

	d->copies = !first->buffer;
	if (d->copies) {
		picture_packed(&pipe->shape, begin);
		d->pitch = pipe->shape.plane[0].width;
	} else {
		if (first->picture.format != pipe->shape.format)
			return fault(f, UNSUPPORTED, "setup", "the source writes %s, and %s is wanted; nothing may be copied here",
				     picture_format_name(first->picture.format), picture_format_name(pipe->shape.format));
		for (int p = 0; p < first->picture.planes; p++)
			begin[p] = first->picture.plane[p].data - first->buffer->map;
		d->pitch = first->buffer->pitch;
		if (pipe->shape.format == XRGB8888 && (begin[0] || first->picture.plane[0].stride != first->buffer->pitch))
			return fault(f, UNSUPPORTED, "setup", "the rows of the picture are not those of the image over it");
	}
	for (int p = 0; p < pipe->shape.planes; p++) {
		d->begin[p] = begin[p];
		d->stride[p] = d->copies ? (size_t)pipe->shape.plane[p].width : first->picture.plane[p].stride;
		d->rows = (begin[p] + (size_t)d->stride[p] * (pipe->shape.plane[p].height - 1) + pipe->shape.plane[p].width - 1) / d->pitch + 1;
	}
	return 0;
}

static int init(struct pipe *pipe, const struct frame *first, struct fault *f)
{
	pipe->own = calloc(1, sizeof(struct dmabuf));
	return pipe->own ? learn_layout(pipe, first, f) : fault(f, FAILED, "setup", "no memory");
}

static void setup(struct pipe *pipe, GLuint program)
{
	const struct dmabuf *d = pipe->own;

	glUniform1i(glGetUniformLocation(program, "bytes"), 0);
	glUniform3i(glGetUniformLocation(program, "begin"), d->begin[0], d->begin[1], d->begin[2]);
	glUniform3i(glGetUniformLocation(program, "stride"), d->stride[0], d->stride[1], d->stride[2]);
	glUniform1i(glGetUniformLocation(program, "pitch"), d->pitch);
}

static int fill_by_device(struct pipe *pipe, const struct frame *frame, size_t bytes, struct fault *f)
{
	struct dmabuf *d = pipe->own;

	if (!d->staging)
		d->staging = malloc(bytes);
	if (!d->staging)
		return fault(f, FAILED, "setup", "no memory");
	picture_pack(&frame->picture, &pipe->shape, d->staging);
	return pool_dma_write(pipe->pool, d->filled, d->staging, bytes, f);
}

/*
 * No DMA_BUF_IOCTL_SYNC around the copy: for virtio-gpu it does nothing but wait for fences, and would hide a kernel whose VIRTGPU_WAIT
 * returns early.
 */
static int fill(struct pipe *pipe, const struct frame *frame, struct picture *memory, struct times *us, struct fault *f)
{
	struct dmabuf *d = pipe->own;
	size_t begin[PLANES], bytes;
	int64_t from;

	if (!d->copies) {
		d->now = frame->buffer;
		*memory = frame->picture;
		return 0;
	}
	bytes = picture_packed(&pipe->shape, begin);
	d->now = d->filled = pool_take(pipe->pool, d->pitch, bytes, us, f);
	if (!d->filled)
		return -1;
	from = clock_us();
	if (!pipe->pool->importer)
		picture_pack(&frame->picture, &pipe->shape, d->filled->map);
	else if (fill_by_device(pipe, frame, bytes, f))
		return -1;
	us->copy = clock_us() - from;
	*memory = pipe->shape;
	picture_at(memory, d->filled->map);
	return 0;
}

static int send_buffer(struct pipe *pipe, const struct picture *memory, struct times *us, struct fault *f)
{
	struct dmabuf *d = pipe->own;
	enum mischief_kind kind = pipe->mischief->kind;
	struct buffer *b = d->now, *shown = kind == WRONG_BUFFER && d->other ? d->other : d->now;
	int64_t from = clock_us();

	(void)memory;
	if (kind != SKIP_WAIT && !mischief_skips(pipe->mischief)) {
		uint32_t columns = b->pitch, rows = d->rows;

		mischief_box(pipe->mischief, &columns, &rows);
		if (pool_transfer(pipe->pool, b, columns, rows, f))
			return -1;
	}
	us->transfer = clock_us() - from;
	d->other = d->now;
	glActiveTexture(GL_TEXTURE0);
	glBindTexture(GL_TEXTURE_2D, shown->texture);
	return 0;
}

static void drawn(struct pipe *pipe)
{
	struct dmabuf *d = pipe->own;
	struct fault ignored = { 0 };

	/* In the wrong order on purpose: drawn first, brought over afterwards. */
	if (d->now && pipe->mischief->kind == SKIP_WAIT)
		pool_transfer(pipe->pool, d->now, d->now->pitch, d->rows, &ignored);
	d->now = NULL;
	if (d->filled)
		pool_give(pipe->pool, d->filled);
	d->filled = NULL;
}

static void fini(struct pipe *pipe)
{
	if (!pipe->own)
		return;
	drawn(pipe);
	free(((struct dmabuf *)pipe->own)->staging);
	free(pipe->own);
	pipe->own = NULL;
}

const struct pipe_ops pipe_dmabuf = {
	.name = "dmabuf", .glsl = glsl, .init = init, .setup = setup, .fill = fill, .send = send_buffer, .drawn = drawn, .fini = fini,
};
