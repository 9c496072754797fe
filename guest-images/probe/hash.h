/*
 * The golden hash: XXH64, seed 0, over the visible bytes of a plane, top row first, without stride padding, as 16 lower-case hex
 * digits. The maker of the clips must agree with this file to the bit. Refuses to know what is right.
 */
#ifndef HASH_H
#define HASH_H

#include "picture.h"

#define HASH_TEXT 17				/* 16 hex digits and the end */

void hash_plane(const struct plane *pl, char text[HASH_TEXT]);

/* Of a plane of a picture: as hash_plane(), but every x of XRGB8888 counts as 255. -1: no memory. */
int hash_picture_plane(const struct picture *pic, int plane, char text[HASH_TEXT]);
void hash_bytes(const void *data, size_t len, char text[HASH_TEXT]);

#endif
