#include "sniff.h"
#include "test.h"

static const char *of(const char *bytes, size_t len)
{
	char *exact = malloc(len ? len : 1);
	const char *name;

	memcpy(exact, bytes, len);
	name = sniff(exact, len);
	free(exact);
	return name;
}

void test_sniff(void)
{
	CLAIM_TEXT(of("\0\0\0\1\x67\x64", 6), "h264");
	CLAIM_TEXT(of("\0\0\1\x09\xf0", 5), "h264");
	CLAIM_TEXT(of("\0\0\0\1\x40\x01", 6), "hevc");
	CLAIM_TEXT(of("DKIF", 4), "ivf");
	CLAIM_TEXT(of("\x1a\x45\xdf\xa3", 4), "matroska");
	CLAIM_TEXT(of("\0\0\0\x20" "ftypisom", 12), "mp4");
	CLAIM_TEXT(of("YUV4MPEG2 W640", 14), "yuv4mpegpipe");
	CLAIM(!of("", 0) && !of("\0", 1) && !of("\0\0\1", 3) && !of("\0\0\0\0\0\1\x67", 7) && !of("DKI", 3));
	CLAIM(!of("#EXTM3U\nfile:///etc/passwd", 26) && !of("ffconcat version 1.0", 20));
}
