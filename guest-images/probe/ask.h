/* Reads a property command: {"cmd":"property","id","property"}. Refuses to know which properties there are. */
#ifndef ASK_H
#define ASK_H

#include "fault.h"

#include <stddef.h>
#include <stdint.h>

/* NULL when good, else what is wrong. */
const char *ask_parse(const char *line, size_t len, int64_t *id, char *name, size_t size);

/* One line from a file. */
int ask_read(int fd, int64_t *id, char *name, size_t size, struct fault *f);

#endif
