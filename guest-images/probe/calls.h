/*
 * How long single calls of virtio-gpu take from user space to the host and back, and what they cost the guest, without a decoder or Mesa in between:
 * each of a few calls many times, one after another. Refuses to judge, and to know pictures.
 */
#ifndef CALLS_H
#define CALLS_H

#include "lines.h"

/*
 * TIME: how long each takes. COST: for how long the guest is busy with it, which are instructions under -icount. COUNT: between marks in the host's trace (mark.h), what it is
 * made of.
 */
enum calls_mode { CALLS_TIME, CALLS_COST, CALLS_COUNT };

/* `device`: the primary node of a virtio-gpu (gpu_node()); another file in a test. Says a line per call, and an end line. The exit code of a pipeline. */
int calls_run(struct say *out, int64_t id, const char *device, enum calls_mode mode);

#endif
