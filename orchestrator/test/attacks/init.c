/*
 * The init of a hostile guest: tries the devices that it has and those that it should not have, says on the console how it went, and then says on
 * the control port whatever could hurt who listens there.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <unistd.h>

static void told(const char *name, const char *of, int failed)
{
	printf("attack %s %s = %s\n", name, of, failed ? strerror(errno) : "DONE");
	fflush(stdout);
}

static int write_disk(const char *path)
{
	char sector[4096] = "attack";
	int off = 0, failed;
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		return -1;
	ioctl(fd, BLKROSET, &off);
	close(fd);
	fd = open(path, O_RDWR | O_SYNC);
	if (fd < 0)
		return -1;
	failed = pwrite(fd, sector, sizeof(sector), 0) != sizeof(sector) || fsync(fd);
	close(fd);
	return failed;
}

static void list(const char *name, const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	printf("attack %s %s =", name, path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			printf(" %s", entry->d_name);
	printf("\n");
	fflush(stdout);
	if (dir)
		closedir(dir);
}

static void list_pci(void)
{
	const char *root = "/sys/bus/pci/devices";
	DIR *dir = opendir(root);
	struct dirent *entry;

	printf("attack list pci =");
	while (dir && (entry = readdir(dir))) {
		char path[512], id[2][16] = { "", "" };
		const char *part[] = { "vendor", "device" };

		if (entry->d_name[0] == '.')
			continue;
		for (int i = 0; i < 2; i++) {
			FILE *file;

			snprintf(path, sizeof(path), "%s/%s/%s", root, entry->d_name, part[i]);
			file = fopen(path, "r");
			if (file && fscanf(file, "0x%15s", id[i]) != 1)
				id[i][0] = 0;
			if (file)
				fclose(file);
		}
		printf(" %s:%s", id[0], id[1]);
	}
	printf("\n");
	fflush(stdout);
}

static int port_open(void)
{
	for (int i = 0; i < 500; i++) {
		DIR *dir = opendir("/dev");
		struct dirent *entry;

		while (dir && (entry = readdir(dir))) {
			char path[300];

			if (strncmp(entry->d_name, "vport", 5))
				continue;
			snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
			closedir(dir);
			return open(path, O_RDWR);
		}
		if (dir)
			closedir(dir);
		usleep(10000);
	}
	return -1;
}

static void say(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t done = write(fd, text, length);

		if (done <= 0)
			return;
		text += done;
		length -= done;
	}
}

static void say_line(int fd, const char *line)
{
	say(fd, line, strlen(line));
	say(fd, "\n", 1);
}

static void flood(int fd, int id)
{
	static char big[1 << 20];
	char line[1024];
	const char *forged[] = {
		"{\"t\":\"frame\",\"id\":%d,\"n\":9007199254740991,\"memory\":{},\"texels\":{},\"us\":{\"decode\":1e308}}",
		"{\"t\":\"frame\",\"id\":%d,\"n\":0,\"memory\":{\"../../x\":\"0000000000000000\"},\"texels\":{},\"us\":{\"__proto__\":1,\"../../x\":1e999}}",
		"{\"t\":\"pixels\",\"id\":%d,\"n\":0,\"plane\":\"../../../x\",\"what\":\"memory\",\"width\":1,\"height\":1,\"bytesPerPixel\":1,\"offset\":0,\"total\":1,\"data\":\"AA==\"}",
		"{\"t\":\"pixels\",\"id\":%d,\"n\":1e15,\"plane\":\"y\",\"what\":\"memory\",\"width\":8192,\"height\":8192,\"bytesPerPixel\":4,\"offset\":0,\"total\":268435456,\"data\":\"AA==\"}",
		"{\"t\":\"caps\",\"id\":%d,\"element\":\"../../../etc/passwd\",\"pad\":\"\\u001b]0;owned\\u0007\",\"caps\":\"\\u0000\\ud800\"}",
		"{\"t\":\"leaks\",\"id\":%d,\"fds\":0.5,\"dmabufs\":-1e308}",
		"{\"t\":\"__proto__\",\"id\":%d,\"constructor\":{\"prototype\":{\"polluted\":true}}}",
		"{\"t\":\"decoder-error\",\"id\":%d,\"why\":\"\\u001b[2J\\u001b]0;owned\\u0007 <script>alert(1)</script>\",\"__proto__\":{\"polluted\":true}}",
	};

	memset(big, 'x', sizeof(big));
	say(fd, big, sizeof(big));			/* a line that is too long */
	say(fd, "\n\xff\xfe\xc3\x28\x00\x80\n", 8);	/* what is no UTF-8 */
	snprintf(line, sizeof(line), "{\"t\":\"gpu\",\"id\":%d,\"renderer\":\"virgl \\u001b[31m\",\"glVendor\":\"\",\"glVersion\":\"\",\"driver\":\"\",\"features\":\"\",\"capsets\":[],\"ok\":true,\"caps\":{\"a\":", id);
	say(fd, line, strlen(line));
	memset(big, '[', 25000);			/* nested without end, within what a line may have */
	memset(big + 25000, ']', 25000);
	say(fd, big, 50000);
	say_line(fd, "}}");
	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
		snprintf(line, sizeof(line), forged[i], id);
		say_line(fd, line);
	}
	snprintf(line, sizeof(line), "{\"t\":\"end\",\"id\":%d,\"status\":\"done\",\"frames\":60}\n{\"t\":\"leaks\",\"id\":%d,\"fds\":0,\"dmabufs\":0}", id, id);
	say_line(fd, line);
}

int main(void)
{
	const char *hello = "{\"t\":\"hello\",\"version\":1,\"kernel\":\"../../../../etc \\u001b[2J\",\"uptimeMs\":1}";
	const char *other[] = { "9p", "virtiofs", "nfs", "fuse" };
	char command[1 << 16];
	int fd;

	if (!freopen("/dev/console", "w", stdout))
		return 1;
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	for (const char *disk = "ab"; *disk; disk++) {
		char path[] = "/dev/vdX";

		path[7] = *disk;
		told("write", path, write_disk(path));
	}
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		told("mount", other[i], mount("root", "/tmp", other[i], 0, ""));
	told("socket", "inet", socket(AF_INET, SOCK_STREAM, 0) < 0);
	told("socket", "packet", socket(AF_PACKET, SOCK_RAW, 0) < 0);
	told("socket", "vsock", socket(AF_VSOCK, SOCK_STREAM, 0) < 0);
	list("list", "/sys/class/net");
	list("list", "/sys/class/block");
	list("list", "/sys/class/virtio-ports");
	list_pci();
	fd = port_open();
	say_line(fd, hello);
	for (size_t length = 0; length + 1 < sizeof(command); length++) {
		char *id;

		if (read(fd, command + length, 1) != 1)
			break;
		if (command[length] != '\n')
			continue;
		command[length] = 0;
		id = strstr(command, "\"id\":");
		if (!id)
			break;				/* it is told to power off */
		flood(fd, atoi(id + 5));
		length = -1;
	}
	reboot(RB_POWER_OFF);
	return 0;
}
