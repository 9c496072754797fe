/*
 * A device that really does DMA writes into a virtio-gpu buffer, where the buffer's table says that it is. The pattern is then looked for in the
 * buffer, and where the address, taken literally, points.
 */
#include "crc32.h"
#include "property.h"

#include <errno.h>
#include <string.h>

#define BYTES 4096u				/* the edu device moves so many at once */
#define LOW (1u << 20)				/* the importer lets nobody look above */
#define FILL 0x5a
#define PAGES 64

static void pattern(uint8_t bytes[BYTES], uint32_t seed)
{
	for (unsigned int i = 0; i < BYTES; i++)
		bytes[i] = (seed * 31 + i * 7 + (i >> 8) * 13) | 0x80;	/* never FILL, never zero */
}

static int same(const uint8_t *bytes, const uint8_t *wanted)
{
	int count = 0;

	for (unsigned int i = 0; i < BYTES; i++)
		count += bytes[i] == wanted[i];
	return count;
}

static int other_than_fill(const uint8_t *bytes, size_t len)
{
	int count = 0;

	for (size_t i = 0; i < len; i++)
		count += bytes[i] != FILL;
	return count;
}

/* How many bytes of the pattern are at the address now, and were there before; -1: it is above 1 MiB. */
struct elsewhere {
	int before, after;
};

static int look_at(struct property *p, unsigned long long address, const uint8_t *wanted)
{
	uint8_t bytes[BYTES];

	if (address + BYTES > LOW || importer_peek(p->importer, address, bytes, BYTES))
		return -1;
	return same(bytes, wanted);
}

static int say_dma(struct property *p, const struct resource *r, size_t offset, const struct vlab_importer_call *call, const uint8_t *wanted,
		   const struct elsewhere *low, const struct vlab_importer_call *table)
{
	struct say *s = &p->say;

	fact_begin(p, "dma");
	say_int(s, "error", call->error);
	say_str(s, "step", importer_step(call));
	say_int(s, "offset", offset);
	say_int(s, "bytes", BYTES);
	say_int(s, "entries", table->nents);
	say_int(s, "withoutPage", table->without_page);
	say_int(s, "address", call->address);
	say_int(s, "first", table->address);
	say_int(s, "physical", table->physical);
	say_int(s, "landed", same(r->map + offset, wanted));
	say_int(s, "changed", other_than_fill(r->map, r->size));
	say_int(s, "lowBefore", low->before);
	say_int(s, "lowAfter", low->after);
	return fact_end(p);
}

/* Writes at `offset` of the buffer, which is full of FILL, and makes it so again. */
static int write_at(struct property *p, struct resource *r, size_t offset)
{
	struct vlab_importer_call call, table;
	struct elsewhere low;
	uint8_t wanted[BYTES];

	pattern(wanted, offset / BYTES + 1);
	if (ask(p, VLAB_IMPORTER_EDU_MAP, r->dmabuf, &table))
		return -1;
	low.before = look_at(p, table.address + offset, wanted);
	if (importer_edu_write(p->importer, r->dmabuf, offset, wanted, BYTES, &call))
		return fault(&p->fault, FAILED, "dma", "EDU_WRITE: %s", strerror(errno));
	low.after = look_at(p, call.address, wanted);
	if (say_dma(p, r, offset, &call, wanted, &low, &table))
		return -1;
	memset(r->map, FILL, r->size);
	return 0;
}

static int has_edu(struct property *p)
{
	return p->features & VLAB_IMPORTER_HAS_EDU ? 0 : fault(&p->fault, UNSUPPORTED, "setup", "this guest has no edu device that the importer could use");
}

static int make_filled(struct property *p, struct resource *r, size_t size)
{
	return resource_init(r, p->gpu, size, &p->fault) || resource_learn_id(r, &p->fault) || resource_map(r, FILL, &p->fault) ? -1 : 0;
}

int ask_dma(struct property *p)
{
	struct resource r;
	int err;

	if (has_edu(p))
		return -1;
	err = make_filled(p, &r, 2 * BYTES);
	if (!err) {
		fact_begin(p, "own");
		say_int(&p->say, "id", r.id);
		err = fact_end(p) || write_at(p, &r, 0);
	}
	resource_fini(&r);
	return err ? -1 : 0;
}

int ask_fragmented(struct property *p)
{
	static const size_t offset[] = { 0, PAGES / 2 * BYTES, (PAGES - 1) * BYTES };
	struct fragments holes;
	struct resource r = { .dmabuf = -1 };
	struct vlab_importer_call call;
	int err;

	if (has_edu(p))
		return -1;
	err = fragment(&holes, &p->fault) || make_filled(p, &r, PAGES * BYTES) || ask(p, VLAB_IMPORTER_CONTROL, r.dmabuf, &call) ||
	      say_table(p, "table", &call, crc32_of(r.map, r.size));
	for (size_t i = 0; !err && i < sizeof(offset) / sizeof(offset[0]); i++)
		err = write_at(p, &r, offset[i]);
	resource_fini(&r);
	fragment_fini(&holes);
	return err ? -1 : 0;
}
