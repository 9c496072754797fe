/* Whether a name is one's own: buffers of other exporters, of another GPU, and one that is gone. */
#include "property.h"
#include "foreign.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int say_foreign(struct property *p, enum foreign kind)
{
	struct vlab_importer_call call = { 0 };
	struct foreign_buffer buffer;
	int error = foreign_make(kind, &buffer), err;

	fact_begin(p, "foreign");
	say_str(&p->say, "exporter", foreign_name(kind));
	say_int(&p->say, "madeError", error);
	if (!error) {
		err = say_names(p, "names", buffer.dmabuf) || ask(p, VLAB_IMPORTER_UUID, buffer.dmabuf, &call);
		foreign_fini(&buffer);
		if (err)
			return -1;
		say_str(&p->say, "name", call.exporter);
		say_int(&p->say, "uuidError", call.error);
	}
	return fact_end(p);
}

int ask_foreign(struct property *p)
{
	struct resource own;
	int err = resource_init(&own, p->gpu, 4096, &p->fault) || resource_learn_id(&own, &p->fault);

	if (!err) {
		fact_begin(p, "own");
		say_int(&p->say, "id", own.id);
		err = say_names(p, "names", own.dmabuf) || fact_end(p);
	}
	resource_fini(&own);
	for (int kind = 0; !err && kind < FOREIGN_KINDS; kind++)
		err = say_foreign(p, kind);
	return err;
}

#define PAIR_MAX 64

/* Buffers of two GPUs, the last of each with the same id. Those before it keep their ids, so that nobody gets them again. */
struct pair {
	int fd[2], made[2];
	struct resource r[2][PAIR_MAX];
};

static struct resource *last(struct pair *pair, int side)
{
	return &pair->r[side][pair->made[side] - 1];
}

static int make_one(struct property *p, struct pair *pair, int side)
{
	struct resource *r;

	if (pair->made[side] == PAIR_MAX)
		return fault(&p->fault, UNSUPPORTED, "setup", "the GPUs have no id in common, the last were %u and %u; want virtio_gpu.virglhack=0",
			     last(pair, 0)->id, last(pair, 1)->id);
	r = &pair->r[side][pair->made[side]++];
	return resource_init(r, pair->fd[side], 4096, &p->fault) || resource_learn_id(r, &p->fault) ? -1 : 0;
}

static int make_pair(struct property *p, struct pair *pair)
{
	if (make_one(p, pair, 0) || make_one(p, pair, 1))
		return -1;
	while (last(pair, 0)->id != last(pair, 1)->id) {
		if (make_one(p, pair, last(pair, 0)->id > last(pair, 1)->id))
			return -1;
	}
	return 0;
}

static int say_pair(struct property *p, struct pair *pair)
{
	fact_begin(p, "pair");
	say_int(&p->say, "id", last(pair, 0)->id);
	say_int(&p->say, "otherId", last(pair, 1)->id);
	if (say_names(p, "one", last(pair, 0)->dmabuf) || say_names(p, "other", last(pair, 1)->dmabuf) || fact_end(p))
		return -1;
	return say_uuid_error(p, last(pair, 0)->dmabuf);
}

int ask_namespace(struct property *p)
{
	static struct pair pair;
	int err;

	pair.fd[0] = p->gpu;
	pair.fd[1] = resource_second_gpu();
	if (pair.fd[1] < 0)
		return fault(&p->fault, UNSUPPORTED, "setup", "there is no second virtio-gpu; want device virgl-two-gpus");
	err = make_pair(p, &pair) || say_pair(p, &pair);
	for (int side = 0; side < 2; side++) {
		while (pair.made[side])
			resource_fini(&pair.r[side][--pair.made[side]]);
	}
	close(pair.fd[1]);
	return err ? -1 : 0;
}

/* Makes buffers one after another until one has this id; how many that took, 0: none of them has. */
static int tries_until(struct property *p, uint32_t id, int *tries)
{
	*tries = 0;
	for (int n = 1; n <= 64; n++) {
		struct resource r;
		int err = resource_init(&r, p->gpu, 4096, &p->fault) || resource_learn_id(&r, &p->fault);
		bool same = r.id == id;

		resource_fini(&r);
		if (err)
			return -1;
		if (same) {
			*tries = n;
			return 0;
		}
		usleep(2000);			/* the host must have let go of the one before */
	}
	return 0;
}

int ask_stale(struct property *p)
{
	struct vlab_importer_call call;
	struct resource r;
	int held, gone, err = resource_init(&r, p->gpu, 4096, &p->fault) || resource_learn_id(&r, &p->fault);
	uint32_t id = r.id;

	if (!err) {
		fact_begin(p, "own");
		say_int(&p->say, "id", id);
		err = say_names(p, "names", r.dmabuf) || fact_end(p);
	}
	if (!err)
		err = ask(p, VLAB_IMPORTER_HOLD, r.dmabuf, &call);
	resource_fini(&r);
	if (err)
		return -1;
	if (call.error)
		return fault(&p->fault, FAILED, "hold", "the importer cannot hold it: %s in %s", strerror(-call.error), importer_step(&call));
	if (tries_until(p, id, &held) || importer_ask_held(p->importer, VLAB_IMPORTER_RELEASE, call.token, &call) || tries_until(p, id, &gone))
		return fault(&p->fault, FAILED, "release", "%s", strerror(errno));
	fact_begin(p, "stale");
	say_int(&p->say, "id", id);
	say_int(&p->say, "reusedWhileHeld", held);
	say_int(&p->say, "reusedAfter", gone);
	return fact_end(p);
}
