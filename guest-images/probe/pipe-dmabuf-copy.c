/*
 * "dmabuf-copy": the decoder's planes are copied into a virtio-gpu buffer through its dma-buf, one TRANSFER_TO_HOST brings them to the
 * host, and the same dma-buf, imported as an EGLImage, is what the shader reads. The three planes lie back to back as one byte array in
 * one R8 image: Mesa's virgl ignores an import's offset and stride, so an import with planes in it would sample the wrong bytes.
 */
#include "pipe.h"
#include "virtgpu.h"

#include <drm_fourcc.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>

#define RING 2

struct buffer {
	struct gbm_bo *bo;			/* owned; NULL */
	uint32_t handle;			/* the bo's own GEM handle: never close it, Mesa has not counted ours */
	int dmabuf;				/* owned; -1 */
	uint8_t *map;				/* owned; NULL */
	size_t map_len;
	EGLImageKHR image;			/* owned; EGL_NO_IMAGE_KHR */
	GLuint texture;				/* owned; 0 */
};

struct dmabuf_copy {
	uint32_t width, rows;			/* of the R8 image; the host takes its stride to be width */
	size_t begin[PLANES];
	struct buffer ring[RING];
	int next, sending;			/* index of the buffer to fill, of the one filled last */
};

static const char glsl[] =
	"uniform sampler2D bytes;\n"
	"uniform ivec3 begin, stride;\n"
	"uniform int pitch;\n"
	"int texel(int plane, ivec2 at) {\n"
	"	int offset = begin[plane] + at.y * stride[plane] + at.x;\n"
	"	return int(round(texelFetch(bytes, ivec2(offset % pitch, offset / pitch), 0).r * 255.0));\n"
	"}\n";

static int allocate(struct buffer *b, struct gpu *gpu, uint32_t width, uint32_t rows, struct fault *f)
{
	off_t end;

	b->bo = gbm_bo_create(gpu->gbm, width, rows, GBM_FORMAT_R8, GBM_BO_USE_LINEAR | GBM_BO_USE_RENDERING);
	if (!b->bo)
		return fault(f, UNSUPPORTED, "setup", "gbm_bo_create of R8 %u x %u: %s", width, rows, strerror(errno));
	if (gbm_bo_get_stride(b->bo) != width)
		return fault(f, UNSUPPORTED, "setup", "the buffer's stride is %u for a width of %u", gbm_bo_get_stride(b->bo), width);
	b->handle = gbm_bo_get_handle(b->bo).u32;
	/* gbm_bo_get_fd() would give a dma-buf that cannot be mapped for writing. */
	if (drmPrimeHandleToFD(gpu->fd, b->handle, DRM_CLOEXEC | DRM_RDWR, &b->dmabuf)) {
		b->dmabuf = -1;
		return fault(f, FAILED, "setup", "export: %s", strerror(errno));
	}
	end = lseek(b->dmabuf, 0, SEEK_END);
	if (end < (off_t)width * rows)
		return fault(f, FAILED, "setup", "a dma-buf of %lld bytes for %u x %u", (long long)end, width, rows);
	/* Never map it through GBM or GL: that reads the host's content back over these pages. */
	b->map = mmap(NULL, end, PROT_READ | PROT_WRITE, MAP_SHARED, b->dmabuf, 0);
	if (b->map == MAP_FAILED) {
		b->map = NULL;
		return fault(f, FAILED, "setup", "mmap of the dma-buf: %s", strerror(errno));
	}
	b->map_len = end;
	return 0;
}

static int import(struct buffer *b, struct gpu *gpu, uint32_t width, uint32_t rows, struct fault *f)
{
	const EGLint attributes[] = {
		EGL_WIDTH, width, EGL_HEIGHT, rows, EGL_LINUX_DRM_FOURCC_EXT, DRM_FORMAT_R8,
		EGL_DMA_BUF_PLANE0_FD_EXT, b->dmabuf, EGL_DMA_BUF_PLANE0_OFFSET_EXT, 0, EGL_DMA_BUF_PLANE0_PITCH_EXT, width,
		EGL_NONE,
	};

	b->image = gpu->create_image(gpu->display, EGL_NO_CONTEXT, EGL_LINUX_DMA_BUF_EXT, NULL, attributes);
	if (b->image == EGL_NO_IMAGE_KHR)
		return fault(f, UNSUPPORTED, "setup", "import of the dma-buf: EGL error 0x%04x", (unsigned int)eglGetError());
	glGenTextures(1, &b->texture);
	glBindTexture(GL_TEXTURE_2D, b->texture);
	gpu->image_target_texture(GL_TEXTURE_2D, b->image);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
	glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
	return gpu_check("setup", f);
}

