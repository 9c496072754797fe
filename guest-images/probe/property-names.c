/* How virtio-gpu's buffers are called: by an address, a field, a resource id, a UUID; whether the name is right, one's own, and at which time. */
#include "property.h"
#include "foreign.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum channel { ADDRESS, HOST_ID, RESOURCE_ID, CHANNELS };

static const char *const channel_name[CHANNELS] = { "address", "hostId", "resourceId" };

static const struct { unsigned int op; int feature; } way[CHANNELS] = {
	[ADDRESS] = { VLAB_IMPORTER_CONTROL, 0 },
	[HOST_ID] = { VLAB_IMPORTER_HOST_ID, VLAB_IMPORTER_HAS_HOST_ID },
	[RESOURCE_ID] = { VLAB_IMPORTER_RESOURCE_ID, VLAB_IMPORTER_HAS_RESOURCE_ID },
};

/* One name of one buffer. */
struct name {
	long long value;
	int error, fake, pending;		/* fake: a table of one entry that has no page */
	unsigned int device;
};

static int name_of(struct property *p, enum channel channel, int dmabuf, struct name *name)
{
	struct vlab_importer_call call;

	*name = (struct name){ .error = -EOPNOTSUPP };
	if (way[channel].feature && !(p->features & way[channel].feature))
		return 0;
	if (ask(p, way[channel].op, dmabuf, &call))
		return -1;
	*name = (struct name){ .error = call.error, .pending = call.pending, .device = call.device, .value = call.id };
	if (channel == ADDRESS) {
		name->value = call.address;
		name->fake = call.nents == 1 && call.without_page == 1;
	}
	return 0;
}

/* Sizes as they come: a page, several, many. */
static size_t some_size(int n)
{
	static const size_t pages[] = { 1, 5, 2, 16, 1, 33, 3, 8 };

	return pages[n % 8] * 4096;
}

static int make_all(struct property *p, struct resource *r, int *made)
{
	for (*made = 0; *made < BUFFERS; ) {
		int n = (*made)++;

		if (resource_init(&r[n], p->gpu, some_size(n), &p->fault) || resource_learn_id(&r[n], &p->fault))
			return -1;
	}
	return 0;
}

static void unmake_all(struct resource *r, int made)
{
	while (made)
		resource_fini(&r[--made]);
}

static int say_channel(struct property *p, enum channel channel, const struct resource *r)
{
	int right = 0, answered = 0, fake = 0, error = 0;
	long long wrong_want = -1, wrong_got = -1;
	struct say *s = &p->say;
	struct name name;

	for (int i = 0; i < BUFFERS; i++) {
		if (name_of(p, channel, r[i].dmabuf, &name))
			return -1;
		answered += !name.error;
		fake += name.fake;
		error = name.error ? name.error : error;
		if (!name.error && name.value == r[i].id)
			right++;
		else if (!name.error && wrong_want < 0) {
			wrong_want = r[i].id;
			wrong_got = name.value;
		}
	}
	fact_begin(p, "name");
	say_str(s, "channel", channel_name[channel]);
	say_int(s, "buffers", BUFFERS);
	say_int(s, "answered", answered);
	say_int(s, "right", right);
	say_int(s, "fake", fake);
	say_int(s, "error", error);
	say_int(s, "firstId", r[0].id);
	say_int(s, "lastId", r[BUFFERS - 1].id);
	if (wrong_want >= 0) {
		say_int(s, "wanted", wrong_want);
		say_int(s, "got", wrong_got);
	}
	return fact_end(p);
}

/* What virtio_dma_buf_get_uuid() says of the first; all of them are asked by ask_uuid(). */
static int say_uuid_error(struct property *p, int dmabuf)
{
	struct vlab_importer_call call;

	if (ask(p, VLAB_IMPORTER_UUID, dmabuf, &call))
		return -1;
	fact_begin(p, "uuid");
	say_int(&p->say, "error", call.error);
	return fact_end(p);
}

