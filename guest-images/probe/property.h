/*
 * Questions to the test importer about virtio-gpu's dma-bufs: one function for each property, which looks and says facts. Refuses to judge: what a
 * property wants is the host's matter (orchestrator/src/verify/properties.ts).
 */
#ifndef PROPERTY_H
#define PROPERTY_H

#include "fault.h"
#include "importer.h"
#include "lines.h"
#include "resource.h"

#include <stdbool.h>

#define BUFFERS 72				/* of which each must have its right name */

struct property {
	int64_t id;				/* of the command */
	int gpu, importer;			/* owned; -1 */
	int features;				/* of the importer */
	struct fault fault;
	struct say say;				/* its fd is borrowed */
};

/* fact_begin(p, "table"), members by say_int() and so on, fact_end(p): {"t":"fact","id":1,"of":"table","is":{...}}. */
void fact_begin(struct property *p, const char *of);
int fact_end(struct property *p);

/* A fact of what an importer was given: the table, and what it holds. `content` is the CRC-32 of what user space sees there. */
int say_table(struct property *p, const char *of, const struct vlab_importer_call *call, uint32_t content);

/* Members of a fact: every name that the importer gets for a dma-buf, or why it gets none; and a fact of its own of how asking for a UUID ends. */
int say_names(struct property *p, const char *key, int dmabuf);
int say_uuid_error(struct property *p, int dmabuf);

/* -1 and a fault when the call itself makes no sense. */
int ask(struct property *p, unsigned int op, int dmabuf, struct vlab_importer_call *call);

/*
 * Frees pages one here and one there, so that what is allocated next has no two neighbours. Keeps the pages between; fragment_fini() gives them
 * back.
 */
struct fragments {
	uint8_t *map;				/* owned; NULL */
	size_t len;
};

int fragment(struct fragments *fragments, struct fault *f);
void fragment_fini(struct fragments *fragments);

/* Each: 0, or -1 and a fault. */
int ask_id(struct property *p);
int ask_uuid(struct property *p);
int ask_foreign(struct property *p);
int ask_early(struct property *p);
int ask_namespace(struct property *p);
int ask_stale(struct property *p);
int ask_scatterlist(struct property *p);
int ask_ranges(struct property *p);
int ask_map_twice(struct property *p);
int ask_dynamic(struct property *p);
int ask_lifetime(struct property *p);
int ask_dma(struct property *p);
int ask_fragmented(struct property *p);
int ask_dma_contig(struct property *p);
int ask_vmalloc(struct property *p);

#endif
