#include "v4l2.h"
#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

int v4l2_ioctl(int fd, unsigned long request, void *argument)
{
	int err;

	do
		err = ioctl(fd, request, argument);
	while (err < 0 && errno == EINTR);
	return err;
}

/* The node's descriptor if it is the one that is wanted. What it is instead goes to the list of those found. */
static int try_node(const char *path, const char *driver, bool (*fits)(int, uint32_t), char *found, size_t size)
{
	struct v4l2_capability cap = { 0 };
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	size_t len = strlen(found);

	if (fd < 0)
		return -1;
	if (!v4l2_ioctl(fd, VIDIOC_QUERYCAP, &cap) && !strcmp((const char *)cap.driver, driver) && fits(fd, cap.device_caps))
		return fd;
	close(fd);
	snprintf(found + len, size - len, "%s%s is %.16s", len ? ", " : "", path, cap.driver);
	return -1;
}

int v4l2_open(const char *driver, bool (*fits)(int fd, uint32_t capabilities), struct fault *f)
{
	char found[320] = "";
	glob_t nodes;
	int fd = -1;

	if (!glob("/dev/video*", 0, NULL, &nodes)) {
		for (size_t i = 0; i < nodes.gl_pathc && fd < 0; i++)
			fd = try_node(nodes.gl_pathv[i], driver, fits, found, sizeof(found));
		globfree(&nodes);
	}
	if (fd < 0)
		return fault(f, UNSUPPORTED, "setup", "this kernel has no fitting video node of driver %s: %s", driver,
			     found[0] ? found : "there is no /dev/video* at all");
	return fd;
}

bool v4l2_offers(int fd, uint32_t type, uint32_t fourcc)
{
	struct v4l2_fmtdesc format = { .type = type };

	for (; !v4l2_ioctl(fd, VIDIOC_ENUM_FMT, &format); format.index++) {
		if (format.pixelformat == fourcc)
			return true;
	}
	return false;
}

int v4l2_set_format(int fd, uint32_t type, uint32_t fourcc, int width, int height, struct v4l2_pix_format *pix, struct fault *f)
{
	struct v4l2_format format = { .type = type };
	char wanted[5], got[5];

	format.fmt.pix = (struct v4l2_pix_format){ .width = width, .height = height, .pixelformat = fourcc, .field = V4L2_FIELD_NONE };
	v4l2_fourcc_text(fourcc, wanted);
	if (v4l2_ioctl(fd, VIDIOC_S_FMT, &format))
		return fault(f, FAILED, "setup", "VIDIOC_S_FMT %s %d x %d: %s", wanted, width, height, strerror(errno));
	*pix = format.fmt.pix;
	v4l2_fourcc_text(pix->pixelformat, got);
	if (pix->pixelformat != fourcc)
		return fault(f, UNSUPPORTED, "setup", "VIDIOC_S_FMT: wanted %s, the driver gives %s", wanted, got);
	return 0;
}

static int map_slot(struct v4l2_queue *q, int index, struct fault *f)
{
	struct v4l2_buffer buffer = { .index = index, .type = q->type, .memory = q->memory };
	struct v4l2_slot *slot = &q->slot[index];
	void *map;

	if (v4l2_ioctl(q->fd, VIDIOC_QUERYBUF, &buffer))
		return fault(f, FAILED, "setup", "VIDIOC_QUERYBUF: %s", strerror(errno));
	map = mmap(NULL, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, q->fd, buffer.m.offset);
	if (map == MAP_FAILED)
		return fault(f, FAILED, "setup", "mmap of a video buffer of %u bytes: %s", buffer.length, strerror(errno));
	slot->map = map;
	slot->len = buffer.length;
	return 0;
}

static int request(struct v4l2_queue *q, uint32_t *count)
{
	struct v4l2_requestbuffers ask = { .count = *count, .type = q->type, .memory = q->memory };
	int err = v4l2_ioctl(q->fd, VIDIOC_REQBUFS, &ask);

	*count = ask.count;
	return err;
}

int v4l2_queue_init(struct v4l2_queue *q, int fd, uint32_t type, struct pool *pool, struct fault *f)
{
	uint32_t count = V4L2_BUFFERS;

	*q = (struct v4l2_queue){ .fd = fd, .type = type, .pool = pool, .memory = pool ? V4L2_MEMORY_DMABUF : V4L2_MEMORY_MMAP };
	if (request(q, &count))
		return fault(f, errno == EINVAL ? UNSUPPORTED : FAILED, "setup", "VIDIOC_REQBUFS of %u buffers of %s: %s", count,
			     pool ? "V4L2_MEMORY_DMABUF" : "V4L2_MEMORY_MMAP", strerror(errno));
	q->count = count < V4L2_BUFFERS ? count : V4L2_BUFFERS;
	if (count != V4L2_BUFFERS)
		return fault(f, FAILED, "setup", "VIDIOC_REQBUFS: wanted %d buffers, the driver gives %u", V4L2_BUFFERS, count);
	for (int i = 0; !pool && i < q->count; i++) {
		if (map_slot(q, i, f))
			return -1;
	}
	return 0;
}

static int queue(struct v4l2_queue *q, struct v4l2_buffer *buffer, struct fault *f)
{
	if (v4l2_ioctl(q->fd, VIDIOC_QBUF, buffer))
		return fault(f, FAILED, "decode", "VIDIOC_QBUF of buffer %u, %s: %s", buffer->index,
			     q->pool ? "a dma-buf of virtio-gpu" : "the driver's own", strerror(errno));
	q->slot[buffer->index].queued = true;
	return 0;
}

