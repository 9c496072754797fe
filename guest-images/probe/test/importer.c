#include "crc32.h"
#include "importer.h"
#include "test.h"

#include <errno.h>
#include <stddef.h>

/* The kernel's copy of the structure is another file: what it says of sizes and places must stay as it is. */
void test_importer(void)
{
	struct vlab_importer_call call = { .step = VLAB_IMPORTER_DMA };

	CLAIM(sizeof(call) == 248 && offsetof(struct vlab_importer_call, size) == 48 && offsetof(struct vlab_importer_call, uuid) == 184);
	CLAIM_TEXT(importer_step(&call), "dma");
	call.step = 0;
	CLAIM_TEXT(importer_step(&call), "");
	call.step = 99;
	CLAIM_TEXT(importer_step(&call), "");
	CLAIM(importer_ask(-1, VLAB_IMPORTER_INFO, -1, &call) == -1 && errno == EBADF);
	CLAIM(importer_features(-1) == -1);
	CLAIM(crc32_of("123456789", 9) == 0xcbf43926 && crc32_of("", 0) == 0);
}
