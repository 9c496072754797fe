/* What GStreamer's source and the pipe behind it share; nobody else includes this. */
#ifndef SOURCE_GST_H
#define SOURCE_GST_H

#include "gpu.h"
#include "source.h"

/* The textures of the frame whose foreign this is, uploaded and ready for our context; valid until done(). */
int source_gst_textures(void *foreign, GLuint texture[PLANES], struct fault *f);

/* -1 when GStreamer has said that something is wrong. */
int source_gst_fault(struct source *s, struct fault *f);

#endif
