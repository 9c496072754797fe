#include "gpu.h"
#include "virtgpu.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; at && (at = strstr(at, word)); at += len) {
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	}
	return false;
}

static int egl_fault(struct fault *f, const char *what)
{
	return fault(f, FAILED, "gpu", "%s: EGL error 0x%04x", what, (unsigned int)eglGetError());
}

static int make_context(struct gpu *gpu, struct fault *f)
{
	static const EGLint attributes[] = { EGL_CONTEXT_MAJOR_VERSION, 3, EGL_NONE };

	gpu->display = gpu->surfaceless ? eglGetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL)
					: eglGetPlatformDisplay(EGL_PLATFORM_GBM_KHR, gpu->gbm, NULL);
	if (gpu->display == EGL_NO_DISPLAY)
		return egl_fault(f, "eglGetPlatformDisplay");
	if (!eglInitialize(gpu->display, NULL, NULL))
		return egl_fault(f, "eglInitialize");
	if (!eglBindAPI(EGL_OPENGL_ES_API))
		return egl_fault(f, "eglBindAPI");
	gpu->context = eglCreateContext(gpu->display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attributes);
	if (gpu->context == EGL_NO_CONTEXT)
		return egl_fault(f, "eglCreateContext");
	if (!eglMakeCurrent(gpu->display, EGL_NO_SURFACE, EGL_NO_SURFACE, gpu->context))
		return egl_fault(f, "eglMakeCurrent");
	return 0;
}

static void learn_import(struct gpu *gpu)
{
	if (!has_word(eglQueryString(gpu->display, EGL_EXTENSIONS), "EGL_EXT_image_dma_buf_import") ||
	    !has_word((const char *)glGetString(GL_EXTENSIONS), "GL_OES_EGL_image"))
		return;
	gpu->create_image = (PFNEGLCREATEIMAGEKHRPROC)eglGetProcAddress("eglCreateImageKHR");
	gpu->destroy_image = (PFNEGLDESTROYIMAGEKHRPROC)eglGetProcAddress("eglDestroyImageKHR");
	gpu->image_target_texture = (PFNGLEGLIMAGETARGETTEXTURE2DOESPROC)eglGetProcAddress("glEGLImageTargetTexture2DOES");
	gpu->can_import = gpu->create_image && gpu->destroy_image && gpu->image_target_texture;
}

static int open_device(struct gpu *gpu, struct fault *f)
{
	gpu->fd = virtgpu_open(gpu->driver, sizeof(gpu->driver));
	if (gpu->fd < 0)
		return fault(f, FAILED, "gpu", "no DRM device: %s", strerror(errno));
	virtgpu_params(gpu->fd, &gpu->params);
	virtgpu_features(gpu->features, sizeof(gpu->features));
	gpu->gbm = gbm_create_device(gpu->fd);
	return gpu->gbm ? 0 : fault(f, FAILED, "gpu", "gbm_create_device: %s", strerror(errno));
}

int gpu_init(struct gpu *gpu, bool surfaceless, bool gl, struct fault *f)
{
	*gpu = (struct gpu){ .fd = -1, .surfaceless = surfaceless, .display = EGL_NO_DISPLAY, .context = EGL_NO_CONTEXT };
	if (!surfaceless && open_device(gpu, f))
		return -1;
	if (!gl)
		return 0;
	if (make_context(gpu, f))
		return -1;
	gpu->renderer = (const char *)glGetString(GL_RENDERER);
	gpu->vendor = (const char *)glGetString(GL_VENDOR);
	gpu->version = (const char *)glGetString(GL_VERSION);
	learn_import(gpu);
	return 0;
}

int gpu_formats(struct gpu *gpu, EGLint *fourcc, int room)
{
	PFNEGLQUERYDMABUFFORMATSEXTPROC query = (PFNEGLQUERYDMABUFFORMATSEXTPROC)eglGetProcAddress("eglQueryDmaBufFormatsEXT");
	EGLint count = 0;

	return gpu->can_import && query && query(gpu->display, room, fourcc, &count) ? count : 0;
}

bool gpu_has(struct gpu *gpu, const char *extension)
{
	return has_word(eglQueryString(gpu->display, EGL_EXTENSIONS), extension);
}

void gpu_fini(struct gpu *gpu)
{
	gpu->renderer = gpu->vendor = gpu->version = NULL;
	if (gpu->display != EGL_NO_DISPLAY) {
		eglMakeCurrent(gpu->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
		if (gpu->context != EGL_NO_CONTEXT)
			eglDestroyContext(gpu->display, gpu->context);
		eglTerminate(gpu->display);
	}
	gpu->display = EGL_NO_DISPLAY;
	gpu->context = EGL_NO_CONTEXT;
	if (gpu->gbm)
		gbm_device_destroy(gpu->gbm);
	gpu->gbm = NULL;
	if (gpu->fd >= 0)
		close(gpu->fd);
	gpu->fd = -1;
}

int gpu_fill(GLuint texture, uint8_t byte, const char *step, struct fault *f)
{
	GLuint framebuffer;
	GLenum complete;

	glGenFramebuffers(1, &framebuffer);
	glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
	glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
	complete = glCheckFramebufferStatus(GL_FRAMEBUFFER);
	if (complete == GL_FRAMEBUFFER_COMPLETE) {
		glClearColor(byte / 255.0f, 0, 0, 0);
		glClear(GL_COLOR_BUFFER_BIT);
		glFinish();
	}
	glBindFramebuffer(GL_FRAMEBUFFER, 0);
	glDeleteFramebuffers(1, &framebuffer);
	if (complete != GL_FRAMEBUFFER_COMPLETE)
		return fault(f, UNSUPPORTED, step, "an R8 texture cannot be drawn to: 0x%04x", complete);
	return gpu_check(step, f);
}

int gpu_check(const char *step, struct fault *f)
{
	GLenum error = glGetError();

	return error == GL_NO_ERROR ? 0 : fault(f, FAILED, step, "GL error 0x%04x", error);
}
