/*
 * venus.comp, ready to run: its pipelines, one per view, and the buffers that it writes and the guest maps. Refuses to know what is read with it.
 */
#ifndef VENUS_COMPUTE_H
#define VENUS_COMPUTE_H

#include "picture.h"
#include "venus.h"

#define GROUP 16				/* local_size of venus.comp */

enum { TEXELS, RGB, VIEWS };

struct push {					/* Push of venus.comp */
	int32_t begin[4], stride[4];
	int32_t pitch, plane, width, height, columns, first_row;
	int32_t shift, black, grey, ky, rv, gu, gv, bu;
};

struct output {
	int columns, rows;			/* of words */
	VkBuffer buffer;			/* owned; VK_NULL_HANDLE, as is memory */
	VkDeviceMemory memory;
	const uint8_t *map;			/* borrowed from memory */
	VkPipeline pipeline;			/* owned; VK_NULL_HANDLE */
	VkDescriptorSet set;			/* owned by the pool */
};

struct compute {
	VkShaderModule shader;			/* all owned; VK_NULL_HANDLE */
	VkSampler sampler;
	VkDescriptorSetLayout set_layout;
	VkPipelineLayout layout;
	VkDescriptorPool pool;
	struct output view[VIEWS];
};

/* With every view's columns and rows set. On -1 compute_fini() all the same. */
int compute_init(struct compute *c, struct venus *v, enum picture_format format, struct fault *f);

/* Says which image the shader reads; nothing may be running. */
void compute_look_at(struct compute *c, struct venus *v, VkImageView image);

/* Records: from here on this view, then one call for each part of it. */
void compute_bind(const struct compute *c, int view, VkCommandBuffer command);
void compute_dispatch(const struct compute *c, VkCommandBuffer command, const struct push *push, int columns, int rows);

void compute_fini(struct compute *c, struct venus *v);	/* safe half-made, safe twice */

#endif
