#include "crc32.h"

uint32_t crc32_of(const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	uint32_t crc = ~0u;

	while (len--) {
		crc ^= *at++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}
