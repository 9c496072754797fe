#include "pages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int pages_handed_out(int64_t *pages)
{
	FILE *file = fopen("/proc/vmstat", "re");
	char name[64];
	long long value;
	int zones = 0;

	if (!file)
		return -1;
	*pages = 0;
	while (fscanf(file, "%63s %lld", name, &value) == 2) {
		if (strncmp(name, "pgalloc_", 8))
			continue;
		*pages += value;
		zones++;
	}
	fclose(file);
	if (!zones)
		errno = ENODATA;
	return zones ? 0 : -1;
}
