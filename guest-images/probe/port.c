#include "port.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PORTS "/sys/class/virtio-ports"

static int has_name(const char *port, const char *name)
{
	char path[sizeof(PORTS) + 256 + 8], text[128];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), PORTS "/%s/name", port);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return !strcmp(text, name);
}

static int try_open(const char *name)
{
	DIR *dir = opendir(PORTS);
	struct dirent *entry;
	char node[5 + 256];
	int fd = -1;

	if (!dir)
		return -1;
	while (fd < 0 && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !has_name(entry->d_name, name))
			continue;
		snprintf(node, sizeof(node), "/dev/%s", entry->d_name);
		fd = open(node, O_RDWR | O_CLOEXEC);
	}
	closedir(dir);
	return fd;
}

int port_open(const char *name, int limit_ms)
{
	const struct timespec step = { .tv_nsec = 1000000 };
	int fd;

	/* The name arrives in a message of its own, after the port: look again until it is there. */
	while ((fd = try_open(name)) < 0 && limit_ms-- > 0)
		nanosleep(&step, NULL);
	if (fd < 0)
		fprintf(stderr, "probe: no port named %s: %s\n", name, strerror(errno));
	return fd;
}
