#include "venus-compute.h"

#include "venus.comp.h"				/* venus_comp[]: made of venus.comp by the Makefile */

static int made(VkResult result, const char *call, struct fault *f)
{
	return result == VK_SUCCESS ? 0 : venus_fault(f, FAILED, "setup", call, result);
}

static int make_layout(struct compute *c, VkDevice device, struct fault *f)
{
	const VkDescriptorSetLayoutBinding binding[] = {
		{ 0, VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, 1, VK_SHADER_STAGE_COMPUTE_BIT, NULL },
		{ 1, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1, VK_SHADER_STAGE_COMPUTE_BIT, NULL },
	};
	const VkDescriptorSetLayoutCreateInfo set = {
		.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO, .bindingCount = 2, .pBindings = binding,
	};
	const VkPushConstantRange push = { VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof(struct push) };
	const VkPipelineLayoutCreateInfo layout = {
		.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO, .setLayoutCount = 1, .pSetLayouts = &c->set_layout,
		.pushConstantRangeCount = 1, .pPushConstantRanges = &push,
	};

	if (made(vkCreateDescriptorSetLayout(device, &set, NULL, &c->set_layout), "vkCreateDescriptorSetLayout", f))
		return -1;
	return made(vkCreatePipelineLayout(device, &layout, NULL, &c->layout), "vkCreatePipelineLayout", f);
}

static int make_shared(struct compute *c, VkDevice device, struct fault *f)
{
	const VkShaderModuleCreateInfo shader = {
		.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO, .codeSize = sizeof(venus_comp), .pCode = venus_comp,
	};
	const VkSamplerCreateInfo sampler = {	/* nearest, and nothing else: all zero */
		.sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO,
	};
	const VkDescriptorPoolSize size[] = { { VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, VIEWS }, { VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, VIEWS } };
	const VkDescriptorPoolCreateInfo pool = {
		.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO, .maxSets = VIEWS, .poolSizeCount = 2, .pPoolSizes = size,
	};

	if (made(vkCreateShaderModule(device, &shader, NULL, &c->shader), "vkCreateShaderModule", f) ||
	    made(vkCreateSampler(device, &sampler, NULL, &c->sampler), "vkCreateSampler", f) ||
	    made(vkCreateDescriptorPool(device, &pool, NULL, &c->pool), "vkCreateDescriptorPool", f))
		return -1;
	return make_layout(c, device, f);
}

static int make_buffer(struct output *out, struct venus *v, struct fault *f)
{
	const VkBufferCreateInfo create = {
		.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO, .size = (VkDeviceSize)out->columns * out->rows * 4, .usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT,
	};
	VkMemoryAllocateInfo allocate = { .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO };
	VkMemoryRequirements needs;
	void *map = NULL;
	int type;

	if (made(vkCreateBuffer(v->device, &create, NULL, &out->buffer), "vkCreateBuffer", f))
		return -1;
	vkGetBufferMemoryRequirements(v->device, out->buffer, &needs);
	type = venus_memory_type(v, needs.memoryTypeBits, VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT);
	if (type < 0)
		return fault(f, UNSUPPORTED, "setup", "no memory that can be read back");
	allocate.allocationSize = needs.size;
	allocate.memoryTypeIndex = type;
	if (made(vkAllocateMemory(v->device, &allocate, NULL, &out->memory), "vkAllocateMemory", f) ||
	    made(vkBindBufferMemory(v->device, out->buffer, out->memory, 0), "vkBindBufferMemory", f) ||
	    made(vkMapMemory(v->device, out->memory, 0, VK_WHOLE_SIZE, 0, &map), "vkMapMemory", f))
		return -1;
	out->map = map;
	return 0;
}

