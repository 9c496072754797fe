/* A dma-buf of one page by somebody else than virtio-gpu. Refuses to know why it is wanted. */
#ifndef FOREIGN_H
#define FOREIGN_H

enum foreign { UDMABUF, SYSTEM_HEAP, VGEM, FOREIGN_KINDS };

struct foreign_buffer {
	int dmabuf;				/* owned; -1 */
	int device;				/* owned; -1 */
};

const char *foreign_name(enum foreign kind);
int foreign_make(enum foreign kind, struct foreign_buffer *buffer);	/* 0, or a negative error code; then nothing is left to undo */
void foreign_fini(struct foreign_buffer *buffer);

#endif
