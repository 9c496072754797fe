#include "fwht.h"

#include <errno.h>
#include <linux/videodev2.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK (64 << 10)
#define MAGIC 8

/* The header's flags are UAPI; their masks are written with a macro that user space has not. */
#define CHROMA_FULL (V4L2_FWHT_FL_CHROMA_FULL_HEIGHT | V4L2_FWHT_FL_CHROMA_FULL_WIDTH)
#define COMPONENTS(flags) (1 + ((flags) >> V4L2_FWHT_FL_COMPONENTS_NUM_OFFSET & 7))
#define ENCODING(flags) ((flags) & (3 << V4L2_FWHT_FL_PIXENC_OFFSET))

static const uint8_t magic[MAGIC] = { 0x4f, 0x4f, 0x4f, 0x4f, 0xff, 0xff, 0xff, 0xff };

static uint32_t word(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

bool fwht_header_read(struct fwht_header *header, const uint8_t bytes[FWHT_HEADER])
{
	if (memcmp(bytes, magic, MAGIC))
		return false;
	*header = (struct fwht_header){
		.version = word(bytes + 8), .width = word(bytes + 12), .height = word(bytes + 16), .flags = word(bytes + 20),
		.colorspace = word(bytes + 24), .transfer = word(bytes + 28), .encoding = word(bytes + 32),
		.quantization = word(bytes + 36), .size = word(bytes + 40),
	};
	return true;
}

bool fwht_is_yuv420(const struct fwht_header *header)
{
	if (header->flags & CHROMA_FULL)
		return false;
	return header->version < 2 || (COMPONENTS(header->flags) == 3 && ENCODING(header->flags) == V4L2_FWHT_FL_PIXENC_YUV);
}

bool fwht_is_rgbx(const struct fwht_header *header)
{
	return header->version >= 2 && (header->flags & CHROMA_FULL) == CHROMA_FULL && COMPONENTS(header->flags) == 4 &&
	       ENCODING(header->flags) == V4L2_FWHT_FL_PIXENC_RGB;
}

/* The bytes at a place of the clip; fewer at its end. -1 and errno. */
static int read_at(struct clip *clip, int64_t at, void *to, int len)
{
	int done = 0;

	if (clip_seek(clip, at, CLIP_SET) < 0)
		return -1;
	while (done < len) {
		int n = clip_read(clip, (uint8_t *)to + done, len - done);

		if (n < 0)
			return -1;
		if (!n)
			break;
		done += n;
	}
	return done;
}

/* Where the first magic number at or after `from` begins; the clip's size when there is none; -1 and errno. */
static int64_t find_magic(struct clip *clip, int64_t from)
{
	static uint8_t chunk[CHUNK];		/* too large for a stack; a clip is read by one thread */

	while (from < clip->size) {
		int n = read_at(clip, from, chunk, sizeof(chunk));
		const uint8_t *found;

		if (n < 0)
			return -1;
		found = memmem(chunk, n, magic, MAGIC);
		if (found)
			return from + (found - chunk);
		if (n < MAGIC)
			break;
		from += n - (MAGIC - 1);
	}
	return clip->size;
}

static int add(struct fwht *stream, struct fwht_frame frame)
{
	struct fwht_frame *grown;

	if (stream->count == FWHT_FRAMES_MAX) {
		errno = EFBIG;
		return -1;
	}
	if (stream->count == stream->room) {
		grown = reallocarray(stream->frame, stream->room + 256, sizeof(*grown));
		if (!grown)
			return -1;
		stream->frame = grown;
		stream->room += 256;
	}
	stream->frame[stream->count++] = frame;
	return 0;
}

/* One frame, or one stretch of bytes that is none. Returns where the next begins; -1 and errno. */
static int64_t step(struct fwht *stream, struct clip *clip, int64_t at)
{
	uint8_t bytes[FWHT_HEADER] = { 0 }, after[MAGIC];
	struct fwht_header header;
	struct fwht_frame frame = { .at = at };
	int64_t next, end;
	int n = read_at(clip, at, bytes, sizeof(bytes));

	if (n < 0)
		return -1;
	if (n < FWHT_HEADER || !fwht_header_read(&header, bytes)) {
		frame.wrong = n < FWHT_HEADER ? "a header that is cut short" : "bytes that are no frame header";
		next = find_magic(clip, at + 1);
		return next < 0 || add(stream, frame) ? -1 : next;
	}
	stream->width = header.width > stream->width ? header.width : stream->width;
	stream->height = header.height > stream->height ? header.height : stream->height;
	frame.key = header.flags & V4L2_FWHT_FL_I_FRAME;
	frame.bytes = FWHT_HEADER + (int64_t)header.size;
	end = at + frame.bytes;
	if (end == clip->size)
		return add(stream, frame) ? -1 : end;
	if (end < clip->size) {
		n = read_at(clip, end, after, MAGIC);
		if (n < 0)
			return -1;
		if (n == MAGIC && !memcmp(after, magic, MAGIC))
			return add(stream, frame) ? -1 : end;
	}
	next = find_magic(clip, at + MAGIC);
	if (next < 0)
		return -1;
	if (next < end) {			/* the decoder would take the next frame's bytes for this one's */
		frame.bytes = 0;
		frame.wrong = "a frame that is shorter than its header says";
	}
	return add(stream, frame) ? -1 : next < end ? next : end;
}

int fwht_init(struct fwht *stream, struct clip *clip, struct fault *f)
{
	int64_t at = 0;

	*stream = (struct fwht){ 0 };
	while (at >= 0 && at < clip->size)
		at = step(stream, clip, at);
	if (at < 0)
		return fault(f, FAILED, "clip", "looking for the clip's frames: %s", strerror(errno));
	return 0;
}

int fwht_key_before(const struct fwht *stream, int n)
{
	if (n >= stream->count)
		n = stream->count - 1;
	while (n > 0 && !(stream->frame[n].key && stream->frame[n].bytes))
		n--;
	return n < 0 ? 0 : n;
}

bool fwht_is_whole(const struct fwht *stream, int n)
{
	for (; n >= 0 && n < stream->count; n--) {
		if (stream->frame[n].lost)
			return false;
		if (stream->frame[n].key)
			return true;
	}
	return false;
}

void fwht_fini(struct fwht *stream)
{
	free(stream->frame);
	*stream = (struct fwht){ 0 };
}
