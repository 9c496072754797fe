// SPDX-License-Identifier: MIT
/*
 * h264-decode: an H.264 byte stream (Annex B) on standard input, raw I420 frames on standard output, by OpenH264.
 *
 * The guests decode with FFmpeg; their golden hashes come from here, so that no decoder is its own witness. OpenH264 decodes
 * what the lab's clips are made of (main profile, no B-frames); whatever else is told on standard error, with exit status 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wels/codec_api.h>

/* Where a NAL unit begins: the offset of its start code at or after @from, or @len. */
static size_t start_code(const unsigned char *data, size_t len, size_t from)
{
	for (size_t i = from; i + 3 <= len; i++)
		if (!data[i] && !data[i + 1] && data[i + 2] == 1)
			return i;
	return len;
}

static int write_frame(unsigned char *const planes[3], const SBufferInfo *info)
{
	const SSysMEMBuffer *buffer = &info->UsrData.sSystemBuffer;

	for (int plane = 0; plane < 3; plane++) {
		int width = plane ? buffer->iWidth / 2 : buffer->iWidth;
		int height = plane ? buffer->iHeight / 2 : buffer->iHeight;
		int stride = buffer->iStride[plane ? 1 : 0];

		for (int y = 0; y < height; y++)
			if (fwrite(planes[plane] + (size_t)y * stride, 1, width, stdout) != (size_t)width)
				return -1;
	}
	return 0;
}

/* @data: one NAL unit with its start code; NULL asks for the frame that is still held back. */
static int decode(ISVCDecoder *decoder, const unsigned char *data, size_t len)
{
	unsigned char *planes[3] = { NULL, NULL, NULL };
	SBufferInfo info;
	int err;

	memset(&info, 0, sizeof(info));
	err = data ? (*decoder)->DecodeFrameNoDelay(decoder, data, len, planes, &info)
		   : (*decoder)->FlushFrame(decoder, planes, &info);
	if (err) {
		fprintf(stderr, "h264-decode: OpenH264 refused a unit of %zu bytes: 0x%x\n", len, err);
		return -1;
	}
	return info.iBufferStatus == 1 ? write_frame(planes, &info) : 0;
}

static unsigned char *read_all(FILE *from, size_t *len)
{
	size_t size = 1 << 20, got;
	unsigned char *data = malloc(size), *grown;

	for (*len = 0; data && (got = fread(data + *len, 1, size - *len, from)) > 0; ) {
		*len += got;
		if (*len < size)
			continue;
		size *= 2;
		grown = realloc(data, size);
		if (!grown)
			free(data);
		data = grown;
	}
	return data;
}

int main(void)
{
	SDecodingParam param = { .eEcActiveIdc = ERROR_CON_DISABLE, .sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC };
	ISVCDecoder *decoder = NULL;
	int failed = 0;
	size_t len, at, next;
	unsigned char *data = read_all(stdin, &len);

	if (!data || WelsCreateDecoder(&decoder) || (*decoder)->Initialize(decoder, &param)) {
		fputs("h264-decode: OpenH264 could not be set up\n", stderr);
		return 1;
	}
	for (at = start_code(data, len, 0); at < len && !failed; at = next) {
		next = start_code(data, len, at + 3);
		failed = decode(decoder, data + at, next - at);
	}
	if (!failed)
		failed = decode(decoder, NULL, 0);
	(*decoder)->Uninitialize(decoder);
	WelsDestroyDecoder(decoder);
	free(data);
	return failed || fflush(stdout) ? 1 : 0;
}
