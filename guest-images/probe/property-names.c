/* How virtio-gpu's buffers are called: by an address, a field, a resource id, a UUID; whether the name is right, and at which time it is there. */
#include "property.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
int say_uuid_error(struct property *p, int dmabuf)
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

int say_names(struct property *p, const char *key, int dmabuf)
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
