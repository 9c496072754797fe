/*
 * "venus": the picture is copied into a dma-buf of Venus's memory, and that dma-buf is what a Vulkan shader reads. The memory is the host's, so
 * there is nothing to transfer. The planes lie in one image as one byte array, as in pipe-dmabuf.c.
 */
#include "pipe-venus.h"
#include "venus-import.h"

#include <stdlib.h>

#define RING 2

struct vulkan {
	struct venus maker;			/* of the memory */
	struct venus venus;			/* that samples it */
	struct venus_layout layout;
	struct venus_buffer buffer[RING];
	int next;				/* to be filled */
	const struct venus_buffer *filled;	/* borrowed, as are the next two; what send brings over */
	const struct venus_buffer *shown;
	const struct venus_buffer *before;	/* shown before; NULL */
};

struct venus *pipe_venus_device(struct pipe *pipe)
{
	return &((struct vulkan *)pipe->own)->venus;
}

const struct venus_layout *pipe_venus_layout(const struct pipe *pipe)
{
	return &((const struct vulkan *)pipe->own)->layout;
}

const struct venus_buffer *pipe_venus_shown(const struct pipe *pipe)
{
	return ((const struct vulkan *)pipe->own)->shown;
}

static int make_buffers(struct vulkan *own, const struct picture *shape, struct fault *f)
{
	struct venus_layout *layout = &own->layout;
	size_t begin[PLANES], bytes = picture_packed(shape, begin);
	uint32_t rows;

	for (int p = 0; p < shape->planes; p++) {
		layout->begin[p] = begin[p];
		layout->stride[p] = shape->plane[p].width;
	}
	layout->pitch = (shape->plane[0].width + VENUS_ROW - 1) / VENUS_ROW * VENUS_ROW;
	rows = (bytes + layout->pitch - 1) / layout->pitch;
	for (int i = 0; i < RING; i++) {
		if (venus_buffer_init(&own->buffer[i], &own->maker, &own->venus, layout->pitch, rows, f))
			return -1;
	}
	venus_tell(&own->venus, "buffer", "a dma-buf of another Venus device's memory, imported as R8, %d x %u", layout->pitch, rows);
	return 0;
}

static int init(struct pipe *pipe, const struct frame *first, struct fault *f)
{
	struct vulkan *own = calloc(1, sizeof(*own));

	(void)first;
	pipe->own = own;
	if (!own)
		return fault(f, FAILED, "setup", "no memory");
	own->venus.tell = pipe->negotiated;
	own->venus.opaque = pipe->opaque;
	for (int i = 0; i < RING; i++)
		own->buffer[i].dmabuf = -1;
	if (venus_init(&own->venus, f) || venus_init(&own->maker, f))
		return -1;
	venus_import_tell(&own->venus, pipe->pool, &pipe->shape);
	return make_buffers(own, &pipe->shape, f);
}

/* A buffer is idle when its turn comes: whoever samples waits until it is sampled. */
static int fill(struct pipe *pipe, const struct frame *frame, struct picture *memory, struct times *us, struct fault *f)
{
	struct vulkan *own = pipe->own;
	const struct venus_buffer *b = &own->buffer[own->next];
	int64_t from = clock_us();

	(void)f;
	own->next = (own->next + 1) % RING;
	picture_pack(&frame->picture, &pipe->shape, b->map);
	us->copy = clock_us() - from;
	*memory = pipe->shape;
	picture_at(memory, b->map);
	own->filled = b;
	return 0;
}

static int send_buffer(struct pipe *pipe, const struct picture *memory, struct times *us, struct fault *f)
{
	struct vulkan *own = pipe->own;

	(void)memory, (void)us, (void)f;
	own->shown = pipe->mischief->kind == WRONG_BUFFER && own->before ? own->before : own->filled;
	own->before = own->filled;
	return 0;
}

static void drawn(struct pipe *pipe)
{
	(void)pipe;
}

static void fini(struct pipe *pipe)
{
	struct vulkan *own = pipe->own;

	if (!own)
		return;
	for (int i = 0; i < RING; i++)
		venus_buffer_fini(&own->buffer[i], &own->maker, &own->venus);
	venus_fini(&own->venus);
	venus_fini(&own->maker);
	free(own);
	pipe->own = NULL;
}

const struct pipe_ops pipe_venus = { .name = "venus", .init = init, .fill = fill, .send = send_buffer, .drawn = drawn, .fini = fini };
