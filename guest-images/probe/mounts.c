#include "mounts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int try_mount(const char *what, const char *where, const char *type, unsigned long flags, const char *data)
{
	int err;

	if (!mount(what, where, type, flags, data))
		return 0;
	err = errno;
	if (err == EBUSY)			/* the kernel was there first (DEVTMPFS_MOUNT) */
		return 0;
	fprintf(stderr, "probe: mount %s on %s: %s\n", what, where, strerror(err));
	return -1;
}

void mounts_first(void)
{
	try_mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	try_mount("devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755");
}

/* Puts the overlay over "/" the way switch_root does. The image stays below, under no name. */
static void writable_root(void)
{
	if (try_mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755"))
		return;
	if (mkdir("/run/upper", 0755) || mkdir("/run/work", 0755) || mkdir("/run/root", 0755) ||
	    try_mount("overlay", "/run/root", "overlay", 0, "lowerdir=/,upperdir=/run/upper,workdir=/run/work"))
		goto keep;
	if (mount("/dev", "/run/root/dev", NULL, MS_MOVE, NULL) || mount("/sys", "/run/root/sys", NULL, MS_MOVE, NULL) ||
	    chdir("/run/root") || mount(".", "/", NULL, MS_MOVE, NULL) || chroot(".") || chdir("/")) {
		perror("probe: could not enter the overlay");
		return;
	}
	try_mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755");
	return;
keep:
	fputs("probe: the root stays read-only\n", stderr);
}

void mounts_rest(void)
{
	writable_root();
	try_mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	try_mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
	try_mount("debugfs", "/sys/kernel/debug", "debugfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}
