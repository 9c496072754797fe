/* Base64 as of RFC 4648 section 4, with padding: how pixels travel in a JSON line. */
#ifndef BASE64_H
#define BASE64_H

#include <stddef.h>

#define BASE64_LENGTH(n) (((n) + 2) / 3 * 4)

/* Writes BASE64_LENGTH(len) characters and no end mark; returns how many. */
size_t base64(const void *data, size_t len, char *text);

#endif