int ask_id(struct property *p)
{
	static struct resource r[BUFFERS];
	int made, err = make_all(p, r, &made);

	for (int channel = 0; !err && channel < CHANNELS; channel++)
		err = say_channel(p, channel, r);
	if (!err)
		err = say_uuid_error(p, r[0].dmabuf);
	unmake_all(r, made);
	return err;
}

static int compare_uuids(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}

int ask_uuid(struct property *p)
{
	static struct resource r[BUFFERS];
	static unsigned char uuid[BUFFERS][16];
	static const unsigned char none[16];
	int made, err = make_all(p, r, &made), answered = 0, stable = 0, random = 0, zero = 0, distinct = 0, error = 0;
	struct vlab_importer_call call;

	for (int i = 0; !err && i < BUFFERS; i++) {
		err = ask(p, VLAB_IMPORTER_UUID, r[i].dmabuf, &call);
		if (err || call.error) {
			error = call.error;
			continue;
		}
		stable += !memcmp(call.uuid, call.second_uuid, 16);
		zero += !memcmp(call.uuid, none, 16);
		random += call.uuid[6] >> 4 == 4 && call.uuid[8] >> 6 == 2;	/* RFC 4122, version 4 */
		memcpy(uuid[answered++], call.uuid, 16);
	}
	unmake_all(r, made);
	if (err)
		return -1;
	qsort(uuid, answered, 16, compare_uuids);
	for (int i = 0; i < answered; i++)
		distinct += !i || memcmp(uuid[i], uuid[i - 1], 16);
	fact_begin(p, "uuids");
	say_int(&p->say, "buffers", BUFFERS);
	say_int(&p->say, "answered", answered);
	say_int(&p->say, "error", error);
	say_int(&p->say, "distinct", distinct);
	say_int(&p->say, "stable", stable);
	say_int(&p->say, "zero", zero);
	say_int(&p->say, "version4", random);
	return fact_end(p);
}

/* Asked at once, while the host may still be busy with the command that makes the resource. */
static int say_early(struct property *p, enum channel channel)
{
	int answered = 0, pending = 0, again = 0, fake = 0, error = 0;
	struct say *s = &p->say;

	for (int i = 0; i < BUFFERS; i++) {
		struct resource r;
		struct name name = { 0 };
		int err = resource_init(&r, p->gpu, some_size(i), &p->fault) || name_of(p, channel, r.dmabuf, &name);

		resource_fini(&r);
		if (err)
			return -1;
		again += name.error == -EAGAIN;
		error = name.error ? name.error : error;
		answered += !name.error;
		pending += !name.error && name.pending;
		fake += name.fake;
	}
	fact_begin(p, "early");
	say_str(s, "channel", channel_name[channel]);
	say_int(s, "buffers", BUFFERS);
	say_int(s, "answered", answered);
	say_int(s, "pending", pending);
	say_int(s, "again", again);
	say_int(s, "fake", fake);
	say_int(s, "error", error);
	return fact_end(p);
}

int ask_early(struct property *p)
{
	for (int channel = 0; channel < CHANNELS; channel++) {
		if (say_early(p, channel))
			return -1;
	}
	return 0;
}

static int say_names(struct property *p, const char *key, int dmabuf)
{
	struct say *s = &p->say;
	struct name name[CHANNELS];

	for (int channel = 0; channel < CHANNELS; channel++) {
		if (name_of(p, channel, dmabuf, &name[channel]))
			return -1;
	}
	say_open(s, key, '{');
	say_int(s, "fake", name[ADDRESS].fake);
	for (int channel = 0; channel < CHANNELS; channel++) {
		if (!name[channel].error)
			say_int(s, channel_name[channel], name[channel].value);
		else if (channel != ADDRESS && p->features & way[channel].feature)
			say_int(s, channel == HOST_ID ? "hostIdError" : "resourceIdError", name[channel].error);
	}
	if (!name[RESOURCE_ID].error)
		say_int(s, "device", name[RESOURCE_ID].device);
	say_close(s, '}');
	return 0;
}

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
	for (int side = 0; side < 2; side++)
		unmake_all(pair.r[side], pair.made[side]);
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
