#include "command.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static bool get_int(const cJSON *object, const char *name, int64_t min, int64_t max, int64_t *value)
{
	const cJSON *item = member(object, name);

	if (!cJSON_IsNumber(item) || !(item->valuedouble >= min && item->valuedouble <= max) ||
	    (double)(int64_t)item->valuedouble != item->valuedouble)
		return false;
	*value = (int64_t)item->valuedouble;
	return true;
}

/* A name: letters, digits, dash, underscore, dot; it may end up in a path or a message. */
static bool get_name(const cJSON *object, const char *name, char *value, size_t size)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	const cJSON *item = member(object, name);
	size_t len;

	if (!cJSON_IsString(item))
		return false;
	len = strlen(item->valuestring);
	if (!len || len >= size || strspn(item->valuestring, good) != len)
		return false;
	memcpy(value, item->valuestring, len + 1);
	return true;
}

static bool get_hash(const cJSON *item, char hash[HASH_TEXT])
{
	if (!cJSON_IsString(item) || strlen(item->valuestring) != HASH_TEXT - 1 ||
	    strspn(item->valuestring, "0123456789abcdef") != HASH_TEXT - 1)
		return false;
	memcpy(hash, item->valuestring, HASH_TEXT);
	return true;
}

static const char *get_golden(struct run_command *run, const cJSON *list)
{
	const cJSON *frame, *item;
	int count, n = 0;

	if (!list)
		return NULL;
	if (!cJSON_IsArray(list))
		return "golden is not a list";
	count = cJSON_GetArraySize(list);
	if (!count)
		return NULL;
	if (count > GOLDEN_MAX)
		return "golden has too many frames";
	run->golden = calloc(count, sizeof(*run->golden));
	if (!run->golden)
		return "no memory for golden";
	cJSON_ArrayForEach(frame, list) {
		int p = 0;

		if (!cJSON_IsArray(frame) || cJSON_GetArraySize(frame) != PLANES)
			return "a frame of golden is not a list of three hashes";
		cJSON_ArrayForEach(item, frame) {
			if (!get_hash(item, run->golden[n].plane[p++]))
				return "a hash of golden is not 16 lower-case hex digits";
		}
		n++;
	}
	run->golden_count = count;
	return NULL;
}

static const char *get_all(struct run_command *run, const cJSON *root)
{
	const cJSON *clip = member(root, "clip");
	int64_t wrong = 0;

	if (!get_int(root, "id", 0, INT32_MAX, &run->id))
		return "id is not a whole number";
	if (!get_name(root, "pipeline", run->pipeline, sizeof(run->pipeline)))
		return "pipeline is not a name";
	if (!get_name(root, "renderer", run->renderer, sizeof(run->renderer)))
		return "renderer is not a name";
	if (!cJSON_IsObject(clip) || !get_name(clip, "disk", run->disk, sizeof(run->disk)))
		return "clip.disk is not the serial of a disk";
	if (!get_int(clip, "bytes", 1, INT64_C(1) << 40, &run->bytes))
		return "clip.bytes is not a size";
	if (member(root, "maxWrongFrames") && !get_int(root, "maxWrongFrames", 0, WRONG_MAX, &wrong))
		return "maxWrongFrames is not a whole number from 0 to 64";
	run->max_wrong_frames = wrong;
	return get_golden(run, member(root, "golden"));
}

const char *run_command_init(struct run_command *run, const char *line, size_t len)
{
	const char *wrong = "not a JSON object";
	cJSON *root;

	*run = (struct run_command){ 0 };
	root = cJSON_ParseWithLength(line, len);
	if (cJSON_IsObject(root))
		wrong = get_all(run, root);
	cJSON_Delete(root);
	return wrong;
}

void run_command_fini(struct run_command *run)
{
	free(run->golden);
	*run = (struct run_command){ 0 };
}

bool run_command_expects(const struct run_command *run, int n, char hash[PLANES][HASH_TEXT])
{
	if (n < 0 || n >= run->golden_count)
		return true;
	for (int p = 0; p < PLANES; p++) {
		if (strcmp(run->golden[n].plane[p], hash[p]))
			return false;
	}
	return true;
}