static int make_pipeline(struct compute *c, int view, enum picture_format format, VkDevice device, struct fault *f)
{
	const struct { int32_t format; VkBool32 rgb; } constant = { format, view == RGB };
	const VkSpecializationMapEntry entry[] = { { 0, 0, 4 }, { 1, 4, 4 } };
	const VkSpecializationInfo constants = { 2, entry, sizeof(constant), &constant };
	const VkComputePipelineCreateInfo create = {
		.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO, .layout = c->layout,
		.stage = {
			.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO, .stage = VK_SHADER_STAGE_COMPUTE_BIT, .module = c->shader,
			.pName = "main", .pSpecializationInfo = &constants,
		},
	};

	return made(vkCreateComputePipelines(device, VK_NULL_HANDLE, 1, &create, NULL, &c->view[view].pipeline), "vkCreateComputePipelines", f);
}

static int make_set(struct compute *c, struct output *out, VkDevice device, struct fault *f)
{
	const VkDescriptorSetAllocateInfo allocate = {
		.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO, .descriptorPool = c->pool, .descriptorSetCount = 1, .pSetLayouts = &c->set_layout,
	};
	const VkDescriptorBufferInfo pixels = { out->buffer, 0, VK_WHOLE_SIZE };
	VkWriteDescriptorSet write = {
		.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, .dstBinding = 1, .descriptorCount = 1, .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
		.pBufferInfo = &pixels,
	};

	if (made(vkAllocateDescriptorSets(device, &allocate, &out->set), "vkAllocateDescriptorSets", f))
		return -1;
	write.dstSet = out->set;
	vkUpdateDescriptorSets(device, 1, &write, 0, NULL);
	return 0;
}

int compute_init(struct compute *c, struct venus *v, enum picture_format format, struct fault *f)
{
	if (make_shared(c, v->device, f))
		return -1;
	for (int i = 0; i < VIEWS; i++) {
		if (make_buffer(&c->view[i], v, f) || make_pipeline(c, i, format, v->device, f) || make_set(c, &c->view[i], v->device, f))
			return -1;
	}
	return 0;
}

void compute_look_at(struct compute *c, struct venus *v, VkImageView view)
{
	const VkDescriptorImageInfo image = { c->sampler, view, VK_IMAGE_LAYOUT_GENERAL };
	VkWriteDescriptorSet write[VIEWS];

	for (int i = 0; i < VIEWS; i++) {
		write[i] = (VkWriteDescriptorSet){
			.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET, .dstSet = c->view[i].set, .dstBinding = 0, .descriptorCount = 1,
			.descriptorType = VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, .pImageInfo = &image,
		};
	}
	vkUpdateDescriptorSets(v->device, VIEWS, write, 0, NULL);
}

void compute_dispatch(const struct compute *c, VkCommandBuffer command, const struct push *push, int columns, int rows)
{
	vkCmdPushConstants(command, c->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof(*push), push);
	vkCmdDispatch(command, (columns + GROUP - 1) / GROUP, (rows + GROUP - 1) / GROUP, 1);
}

void compute_bind(const struct compute *c, int view, VkCommandBuffer command)
{
	vkCmdBindPipeline(command, VK_PIPELINE_BIND_POINT_COMPUTE, c->view[view].pipeline);
	vkCmdBindDescriptorSets(command, VK_PIPELINE_BIND_POINT_COMPUTE, c->layout, 0, 1, &c->view[view].set, 0, NULL);
}

static void output_fini(struct output *out, VkDevice device)
{
	vkDestroyPipeline(device, out->pipeline, NULL);
	vkDestroyBuffer(device, out->buffer, NULL);
	vkFreeMemory(device, out->memory, NULL);
}

void compute_fini(struct compute *c, struct venus *v)
{
	if (v->device) {
		for (int i = 0; i < VIEWS; i++)
			output_fini(&c->view[i], v->device);
		vkDestroyPipelineLayout(v->device, c->layout, NULL);
		vkDestroyDescriptorSetLayout(v->device, c->set_layout, NULL);
		vkDestroyDescriptorPool(v->device, c->pool, NULL);
		vkDestroySampler(v->device, c->sampler, NULL);
		vkDestroyShaderModule(v->device, c->shader, NULL);
	}
	*c = (struct compute){ 0 };
}
