/*
 * The paths that are no source and pipe: what each needs, looked for, and the evidence where it is not there. Refuses to guess.
 */
#ifndef ELSEWHERE_H
#define ELSEWHERE_H

#include "fault.h"
#include "gpu.h"

/* -1: this pipeline is one of them, and cannot run here: see f. */
int elsewhere_missing(const char *pipeline, struct gpu *gpu, struct fault *f);

#endif
