#include "importer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>

int importer_open(void)
{
	return open(IMPORTER, O_RDWR | O_CLOEXEC);
}

static int ask(int importer, struct vlab_importer_call *call)
{
	int err;

	call->version = VLAB_IMPORTER_VERSION;
	do
		err = ioctl(importer, VLAB_IMPORTER_CALL, call);
	while (err < 0 && errno == EINTR);
	return err < 0 ? -1 : 0;
}

int importer_ask(int importer, unsigned int op, int dmabuf, struct vlab_importer_call *call)
{
	*call = (struct vlab_importer_call){ .op = op, .fd = dmabuf };
	return ask(importer, call);
}

int importer_ask_held(int importer, unsigned int op, unsigned int token, struct vlab_importer_call *call)
{
	*call = (struct vlab_importer_call){ .op = op, .fd = -1, .token = token };
	return ask(importer, call);
}

int importer_features(int importer)
{
	struct vlab_importer_call call;

	return importer_ask(importer, VLAB_IMPORTER_INFO, -1, &call) ? -1 : (int)call.features;
}

int importer_edu_write(int importer, int dmabuf, size_t offset, const void *bytes, size_t len, struct vlab_importer_call *call)
{
	*call = (struct vlab_importer_call){
		.op = VLAB_IMPORTER_EDU_WRITE, .fd = dmabuf, .offset = offset, .length = len, .user = (uintptr_t)bytes,
	};
	return ask(importer, call);
}

int importer_peek(int importer, unsigned long long address, void *bytes, size_t len)
{
	struct vlab_importer_call call = {
		.op = VLAB_IMPORTER_PEEK, .fd = -1, .offset = address, .length = len, .user = (uintptr_t)bytes,
	};

	return ask(importer, &call);
}

const char *importer_step(const struct vlab_importer_call *call)
{
	static const char *const name[] = {
		[VLAB_IMPORTER_GET] = "get", [VLAB_IMPORTER_ATTACH] = "attach", [VLAB_IMPORTER_MAP] = "map", [VLAB_IMPORTER_VMAP] = "vmap",
		[VLAB_IMPORTER_ASK] = "ask", [VLAB_IMPORTER_FIND] = "find", [VLAB_IMPORTER_GUARD] = "guard", [VLAB_IMPORTER_DMA] = "dma",
	};

	return call->step < sizeof(name) / sizeof(name[0]) && name[call->step] ? name[call->step] : "";
}