int v4l2_queue_put(struct v4l2_queue *q, int index, size_t bytes, int64_t time_us, struct fault *f)
{
	struct v4l2_buffer buffer = {
		.index = index, .type = q->type, .memory = q->memory, .bytesused = bytes, .field = V4L2_FIELD_NONE,
		.timestamp = { .tv_sec = time_us / 1000000, .tv_usec = time_us % 1000000 },
	};

	return queue(q, &buffer, f);
}

static bool is_free(const struct v4l2_slot *slot)
{
	return !slot->queued && !slot->taken;
}

int v4l2_queue_free(const struct v4l2_queue *q)
{
	for (int i = 0; i < q->count; i++) {
		if (is_free(&q->slot[i]))
			return i;
	}
	return -1;
}

/* The place where the driver has seen this buffer before, so that it need not map it again; else any. */
static int place_for(const struct v4l2_queue *q, const struct buffer *buffer)
{
	for (int i = 0; i < q->count; i++) {
		if (is_free(&q->slot[i]) && q->slot[i].buffer == buffer)
			return i;
	}
	return v4l2_queue_free(q);
}

int v4l2_queue_fill(struct v4l2_queue *q, uint32_t pitch, size_t bytes, struct times *us, struct fault *f)
{
	int index;

	while ((index = v4l2_queue_free(q)) >= 0) {
		struct v4l2_buffer buffer = { .index = index, .type = q->type, .memory = q->memory };

		if (q->pool) {
			struct buffer *from = pool_take(q->pool, pitch, bytes, us, f);

			if (!from)
				return -1;
			buffer.index = place_for(q, from);
			buffer.m.fd = from->dmabuf;
			buffer.length = from->len;
			q->slot[buffer.index].buffer = from;
			if (queue(q, &buffer, f)) {
				pool_give(q->pool, from);
				return -1;
			}
		} else if (queue(q, &buffer, f)) {
			return -1;
		}
	}
	return 0;
}

int v4l2_queue_take(struct v4l2_queue *q, struct v4l2_taken *taken, struct fault *f)
{
	struct v4l2_buffer buffer = { .type = q->type, .memory = q->memory };

	if (v4l2_ioctl(q->fd, VIDIOC_DQBUF, &buffer)) {
		if (errno == EAGAIN || errno == EPIPE)	/* EPIPE: the last one has been taken before */
			return 0;
		return fault(f, FAILED, "decode", "VIDIOC_DQBUF: %s", strerror(errno));
	}
	q->slot[buffer.index].queued = false;
	q->slot[buffer.index].taken = true;
	*taken = (struct v4l2_taken){
		.index = buffer.index, .bytes = buffer.bytesused, .sequence = buffer.sequence,
		.time_us = buffer.timestamp.tv_sec * 1000000LL + buffer.timestamp.tv_usec,
		.error = buffer.flags & V4L2_BUF_FLAG_ERROR, .last = buffer.flags & V4L2_BUF_FLAG_LAST,
	};
	return 1;
}

void v4l2_queue_return(struct v4l2_queue *q, int index)
{
	struct v4l2_slot *slot = &q->slot[index];

	if (slot->taken && slot->buffer)
		pool_give(q->pool, slot->buffer);
	slot->taken = false;
}

uint8_t *v4l2_slot_bytes(const struct v4l2_slot *slot, size_t *len)
{
	*len = slot->buffer ? slot->buffer->len : slot->len;
	return slot->buffer ? slot->buffer->map : slot->map;
}

int v4l2_queue_find(const struct v4l2_queue *q, const uint8_t *bytes)
{
	size_t len;

	for (int i = 0; i < q->count; i++) {
		if (q->slot[i].taken && v4l2_slot_bytes(&q->slot[i], &len) == bytes)
			return i;
	}
	return -1;
}

int v4l2_queue_start(struct v4l2_queue *q, struct fault *f)
{
	int type = q->type;

	if (v4l2_ioctl(q->fd, VIDIOC_STREAMON, &type))
		return fault(f, FAILED, "setup", "VIDIOC_STREAMON: %s", strerror(errno));
	q->streaming = true;
	return 0;
}

void v4l2_queue_fini(struct v4l2_queue *q)
{
	int type = q->type;
	uint32_t none = 0;

	if (q->streaming)
		v4l2_ioctl(q->fd, VIDIOC_STREAMOFF, &type);
	for (int i = 0; i < q->count; i++) {
		struct v4l2_slot *slot = &q->slot[i];

		if (slot->buffer && (slot->queued || slot->taken))
			pool_give(q->pool, slot->buffer);
		if (slot->map)
			munmap(slot->map, slot->len);
	}
	if (q->count)
		request(q, &none);
	*q = (struct v4l2_queue){ .fd = -1 };
}

int v4l2_wait(int fd, short events, const char *what, struct fault *f)
{
	struct pollfd node = { .fd = fd, .events = events };
	int64_t until = clock_us() + V4L2_LIMIT_MS * 1000LL;
	int n;

	do {
		int64_t left = until - clock_us();

		n = poll(&node, 1, left > 0 ? left / 1000 : 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return fault(f, FAILED, "decode", "poll of the video node: %s", strerror(errno));
	if (!n)
		return fault(f, FAILED, "decode", "%s did not come within %d s", what, V4L2_LIMIT_MS / 1000);
	if (node.revents & POLLERR)
		return fault(f, FAILED, "decode", "the video node has an error where %s was due", what);
	return 0;
}
