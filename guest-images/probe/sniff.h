/*
 * Which demuxer a clip wants, from its first bytes. FFmpeg would ask each of its 300 demuxers, among them some that open what a clip
 * names, and some that belong to libraries a guest does not have. Refuses to know what a demuxer is beyond its name.
 */
#ifndef SNIFF_H
#define SNIFF_H

#include <stddef.h>

#define SNIFF_BYTES 64

const char *sniff(const void *data, size_t len);	/* NULL: none that a clip may be in */

#endif
