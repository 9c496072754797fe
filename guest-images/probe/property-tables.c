/* What a scatterlist of virtio-gpu's says, and what is behind it: page by page, mapped twice, by a dynamic importer, when everybody else has let go. */
#include "crc32.h"
#include "property.h"
#include "virtgpu.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FRAGMENTS_BYTES (32u << 20)
#define PAGE 4096u

int fragment(struct fragments *fragments, struct fault *f)
{
	cpu_set_t here;
	void *map;

	/* Freed pages wait on a list of this CPU's own, and only who allocates on it gets them. */
	CPU_ZERO(&here);
	CPU_SET(sched_getcpu(), &here);
	sched_setaffinity(0, sizeof(here), &here);
	map = mmap(NULL, FRAGMENTS_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	*fragments = (struct fragments){ 0 };
	if (map == MAP_FAILED)
		return fault(f, FAILED, "setup", "%u bytes to make holes in: %s", FRAGMENTS_BYTES, strerror(errno));
	*fragments = (struct fragments){ map, FRAGMENTS_BYTES };
	for (size_t at = 0; at < fragments->len; at += 2 * PAGE)
		madvise(fragments->map + at, PAGE, MADV_DONTNEED);
	return 0;
}

void fragment_fini(struct fragments *fragments)
{
	if (fragments->map)
		munmap(fragments->map, fragments->len);
	*fragments = (struct fragments){ 0 };
}

/* Bytes that are nowhere else, so that a page in the wrong place shows. */
static void paint(struct resource *r, uint32_t seed)
{
	for (size_t i = 0; i + 4 <= r->size; i += 4) {
		seed = seed * 1664525 + 1013904223;
		memcpy(r->map + i, &seed, 4);
	}
}

static int make_painted(struct property *p, struct resource *r, size_t size)
{
	if (resource_init(r, p->gpu, size, &p->fault) || resource_learn_id(r, &p->fault) || resource_map(r, 0, &p->fault))
		return -1;
	paint(r, size);
	return 0;
}

static int say_painted(struct property *p, const char *of, unsigned int op, size_t size)
{
	struct vlab_importer_call call;
	struct resource r;
	int err = make_painted(p, &r, size) || ask(p, op, r.dmabuf, &call) || say_table(p, of, &call, crc32_of(r.map, r.size));

	resource_fini(&r);
	return err ? -1 : 0;
}

int ask_scatterlist(struct property *p)
{
	static const size_t sizes[] = { PAGE, 5 * PAGE, 64 * PAGE };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		if (say_painted(p, "table", VLAB_IMPORTER_CONTROL, sizes[i]))
			return -1;
	}
	return 0;
}

int ask_dynamic(struct property *p)
{
	return say_painted(p, "table", VLAB_IMPORTER_DYNAMIC, 5 * PAGE);
}

struct range {
	unsigned long long from, to;
};

static int compare_ranges(const void *a, const void *b)
{
	const struct range *one = a, *other = b;

	return one->from < other->from ? -1 : one->from > other->from;
}

int ask_ranges(struct property *p)
{
	static struct resource r[BUFFERS];
	static struct range range[BUFFERS];
	int made = 0, mapped = 0, overlapping = 0, err = 0, at = -1;
	struct vlab_importer_call call;

	for (; !err && made < BUFFERS; made++) {
		err = resource_init(&r[made], p->gpu, 4 * PAGE, &p->fault) || ask(p, VLAB_IMPORTER_CONTROL, r[made].dmabuf, &call);
		if (!err && !call.error && call.nents)
			range[mapped++] = (struct range){ call.address, call.address + call.address_length };
	}
	while (made)
		resource_fini(&r[--made]);
	if (err)
		return -1;
	qsort(range, mapped, sizeof(range[0]), compare_ranges);
	for (int i = 1; i < mapped; i++) {
		if (range[i].from < range[i - 1].to) {
			overlapping++;
			at = at < 0 ? i : at;
		}
	}
	fact_begin(p, "ranges");
	say_int(&p->say, "buffers", BUFFERS);
	say_int(&p->say, "mapped", mapped);
	say_int(&p->say, "overlapping", overlapping);
	if (at > 0) {
		say_int(&p->say, "from", range[at - 1].from);
		say_int(&p->say, "to", range[at - 1].to);
		say_int(&p->say, "nextFrom", range[at].from);
	}
	return fact_end(p);
}

int ask_map_twice(struct property *p)
{
	struct vlab_importer_call call;
	struct resource r;
	int err = resource_init(&r, p->gpu, 5 * PAGE, &p->fault) || ask(p, VLAB_IMPORTER_MAP_TWICE, r.dmabuf, &call);

	resource_fini(&r);
	if (err)
		return -1;
	fact_begin(p, "maps");
	say_int(&p->say, "error", call.error);
	say_str(&p->say, "step", importer_step(&call));
	say_int(&p->say, "sameTable", call.same_table);
	say_int(&p->say, "address", call.address);
	say_int(&p->say, "secondAddress", call.second_address);
	return fact_end(p);
}

/* In which order user space lets go. */
enum order { DMABUF_FIRST, HANDLE_FIRST, DEVICE_FIRST, ORDERS };

static void let_go(struct resource *r, enum order order)
{
	if (order == DMABUF_FIRST)
		resource_close_dmabuf(r);
	if (order == DEVICE_FIRST)
		r->handle = 0;			/* it goes with the device */
	else
		resource_close_handle(r);
	close(r->fd);
	resource_close_dmabuf(r);
}

/* Held by the importer, and by nobody else: is it still what it was? */
static int say_held(struct property *p, enum order order)
{
	static const char *const name[ORDERS] = { "dma-buf, handle, device", "handle, device, dma-buf", "device, dma-buf" };
	struct vlab_importer_call held, now;
	struct resource r;
	char driver[32];
	int gpu = virtgpu_open(driver, sizeof(driver)), err;
	uint32_t content = 0;

	if (gpu < 0)
		return fault(&p->fault, FAILED, "setup", "a second opening of the device: %s", strerror(errno));
	err = resource_init(&r, gpu, 5 * PAGE, &p->fault) || resource_map(&r, 0, &p->fault);
	if (!err) {
		paint(&r, order + 1);
		content = crc32_of(r.map, r.size);
		err = ask(p, VLAB_IMPORTER_HOLD, r.dmabuf, &held);
	}
	let_go(&r, order);
	if (err)
		return -1;
	if (!held.error && importer_ask_held(p->importer, VLAB_IMPORTER_CONTROL, held.token, &now))
		return fault(&p->fault, FAILED, "ask", "a held dma-buf: %s", strerror(errno));
	fact_begin(p, "held");
	say_str(&p->say, "order", name[order]);
	say_int(&p->say, "holdError", held.error);
	say_int(&p->say, "error", held.error ? held.error : now.error);
	say_int(&p->say, "contentCrc", held.error ? 0 : now.content_crc);
	say_int(&p->say, "userCrc", content);
	say_int(&p->say, "sameAddress", !held.error && now.address == held.address);
	if (fact_end(p))
		return -1;
	if (!held.error && importer_ask_held(p->importer, VLAB_IMPORTER_RELEASE, held.token, &now))
		return fault(&p->fault, FAILED, "release", "%s", strerror(errno));
	return 0;
}

int ask_lifetime(struct property *p)
{
	for (int order = 0; order < ORDERS; order++) {
		if (say_held(p, order))
			return -1;
	}
	return 0;
}
