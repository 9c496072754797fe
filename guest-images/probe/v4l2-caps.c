#include "v4l2-caps.h"
#include "v4l2.h"
#include "v4l2-format.h"

#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <unistd.h>

static void say_formats(struct say *s, const char *key, int fd, uint32_t type)
{
	struct v4l2_fmtdesc format = { .type = type };

	say_open(s, key, '[');
	for (; !v4l2_ioctl(fd, VIDIOC_ENUM_FMT, &format); format.index++) {
		char text[5];

		v4l2_fourcc_text(format.pixelformat, text);
		say_str(s, NULL, text);
	}
	say_close(s, ']');
}

static void say_node(struct say *s, const char *path)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	struct v4l2_capability cap = { 0 };
	char text[40];

	if (fd < 0)
		return;
	if (!v4l2_ioctl(fd, VIDIOC_QUERYCAP, &cap)) {
		say_open(s, NULL, '{');
		say_str(s, "node", path);
		snprintf(text, sizeof(text), "%.*s", (int)sizeof(cap.driver), cap.driver);
		say_str(s, "driver", text);
		snprintf(text, sizeof(text), "%.*s", (int)sizeof(cap.card), cap.card);
		say_str(s, "card", text);
		snprintf(text, sizeof(text), "0x%08x", cap.device_caps);
		say_str(s, "caps", text);
		say_formats(s, "takes", fd, V4L2_BUF_TYPE_VIDEO_OUTPUT);
		say_formats(s, "gives", fd, V4L2_BUF_TYPE_VIDEO_CAPTURE);
		say_close(s, '}');
	}
	close(fd);
}

void v4l2_say_caps(struct say *s, const char *key)
{
	glob_t nodes;

	say_open(s, key, '[');
	if (!glob("/dev/video*", 0, NULL, &nodes)) {
		for (size_t i = 0; i < nodes.gl_pathc; i++)
			say_node(s, nodes.gl_pathv[i]);
		globfree(&nodes);
	}
	say_close(s, ']');
}
