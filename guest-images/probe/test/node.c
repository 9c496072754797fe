#include "node.h"
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* There is no GPU where tests run: a file under its name stands in for another driver's node. */
void test_node(void)
{
	char folder[] = "/tmp/probe-test-XXXXXX", path[64], wanted[64];

	CLAIM(mkdtemp(folder));
	snprintf(wanted, sizeof(wanted), "%s/card0", folder);
	CLAIM_TEXT(gpu_node(folder), wanted);
	snprintf(path, sizeof(path), "%s/card1", folder);
	close(open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	CLAIM_TEXT(gpu_node(folder), wanted);
	unlink(path);
	rmdir(folder);
}
