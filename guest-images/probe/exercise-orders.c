#include "exercise.h"
#include "exercise-object.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <drm/drm.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>

#define LIVE 16
#define SIDE 64
#define PAGES 16
#define ROUNDS 4

static enum verdict same_id(struct exercise *x, const struct object *o)
{
	uint32_t id;

	if (object_info(o->file, o->handle, &id))
		return bad(x, "RESOURCE_INFO: %s", strerror(errno));
	if (!o->id || id != o->id)
		return bad(x, "one resource has two ids: RESOURCE_CREATE said %u, RESOURCE_INFO says %u", o->id, id);
	return GOOD;
}

static enum verdict other_ids(struct exercise *x, const struct object *o, int count, uint32_t id)
{
	for (int i = 0; i < count; i++)
		if (o[i].id == id)
			return bad(x, "two resources that both live have the id %u", id);
	return GOOD;
}

/* One object that only a dma-buf keeps, and others that are made after its handle is gone: no two may have one id. */
static enum verdict ids_are_kept(struct exercise *x, struct object *kept, struct object *o, int dmabuf)
{
	struct object again = { 0 };
	enum verdict verdict = GOOD;

	if (object_close(kept))
		return bad(x, "GEM_CLOSE: %s", strerror(errno));
	for (int i = 0; verdict == GOOD && i < LIVE; i++) {
		if (object_create(&o[i], x->one, SIDE, SIDE))
			return bad(x, "RESOURCE_CREATE: %s", strerror(errno));
		verdict = same_id(x, &o[i]);
		if (verdict == GOOD)
			verdict = other_ids(x, o, i, o[i].id);
		if (verdict == GOOD)
			verdict = other_ids(x, kept, 1, o[i].id);
	}
	if (verdict == GOOD && object_import(&again, x->one, dmabuf, kept))
		verdict = bad(x, "the import of an own dma-buf: %s", strerror(errno));
	if (verdict == GOOD && again.id != kept->id)
		verdict = bad(x, "an object had the id %u, and has %u after it was shared", kept->id, again.id);
	object_fini(&again);
	return verdict;
}

enum verdict check_ids(struct exercise *x)
{
	struct object kept = { 0 }, o[LIVE] = { 0 };
	enum verdict verdict;
	int dmabuf = -1;

	if (object_create(&kept, x->one, SIDE, SIDE))
		return bad(x, "RESOURCE_CREATE: %s", strerror(errno));
	verdict = same_id(x, &kept);
	if (verdict == GOOD) {
		dmabuf = object_export(&kept);
		verdict = dmabuf < 0 ? bad(x, "export: %s", strerror(errno)) : ids_are_kept(x, &kept, o, dmabuf);
	}
	for (int i = 0; i < LIVE; i++)
		object_fini(&o[i]);
	object_fini(&kept);
	if (dmabuf >= 0)
		close(dmabuf);
	return verdict;
}

/* Handle, dma-buf, a mapping through it, the handle of a second file: each of the 24 orders in which they can go. */
static int let_go(int order, struct object *o, struct object *same, int dmabuf, void *map)
{
	int left[4] = { 0, 1, 2, 3 }, count = 4, err = 0;
	volatile uint8_t nowhere, *touch = map;

	for (int turn = order; count; turn /= count, count--) {
		int at = turn % count;

		*touch = order;			/* as long as there is a mapping, there are pages */
		switch (left[at]) {
		case 0: err |= object_close(o); break;
		case 1: err |= close(dmabuf); break;
		case 2: err |= munmap(map, o->size); touch = &nowhere; break;
		case 3: err |= object_close(same); break;
		}
		left[at] = left[count - 1];
	}
	return err;
}

static enum verdict shared_and_closed(struct exercise *x, int order)
{
	struct object o = { 0 }, same = { 0 };
	int dmabuf = -1;
	void *map;

