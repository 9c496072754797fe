/*
 * Marks in the host's trace: what lies between two of them is what was measured. A mark is a resource of a size that nothing else has, made and
 * gone at once. Refuses to know what is measured.
 */
#ifndef MARK_H
#define MARK_H

enum mark { MARK_BEGIN = 1, MARK_END = 2 };	/* rows of the resource; it is 16383 pixels wide */

/* Does nothing without a virtio-gpu. -1 and errno. */
int mark(int fd, enum mark which);

#endif
