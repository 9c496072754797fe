/* The hashes of a picture, and the pixels of those planes that are not what they must be. Refuses to know where a picture was seen. */
#ifndef ORACLE_H
#define ORACLE_H

#include "clock.h"
#include "command.h"
#include "report.h"

/* Adds the time that it takes to us->hash. -1: no memory. */
int oracle_hash(const struct picture *pic, char text[PLANES][HASH_TEXT], struct times *us);

/* How many planes were sent; -1: the host cannot be told. */
int oracle_send_wrong(struct report *r, int n, const char *what, const struct picture *pic, char got[PLANES][HASH_TEXT], const struct golden *want);

#endif