	if (object_create(&o, x->one, SIDE, SIDE) || (dmabuf = object_export(&o)) < 0 || object_import(&same, x->two, dmabuf, &o))
		return bad(x, "create, export and import: %s", strerror(errno));
	map = mmap(NULL, o.size, PROT_READ | PROT_WRITE, MAP_SHARED, dmabuf, 0);
	if (map == MAP_FAILED)
		return bad(x, "mmap of the dma-buf: %s", strerror(errno));
	if (x->virgl && object_send(&o))
		return bad(x, "TRANSFER_TO_HOST: %s", strerror(errno));
	return let_go(order, &o, &same, dmabuf, map) ? bad(x, "closing, in order %d of 24: %s", order, strerror(errno)) : GOOD;
}

enum verdict check_close_orders(struct exercise *x)
{
	enum verdict verdict = GOOD;

	for (int round = 0; round < ROUNDS; round++)
		for (int order = 0; verdict == GOOD && order < 24; order++)
			verdict = shared_and_closed(x, order);
	return verdict;
}

/* A file that is closed with commands under way and a mapping in use, as by a process that is killed. */
enum verdict check_close_busy(struct exercise *x)
{
	int file = exercise_open_again(x);
	struct object o[4] = { 0 };
	enum verdict verdict = GOOD;

	if (file < 0)
		return bad(x, "a third open: %s", strerror(errno));
	for (int i = 0; verdict == GOOD && i < 4; i++)
		if (object_create(&o[i], file, 256, 256) || object_map(&o[i]) || object_send(&o[i]))
			verdict = bad(x, "create, map and TRANSFER_TO_HOST: %s", strerror(errno));
	close(file);
	for (int i = 0; i < 4; i++) {
		if (o[i].map)
			*(volatile uint32_t *)o[i].map = i;
		object_unmap(&o[i]);
	}
	return verdict;
}

static int udmabuf(size_t size)
{
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = size };
	int device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), dmabuf = -1, memory;

	if (device < 0)
		return -1;
	memory = memfd_create("foreign", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (memory >= 0 && !ftruncate(memory, size) && !fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK)) {
		create.memfd = memory;
		dmabuf = ioctl(device, UDMABUF_CREATE, &create);
	}
	if (memory >= 0)
		close(memory);
	close(device);
	return dmabuf;
}

static int heap(size_t size)
{
	struct dma_heap_allocation_data data = { .len = size, .fd_flags = O_RDWR | O_CLOEXEC };
	int device = open("/dev/dma_heap/system", O_RDONLY | O_CLOEXEC), err;

	if (device < 0)
		return -1;
	err = ioctl(device, DMA_HEAP_IOCTL_ALLOC, &data);
	close(device);
	return err ? -1 : (int)data.fd;
}

/* Whether virtio-gpu takes it is the kernel's choice; that it either has it or has let go of it is not. */
static enum verdict offered(struct exercise *x, int dmabuf, const char *whose)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct drm_prime_handle prime = { .fd = dmabuf };

		if (gpu_ioctl(x->one, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime)) {
			if (errno != ENODEV && errno != EINVAL && errno != EOPNOTSUPP && errno != ENOSYS)
				return bad(x, "the import of a dma-buf of %s: %s", whose, strerror(errno));
		} else if (gpu_ioctl(x->one, DRM_IOCTL_GEM_CLOSE, &(struct drm_gem_close){ .handle = prime.handle })) {
			return bad(x, "the handle of a dma-buf of %s cannot be closed: %s", whose, strerror(errno));
		}
	}
	return GOOD;
}

enum verdict check_foreign_import(struct exercise *x)
{
	static const struct { const char *whose; int (*make)(size_t size); } exporter[] = { { "udmabuf", udmabuf }, { "the system heap", heap } };
	enum verdict verdict = GOOD;
	int made = 0;

	for (size_t i = 0; verdict == GOOD && i < sizeof(exporter) / sizeof(exporter[0]); i++) {
		int dmabuf = exporter[i].make((size_t)PAGES * getpagesize());

		if (dmabuf < 0)
			continue;
		made++;
		verdict = offered(x, dmabuf, exporter[i].whose);
		close(dmabuf);
	}
	return made ? verdict : absent(x, "this kernel has no other exporter of dma-bufs");
}