static int transfer(struct dmabuf_copy *dc, struct buffer *b, struct gpu *gpu, struct fault *f)
{
	if (virtgpu_transfer_to_host(gpu->fd, b->handle, dc->width, dc->rows))
		return fault(f, FAILED, "transfer", "TRANSFER_TO_HOST: %s", strerror(errno));
	return 0;
}

static int wait_idle(struct buffer *b, struct gpu *gpu, struct fault *f)
{
	if (virtgpu_wait(gpu->fd, b->handle))
		return fault(f, FAILED, "wait", "VIRTGPU_WAIT: %s", strerror(errno));
	return 0;
}

static int init(struct pipe *pipe, struct fault *f)
{
	struct dmabuf_copy *dc = pipe->own = calloc(1, sizeof(*dc));
	size_t bytes;

	if (!dc)
		return fault(f, FAILED, "setup", "no memory");
	for (int i = 0; i < RING; i++)
		dc->ring[i].dmabuf = -1;
	if (!pipe->gpu->can_import)
		return fault(f, UNSUPPORTED, "setup", "EGL has no dma-buf import here");
	bytes = picture_packed(&pipe->shape, dc->begin);
	dc->width = pipe->shape.width;
	dc->rows = (bytes + dc->width - 1) / dc->width;
	glActiveTexture(GL_TEXTURE0);
	for (int i = 0; i < RING; i++) {
		struct buffer *b = &dc->ring[i];

		if (allocate(b, pipe->gpu, dc->width, dc->rows, f) || import(b, pipe->gpu, dc->width, dc->rows, f))
			return -1;
		memset(b->map, SENTINEL, b->map_len);
		if (transfer(dc, b, pipe->gpu, f) || wait_idle(b, pipe->gpu, f) || gpu_fill(b->texture, SENTINEL, "setup", f))
			return -1;
	}
	return 0;
}

static void setup(struct pipe *pipe, GLuint program)
{
	struct dmabuf_copy *dc = pipe->own;
	const struct plane *pl = pipe->shape.plane;

	glUniform1i(glGetUniformLocation(program, "bytes"), 0);
	glUniform3i(glGetUniformLocation(program, "begin"), dc->begin[0], dc->begin[1], dc->begin[2]);
	glUniform3i(glGetUniformLocation(program, "stride"), pl[0].width, pl[1].width, pl[2].width);
	glUniform1i(glGetUniformLocation(program, "pitch"), dc->width);
}

/*
 * No DMA_BUF_IOCTL_SYNC around the copy: for virtio-gpu it does nothing but wait for fences, and would hide a kernel whose VIRTGPU_WAIT
 * returns early.
 */
static int fill(struct pipe *pipe, const struct picture *decoded, struct picture *memory, struct times *us, struct fault *f)
{
	struct dmabuf_copy *dc = pipe->own;
	struct buffer *b = &dc->ring[dc->next];
	int64_t from = clock_us();

	dc->sending = dc->next;
	dc->next = (dc->next + 1) % RING;
	if (wait_idle(b, pipe->gpu, f))
		return -1;
	us->wait = clock_us() - from;
	from = clock_us();
	picture_pack(decoded, b->map);
	us->copy = clock_us() - from;
	*memory = pipe->shape;
	picture_at(memory, b->map);
	return 0;
}

static int send_buffer(struct pipe *pipe, const struct picture *memory, struct times *us, struct fault *f)
{
	struct dmabuf_copy *dc = pipe->own;
	struct buffer *b = &dc->ring[dc->sending];
	int64_t from = clock_us();

	(void)memory;
	if (transfer(dc, b, pipe->gpu, f))
		return -1;
	us->transfer = clock_us() - from;
	glActiveTexture(GL_TEXTURE0);
	glBindTexture(GL_TEXTURE_2D, b->texture);
	return 0;
}

static void fini(struct pipe *pipe)
{
	struct dmabuf_copy *dc = pipe->own;

	if (!dc)
		return;
	for (int i = 0; i < RING; i++) {
		struct buffer *b = &dc->ring[i];

		glDeleteTextures(1, &b->texture);
		if (b->image != EGL_NO_IMAGE_KHR)
			pipe->gpu->destroy_image(pipe->gpu->display, b->image);
		if (b->map)
			munmap(b->map, b->map_len);
		if (b->dmabuf >= 0)
			close(b->dmabuf);
		if (b->bo)
			gbm_bo_destroy(b->bo);
	}
	free(dc);
	pipe->own = NULL;
}

const struct pipe_ops pipe_dmabuf_copy = {
	.name = "dmabuf-copy", .glsl = glsl, .init = init, .setup = setup, .fill = fill, .send = send_buffer, .fini = fini,
};
