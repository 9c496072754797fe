#include "clip.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int has_serial(const char *path, const char *serial)
{
	char text[64];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n < 0)
		return 0;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, serial);
}

/* "<sysfs>/vdb/serial" is the disk "/dev/vdb". */
static int open_disk(const char *sysfs, const char *serial)
{
	char pattern[256], node[280];
	glob_t found;
	int fd = -1;

	snprintf(pattern, sizeof(pattern), "%s/vd*/serial", sysfs);
	if (glob(pattern, 0, NULL, &found)) {
		errno = ENOENT;
		return -1;
	}
	errno = ENOENT;
	for (size_t i = 0; i < found.gl_pathc && fd < 0; i++) {
		const char *name = found.gl_pathv[i] + strlen(sysfs) + 1;

		if (!has_serial(found.gl_pathv[i], serial))
			continue;
		snprintf(node, sizeof(node), "/dev/%.*s", (int)strcspn(name, "/"), name);
		fd = open(node, O_RDONLY | O_CLOEXEC);
	}
	globfree(&found);
	return fd;
}

int clip_init_disk(struct clip *clip, const char *sysfs, const char *serial, int64_t bytes, struct fault *f)
{
	int fd = open_disk(sysfs, serial);

	if (fd < 0) {
		*clip = (struct clip){ .fd = -1 };
		return fault(f, FAILED, "clip", "no disk with serial %s: %s", serial, strerror(errno));
	}
	return clip_init(clip, fd, bytes, f);
}

int clip_init(struct clip *clip, int fd, int64_t bytes, struct fault *f)
{
	off_t end;

	*clip = (struct clip){ .fd = fd };
	end = lseek(fd, 0, SEEK_END);		/* works on a block device too */
	if (end < 0)
		return fault(f, FAILED, "clip", "the size of the disk: %s", strerror(errno));
	if (bytes < 1 || bytes > end)
		return fault(f, FAILED, "clip", "a clip of %lld bytes on a disk of %lld", (long long)bytes, (long long)end);
	clip->size = bytes;
	return 0;
}

int clip_init_file(struct clip *clip, const char *path, int64_t bytes, struct fault *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	*clip = (struct clip){ .fd = -1 };
	if (fd < 0)
		return fault(f, FAILED, "clip", "%s: %s", path, strerror(errno));
	return clip_init(clip, fd, bytes, f);
}

int clip_read(struct clip *clip, void *to, int len)
{
	ssize_t n;

	if (len < 0) {
		errno = EINVAL;
		return -1;
	}
	if (len > clip->size - clip->at)
		len = clip->size - clip->at;
	if (!len)
		return 0;
	do
		n = pread(clip->fd, to, len, clip->at);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		clip->at += n;
	return n;
}

int64_t clip_seek(struct clip *clip, int64_t offset, enum clip_whence whence)
{
	int64_t from = whence == CLIP_SET ? 0 : whence == CLIP_CUR ? clip->at : clip->size;

	if (offset < -from || offset > clip->size - from) {
		errno = EINVAL;
		return -1;
	}
	return clip->at = from + offset;
}

void clip_fini(struct clip *clip)
{
	if (clip->fd >= 0)
		close(clip->fd);
	clip->fd = -1;
}
