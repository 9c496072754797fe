/* CRC-32 as zlib's and the kernel's: what the importer says of memory can be held against what user space sees. */
#ifndef CRC32_H
#define CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32_of(const void *bytes, size_t len);

#endif
