/*
 * PID 1 of every guest of the lab: says hello on the control port as early as it can, then makes the rest of the guest, then serves.
 * Static and small, so that nothing below it can break. Refuses to know what a pipeline does.
 */
#include "mounts.h"
#include "port.h"
#include "serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

/* What the pipeline's libraries look at. The image may add to it: NAME=value lines in /vlab/environment. */
static void set_environment(void)
{
	char line[256], *value;
	FILE *file;

	clearenv();
	setenv("PATH", "/usr/bin:/bin", 1);
	setenv("HOME", "/tmp", 1);
	setenv("LC_ALL", "C", 1);
	setenv("TZ", "UTC", 1);
	file = fopen("/vlab/environment", "re");
	while (file && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		value = strchr(line, '=');
		if (!value || line[0] == '#')
			continue;
		*value++ = '\0';
		setenv(line, value, 1);
	}
	if (file)
		fclose(file);
}

int main(void)
{
	struct serve serve;
	int port;

	if (getpid() != 1) {
		fputs("probe: I am PID 1 of a guest or nothing\n", stderr);
		return 79;
	}
	/* The order is the point: hello before anything that hello does not need. */
	mounts_first();
	port = port_open("vlab.control", 5000);
	if (port < 0 || serve_init(&serve, port, "/vlab/pipeline", "/vlab/property", "/sys/kernel/debug/kmemleak") || serve_hello(&serve)) {
		perror("probe: no hello");
	} else {
		mounts_rest();
		set_environment();
		if (serve_run(&serve))
			perror("probe: the control port failed");
	}
	sync();
	reboot(RB_POWER_OFF);
	for (;;)				/* a kernel without power management; ending PID 1 would look like a panic */
		pause();
}
