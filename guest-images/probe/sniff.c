#include "sniff.h"

#include <string.h>

/* The first NAL unit of an elementary stream: its header tells H.264 (SPS, AUD, SEI) from HEVC (VPS, SPS, AUD, SEI). */
static const char *annex_b(const unsigned char *data, size_t len)
{
	size_t at = 0;

	while (at < len && at < 4 && !data[at])
		at++;
	if (at < 2 || at + 1 >= len || data[at] != 1)
		return NULL;
	switch (data[at + 1]) {
	case 0x67: case 0x47: case 0x27: case 0x09: case 0x06:
		return "h264";
	case 0x40: case 0x42: case 0x46: case 0x4e:
		return "hevc";
	}
	return NULL;
}

const char *sniff(const void *data, size_t len)
{
	static const struct { size_t at; const char *bytes; size_t len; const char *name; } magic[] = {
		{ 0, "DKIF", 4, "ivf" },
		{ 0, "\x1a\x45\xdf\xa3", 4, "matroska" },
		{ 4, "ftyp", 4, "mp4" },
		{ 8, "AVI ", 4, "avi" },
		{ 0, "YUV4MPEG2 ", 10, "yuv4mpegpipe" },
		{ 0, "nut/multimedia container", 24, "nut" },
		{ 0, "\x12\x00", 2, "obu" },
	};

	for (size_t i = 0; i < sizeof(magic) / sizeof(magic[0]); i++) {
		if (len >= magic[i].at + magic[i].len && !memcmp((const char *)data + magic[i].at, magic[i].bytes, magic[i].len))
			return magic[i].name;
	}
	return annex_b(data, len);
}
