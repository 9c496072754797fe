/*
 * videobuf2 as an importer: a camera of vivid's is given virtio-gpu buffers, once one that wants them contiguous (vb2-dma-contig), once one that
 * does not care (vb2-vmalloc). The guest has two vivids for it: vivid.n_devs=2 vivid.allocators=0,1.
 */
#include "property.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH 320				/* a size of the webcam's */
#define HEIGHT 180
#define PICTURE ((size_t)WIDTH * HEIGHT)	/* less than 64 KiB: more in one piece is more than vivid says that it takes */
#define QUEUE 4
#define FILL 1				/* no luma of a picture: those begin at 16 */
#define LIMIT_MS 10000

struct camera {
	int fd;					/* owned; -1 */
	size_t size;
	int count;
	struct resource buffer[QUEUE];
	int made;
};

static int retry(int fd, unsigned long request, void *argument)
{
	int err;

	do
		err = ioctl(fd, request, argument);
	while (err < 0 && errno == EINTR);
	return err;
}

static bool is_camera(int fd, const char *bus)
{
	struct v4l2_capability cap = { 0 };

	return !retry(fd, VIDIOC_QUERYCAP, &cap) && !strcmp((const char *)cap.driver, "vivid") && !strcmp((const char *)cap.bus_info, bus) &&
	       cap.device_caps & V4L2_CAP_VIDEO_CAPTURE && !(cap.device_caps & (V4L2_CAP_TOUCH | V4L2_CAP_VIDEO_OUTPUT));
}

static int open_camera(const char *bus)
{
	glob_t nodes;
	int fd = -1;

	if (glob("/dev/video*", 0, NULL, &nodes))
		return -1;
	for (size_t i = 0; i < nodes.gl_pathc && fd < 0; i++) {
		fd = open(nodes.gl_pathv[i], O_RDWR | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0 && !is_camera(fd, bus)) {
			close(fd);
			fd = -1;
		}
	}
	globfree(&nodes);
	return fd;
}

static int begin(struct property *p, struct camera *c, const char *bus)
{
	struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE };
	struct v4l2_requestbuffers ask_for = { .count = 2, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_DMABUF };
	int webcam = 0;

	c->fd = open_camera(bus);
	if (c->fd < 0)
		return fault(&p->fault, UNSUPPORTED, "setup", "there is no vivid camera on %s; want vivid.n_devs=2 vivid.allocators=0,1", bus);
	format.fmt.pix = (struct v4l2_pix_format){ .width = WIDTH, .height = HEIGHT, .pixelformat = V4L2_PIX_FMT_GREY, .field = V4L2_FIELD_NONE };
	if (retry(c->fd, VIDIOC_S_INPUT, &webcam) || retry(c->fd, VIDIOC_S_FMT, &format) || retry(c->fd, VIDIOC_REQBUFS, &ask_for))
		return fault(&p->fault, FAILED, "setup", "the camera on %s: %s", bus, strerror(errno));
	if (format.fmt.pix.width != WIDTH || format.fmt.pix.height != HEIGHT || format.fmt.pix.pixelformat != V4L2_PIX_FMT_GREY)
		return fault(&p->fault, UNSUPPORTED, "setup", "the camera on %s has no grey picture of %d x %d", bus, WIDTH, HEIGHT);
	c->size = (format.fmt.pix.sizeimage + 4095) & ~4095ul;
	c->count = ask_for.count;
	return c->count >= 1 && c->count <= QUEUE ? 0 : fault(&p->fault, FAILED, "setup", "the camera on %s wants %d buffers", bus, c->count);
}

static int give(struct property *p, struct camera *c, int *error)
{
	for (int i = 0; i < c->count; i++) {
		struct v4l2_buffer buffer = { .index = i, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_DMABUF };
		struct resource *r = &c->buffer[c->made++];

		if (resource_init(r, p->gpu, c->size, &p->fault) || resource_map(r, FILL, &p->fault))
			return -1;
		buffer.m.fd = r->dmabuf;
		buffer.length = c->size;
		if (retry(c->fd, VIDIOC_QBUF, &buffer)) {
			*error = errno;
			return 0;
		}
	}
	return 0;
}

/* The picture's place in the queue, or -1 and errno. */
static int take(struct camera *c)
{
	struct v4l2_buffer buffer = { .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_DMABUF };
	struct pollfd wait = { .fd = c->fd, .events = POLLIN };
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	if (retry(c->fd, VIDIOC_STREAMON, &type))
		return -1;
	if (poll(&wait, 1, LIMIT_MS) != 1) {
		errno = ETIMEDOUT;
		return -1;
	}
	return retry(c->fd, VIDIOC_DQBUF, &buffer) || (int)buffer.index >= c->made ? -1 : (int)buffer.index;
}

static void end(struct camera *c)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;

	if (c->fd >= 0) {
		retry(c->fd, VIDIOC_STREAMOFF, &type);
		close(c->fd);
	}
	while (c->made)
		resource_fini(&c->buffer[--c->made]);
}

static int say_camera(struct property *p, struct camera *c, const char *allocator, int error)
{
	struct vlab_importer_call call;
	int index = error ? -1 : take(c), stream = error || index >= 0 ? 0 : errno, written = 0;
	struct say *s = &p->say;

	/* The one that was refused is the last that was given: how its neighbour lies in memory says nothing of it. */
	if (ask(p, VLAB_IMPORTER_CONTROL, c->buffer[error ? c->made - 1 : index < 0 ? 0 : index].dmabuf, &call))
		return -1;
	for (size_t i = 0; index >= 0 && i < PICTURE; i++)
		written += c->buffer[index].map[i] != FILL;
	fact_begin(p, "camera");
	say_str(s, "allocator", allocator);
	say_int(s, "error", error);
	say_str(s, "why", error ? strerror(error) : "");
	say_int(s, "streamError", stream);
	say_int(s, "size", c->size);
	say_int(s, "picture", PICTURE);
	say_int(s, "written", written);
	say_int(s, "entries", call.nents);
	say_int(s, "contiguous", call.contiguous);
	say_int(s, "physicalContiguous", call.physical_contiguous);
	say_int(s, "address", call.address);
	say_int(s, "physical", call.physical);
	return fact_end(p);
}

static int try_camera(struct property *p, const char *bus, const char *allocator)
{
	struct camera c = { .fd = -1 };
	struct fragments holes = { 0 };
	int error = 0;
	int err = begin(p, &c, bus) || fragment(&holes, &p->fault) || give(p, &c, &error) || say_camera(p, &c, allocator, error);

	end(&c);
	fragment_fini(&holes);
	return err ? -1 : 0;
}

int ask_dma_contig(struct property *p)
{
	return try_camera(p, "platform:vivid-001", "contig");
}

int ask_vmalloc(struct property *p)
{
	return try_camera(p, "platform:vivid-000", "vmalloc");
}
