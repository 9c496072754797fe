/*
 * Looks into one property of virtio-gpu's dma-bufs through the guest's test importer: the command on stdin, facts as JSON lines on stdout, talk on
 * stderr. A process of its own, as a pipeline is. Exit codes as the pipeline's.
 */
#include "property.h"
#include "ask.h"
#include "leaks.h"
#include "virtgpu.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct { const char *name; int (*ask)(struct property *p); } properties[] = {
	{ "id", ask_id }, { "uuid", ask_uuid }, { "foreign", ask_foreign }, { "early", ask_early }, { "namespace", ask_namespace },
	{ "stale", ask_stale }, { "scatterlist", ask_scatterlist }, { "ranges", ask_ranges }, { "map-twice", ask_map_twice },
	{ "dynamic", ask_dynamic }, { "lifetime", ask_lifetime }, { "dma", ask_dma }, { "dma-iommu", ask_dma }, { "fragmented", ask_fragmented },
	{ "dma-contig", ask_dma_contig }, { "vmalloc", ask_vmalloc },
};

void fact_begin(struct property *p, const char *of)
{
	say_begin(&p->say, "fact");
	say_int(&p->say, "id", p->id);
	say_str(&p->say, "of", of);
	say_open(&p->say, "is", '{');
}

int fact_end(struct property *p)
{
	say_close(&p->say, '}');
	return say_end(&p->say) ? fault(&p->fault, FAILED, "report", "the host could not be told: %s", strerror(errno)) : 0;
}

int say_table(struct property *p, const char *of, const struct vlab_importer_call *call, uint32_t content)
{
	struct say *s = &p->say;

	fact_begin(p, of);
	say_int(s, "error", call->error);
	say_str(s, "step", importer_step(call));
	say_int(s, "size", call->size);
	say_int(s, "entries", call->orig_nents);
	say_int(s, "dmaEntries", call->nents);
	say_int(s, "withoutPage", call->without_page);
	say_int(s, "hidden", call->hidden);
	say_int(s, "dmaBytes", call->dma_bytes);
	say_int(s, "pageBytes", call->page_bytes);
	say_int(s, "address", call->address);
	say_int(s, "addressLength", call->address_length);
	say_int(s, "contiguous", call->contiguous);
	say_int(s, "physical", call->physical);
	say_int(s, "physicalContiguous", call->physical_contiguous);
	say_int(s, "walked", call->walked);
	say_int(s, "walkCrc", call->walk_crc);
	say_int(s, "contentCrc", call->content_crc);
	say_int(s, "userCrc", content);
	say_int(s, "pending", call->pending);
	return fact_end(p);
}

int ask(struct property *p, unsigned int op, int dmabuf, struct vlab_importer_call *call)
{
	if (!importer_ask(p->importer, op, dmabuf, call))
		return 0;
	return fault(&p->fault, errno == ENODEV ? UNSUPPORTED : FAILED, "ask", "operation %u of " IMPORTER ": %s", op, strerror(errno));
}

static int open_all(struct property *p)
{
	char driver[32];

	p->importer = importer_open();
	if (p->importer < 0)
		return fault(&p->fault, UNSUPPORTED, "setup", IMPORTER ": %s: this kernel has no test importer", strerror(errno));
	p->features = importer_features(p->importer);
	if (p->features < 0)
		return fault(&p->fault, UNSUPPORTED, "setup", IMPORTER " does not understand this probe: %s", strerror(errno));
	p->gpu = virtgpu_open(driver, sizeof(driver));
	if (p->gpu < 0 || strcmp(driver, "virtio_gpu"))
		return fault(&p->fault, UNSUPPORTED, "setup", "there is no virtio-gpu here: %s", p->gpu < 0 ? strerror(errno) : driver);
	fact_begin(p, "importer");
	say_int(&p->say, "hostId", !!(p->features & VLAB_IMPORTER_HAS_HOST_ID));
	say_int(&p->say, "resourceId", !!(p->features & VLAB_IMPORTER_HAS_RESOURCE_ID));
	say_int(&p->say, "edu", !!(p->features & VLAB_IMPORTER_HAS_EDU));
	return fact_end(p);
}

static int run(struct property *p)
{
	char name[32];

	if (ask_read(0, &p->id, name, sizeof(name), &p->fault) || open_all(p))
		return -1;
	for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
		if (!strcmp(properties[i].name, name))
			return properties[i].ask(p);
	}
	return fault(&p->fault, UNSUPPORTED, "command", "no property %s in this probe", name);
}

static int say_end_of(struct property *p, int files)
{
	static const char *const word[] = { [DONE] = "done", [REFUSED] = "refused", [UNSUPPORTED] = "unsupported", [FAILED] = "error" };

	say_begin(&p->say, "end");
	say_int(&p->say, "id", p->id);
	say_str(&p->say, "status", word[p->fault.status]);
	if (p->fault.status != DONE)
		say_str(&p->say, "why", p->fault.why);
	if (p->fault.step)
		say_str(&p->say, "step", p->fault.step);
	say_int(&p->say, "frames", 0);
	say_int(&p->say, "fds", files);
	return say_end(&p->say);
}

int main(void)
{
	struct property *p = calloc(1, sizeof(*p));
	int files = leaks_own_files();

	if (!p)
		return 1;
	p->say.fd = 1;
	p->gpu = p->importer = -1;
	if (run(p) && p->fault.status == DONE)
		fault(&p->fault, FAILED, "ask", "it did not say why");
	if (p->fault.status != DONE)
		fprintf(stderr, "property: %s\n", p->fault.why);
	if (p->gpu >= 0)
		close(p->gpu);
	if (p->importer >= 0)
		close(p->importer);
	if (say_end_of(p, leaks_more(files, leaks_own_files())))
		return 1;
	return p->fault.status == DONE ? 0 : p->fault.status == FAILED ? 98 : 77;
}
