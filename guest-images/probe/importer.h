/*
 * The guest's test importer (kernel-patches/drivers/vlab-importer): one ioctl, asked here by name. Refuses to know whose buffers are imported,
 * and to judge an answer.
 */
#ifndef IMPORTER_H
#define IMPORTER_H

#include "vlab-importer.h"

#include <stddef.h>

#define IMPORTER "/dev/vlab-importer"

int importer_open(void);			/* a descriptor, or -1 and errno */

/*
 * Asks about a dma-buf. What an exporter or the DMA API made of it is in call->error, a negative error code. -1 and errno: the call itself makes
 * no sense, or there is no such device.
 */
int importer_ask(int importer, unsigned int op, int dmabuf, struct vlab_importer_call *call);
int importer_ask_held(int importer, unsigned int op, unsigned int token, struct vlab_importer_call *call);

/* The driver's VLAB_IMPORTER_HAS_* bits; -1 and errno. */
int importer_features(int importer);

/* Has the edu device write these bytes into the dma-buf. As importer_ask(). */
int importer_edu_write(int importer, int dmabuf, size_t offset, const void *bytes, size_t len, struct vlab_importer_call *call);

/* Guest-physical memory below 1 MiB. -1 and errno. */
int importer_peek(int importer, unsigned long long address, void *bytes, size_t len);

const char *importer_step(const struct vlab_importer_call *call);	/* "map", in which call->error came */

#endif
