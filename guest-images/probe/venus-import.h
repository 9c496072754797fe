/*
 * What Venus says to a dma-buf that it has not made: a classic resource of virtio-gpu's, such as the other pipelines sample through GL. Asked
 * in a process of its own, because Mesa's answer may be abort().
 */
#ifndef VENUS_IMPORT_H
#define VENUS_IMPORT_H

#include "picture.h"
#include "pool.h"
#include "venus.h"

/* Asks, where somebody listens and none has asked in this guest before, and tells; changes nothing else. */
void venus_import_tell(const struct venus *v, struct pool *pool, const struct picture *shape);

#endif
