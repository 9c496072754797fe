/* sample.h for Vulkan: the same two views of what is shown, computed by venus.comp. */
#include "colour.h"
#include "pipe-venus.h"
#include "sample.h"
#include "venus-compute.h"

#include <stdlib.h>
#include <string.h>

struct vulkan_sample {
	struct pipe *pipe;			/* borrowed */
	struct compute compute;
	struct push push;			/* what is the same for all parts of both views */
};

static void learn_push(struct vulkan_sample *own)
{
	const struct venus_layout *layout = pipe_venus_layout(own->pipe);
	const struct picture *shape = &own->pipe->shape;
	struct colour k = colour_of(shape->matrix, shape->full_range, shape->format == P010 ? 10 : 8);

	own->push = (struct push){
		.pitch = layout->pitch, .shift = k.shift, .black = k.black, .grey = k.grey, .ky = k.y, .rv = k.rv, .gu = k.gu, .gv = k.gv, .bu = k.bu,
	};
	memcpy(own->push.begin, layout->begin, sizeof(layout->begin));
	memcpy(own->push.stride, layout->stride, sizeof(layout->stride));
}

static int view_size(struct sample *s, struct vulkan_sample *own)
{
	const struct picture *shape = &own->pipe->shape;
	struct output *texels = &own->compute.view[TEXELS];
	int widest = 0;

	for (int p = 0; p < shape->planes; p++) {
		s->first_row[p] = texels->rows;
		texels->rows += shape->plane[p].height;
		widest = shape->plane[p].width > widest ? shape->plane[p].width : widest;
	}
	texels->columns = (widest + 3) / 4;
	own->compute.view[RGB].columns = shape->width;
	own->compute.view[RGB].rows = shape->height;
	s->texels = (struct view){ .width = texels->columns, .height = texels->rows };
	s->rgb = (struct view){ .width = shape->width, .height = shape->height };
	s->texels.pixels = malloc((size_t)s->texels.width * s->texels.height * 4);
	s->rgb.pixels = malloc((size_t)s->rgb.width * s->rgb.height * 4);
	return s->texels.pixels && s->rgb.pixels ? 0 : -1;
}

int sample_init(struct sample *s, struct pipe *pipe, struct fault *f)
{
	struct vulkan_sample *own = calloc(1, sizeof(*own));

	*s = (struct sample){ .own = own };
	if (!own)
		return fault(f, FAILED, "setup", "no memory");
	own->pipe = pipe;
	if (view_size(s, own))
		return fault(f, FAILED, "setup", "no memory");
	learn_push(own);
	return compute_init(&own->compute, pipe_venus_device(pipe), pipe->shape.format, f);
}

static void draw_texels(const struct vulkan_sample *own, const struct sample *s, VkCommandBuffer command)
{
	const struct picture *shape = &own->pipe->shape;
	struct push push = own->push;

	compute_bind(&own->compute, TEXELS, command);
	push.columns = own->compute.view[TEXELS].columns;
	for (int p = 0; p < shape->planes; p++) {
		push.plane = p;
		push.width = shape->plane[p].width;
		push.height = shape->plane[p].height;
		push.first_row = s->first_row[p];
		compute_dispatch(&own->compute, command, &push, (push.width + 3) / 4, push.height);
	}
}

static void draw_rgb(const struct vulkan_sample *own, VkCommandBuffer command)
{
	struct push push = own->push;

	compute_bind(&own->compute, RGB, command);
	push.columns = push.width = own->pipe->shape.width;
	push.height = own->pipe->shape.height;
	compute_dispatch(&own->compute, command, &push, push.width, push.height);
}

static int draw(struct sample *s, bool texels, struct times *us, struct fault *f)
{
	const VkMemoryBarrier written = {
		.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER, .srcAccessMask = VK_ACCESS_SHADER_WRITE_BIT, .dstAccessMask = VK_ACCESS_HOST_READ_BIT,
	};
	struct vulkan_sample *own = s->own;
	struct compute *c = &own->compute;
	struct venus *v = pipe_venus_device(own->pipe);
	const struct venus_buffer *shown = pipe_venus_shown(own->pipe);
	int64_t from = clock_us();

	compute_look_at(c, v, shown->view);
	if (venus_begin(v, f))
		return -1;
	venus_buffer_acquire(shown, v);
	if (texels)
		draw_texels(own, s, v->command);
	draw_rgb(own, v->command);
	vkCmdPipelineBarrier(v->command, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &written, 0, NULL, 0, NULL);
	venus_buffer_release(shown, v);
	if (venus_run(v, "draw", f))
		return -1;
	us->draw = clock_us() - from;
	return 0;
}

int sample_run(struct sample *s, const struct picture *shape, struct times *us, struct fault *f)
{
	const struct vulkan_sample *own = s->own;
	int64_t from;

	(void)shape;
	if (draw(s, true, us, f))
		return -1;
	from = clock_us();
	memcpy(s->texels.pixels, own->compute.view[TEXELS].map, (size_t)s->texels.width * s->texels.height * 4);
	memcpy(s->rgb.pixels, own->compute.view[RGB].map, (size_t)s->rgb.width * s->rgb.height * 4);
	us->readback = clock_us() - from;
	return 0;
}

int sample_show(struct sample *s, struct times *us, struct fault *f)
{
	return draw(s, false, us, f);
}

void sample_fini(struct sample *s)
{
	struct vulkan_sample *own = s->own;

	free(s->texels.pixels);
	free(s->rgb.pixels);
	if (own)
		compute_fini(&own->compute, pipe_venus_device(own->pipe));
	free(own);
	*s = (struct sample){ 0 };
}
