/*
 * A current GLES 3 context on the guest's GPU, or on whatever renderer the host has, without any surface, and what it says of itself. Refuses to judge the renderer and to know
 * what is drawn.
 */
#ifndef GPU_H
#define GPU_H

#include "fault.h"
#include "virtgpu.h"

#include <gbm.h>
#include <stdbool.h>
#include <stdint.h>

#define EGL_NO_X11
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GLES3/gl3.h>
#include <GLES2/gl2ext.h>

struct gpu {
	int fd;					/* owned; -1; GBM's contexts and resources live on this very file */
	struct gbm_device *gbm;			/* owned; NULL */
	EGLDisplay display;			/* owned; EGL_NO_DISPLAY */
	EGLContext context;			/* owned; EGL_NO_CONTEXT; current */
	const char *renderer, *vendor, *version;	/* borrowed from the context; NULL before there is one */
	char driver[32];
	char features[4096];
	struct virtgpu_params params;
	bool surfaceless;			/* no DRM device: fd is -1, and a renderer of the host's is what there is */
	bool can_import;			/* the three functions below are there */
	PFNEGLCREATEIMAGEKHRPROC create_image;
	PFNEGLDESTROYIMAGEKHRPROC destroy_image;
	PFNGLEGLIMAGETARGETTEXTURE2DOESPROC image_target_texture;
};

/* The device and a context. Without one of GL, `renderer` stays NULL. */
int gpu_init(struct gpu *gpu, bool surfaceless, bool gl, struct fault *f);
void gpu_fini(struct gpu *gpu);

/* Fourccs that EGL says it imports; how many. */
int gpu_formats(struct gpu *gpu, EGLint *fourcc, int room);
bool gpu_has(struct gpu *gpu, const char *extension);	/* of EGL */

/*
 * Fills a renderable R8 texture by drawing, so that what is in it at first came no way that a pipeline uses. Leaves no framebuffer bound.
 */
int gpu_fill(GLuint texture, uint8_t byte, const char *step, struct fault *f);

/* 0, or the fault that GL's error state is. */
int gpu_check(const char *step, struct fault *f);

#endif
