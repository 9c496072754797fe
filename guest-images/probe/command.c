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

/* From PLANES of a picture with one, to PLANES + 1: how many planes there are is the format's matter. */
static const char *get_golden_frame(struct golden *golden, const cJSON *frame)
{
	const cJSON *item;

	if (!cJSON_IsArray(frame) || cJSON_GetArraySize(frame) < 2 || cJSON_GetArraySize(frame) > PLANES + 1)
		return "a frame of golden is not a list of two to four hashes";
	cJSON_ArrayForEach(item, frame) {
		if (!get_hash(item, golden->hash[golden->count++]))
			return "a hash of golden is not 16 lower-case hex digits";
	}
	return NULL;
}

static const char *get_golden(struct run_command *run, const cJSON *list)
{
	const cJSON *frame;
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
		const char *wrong = get_golden_frame(&run->golden[n++], frame);

		if (wrong)
			return wrong;
	}
	run->golden_count = count;
	return NULL;
}

static bool get_path(const cJSON *object, char *value, size_t size)
{
	const cJSON *item = member(object, "path");

	if (!cJSON_IsString(item) || item->valuestring[0] != '/' || strlen(item->valuestring) >= size)
		return false;
	strcpy(value, item->valuestring);
	return true;
}

static const char *get_clip(struct run_command *run, const cJSON *clip)
{
	if (!clip)
		return NULL;
	if (!cJSON_IsObject(clip))
		return "clip is not an object";
	if (member(clip, "path") ? !get_path(clip, run->path, sizeof(run->path)) : !get_name(clip, "disk", run->disk, sizeof(run->disk)))
		return "clip has neither the serial of a disk nor a path";
	return get_int(clip, "bytes", 1, INT64_C(1) << 40, &run->bytes) ? NULL : "clip.bytes is not a size";
}

static const char *get_camera(struct run_command *run, const cJSON *camera)
{
	int64_t width, height, frames;

	if (!camera)
		return NULL;
	if (!get_int(camera, "width", 1, PICTURE_MAX, &width) || !get_int(camera, "height", 1, PICTURE_MAX, &height) ||
	    !get_int(camera, "frames", 1, GOLDEN_MAX, &frames))
		return "camera is not a width, a height and a number of frames";
	run->camera_width = width;
	run->camera_height = height;
	run->camera_frames = frames;
	return NULL;
}

static const char *get_frame_us(struct run_command *run, const cJSON *fraction)
{
	if (!fraction)
		return NULL;
	if (!cJSON_IsArray(fraction) || cJSON_GetArraySize(fraction) != 2)
		return "frameUs is not a fraction";
	for (int i = 0; i < 2; i++) {
		const cJSON *item = cJSON_GetArrayItem(fraction, i);

		if (!cJSON_IsNumber(item) || !(item->valuedouble >= 1 && item->valuedouble <= 1e9))
			return "frameUs is not a fraction of numbers from 1 to 1e9";
		run->frame_us[i] = (int64_t)item->valuedouble;
	}
	return NULL;
}

static bool get_choice(const cJSON *root, const char *name, const char *yes, const char *no, bool *value)
{
	const cJSON *item = member(root, name);

	*value = cJSON_IsString(item) && !strcmp(item->valuestring, yes);
	return !item || *value || (cJSON_IsString(item) && !strcmp(item->valuestring, no));
}

static const char *get_how(struct run_command *run, const cJSON *root)
{
	const cJSON *forgive = member(root, "forgive");
	char name[32];

	if (!get_choice(root, "platform", "surfaceless", "gbm", &run->surfaceless))
		return "platform is neither gbm nor surfaceless";
	if (!get_choice(root, "mode", "measure", "check", &run->measure))
		return "mode is neither check nor measure";
	if (member(root, "format")) {
		if (!get_name(root, "format", name, sizeof(name)) || (run->format = picture_format_named(name)) >= I010)
			return "format is none that is sampled";
	}
	if (member(root, "fault")) {
		if (!get_name(root, "fault", name, sizeof(name)) || (run->fault = mischief_named(name)) == MISCHIEFS)
			return "fault is none that is known here";
	}
	if (forgive && !cJSON_IsBool(forgive))
		return "forgive is neither true nor false";
	run->forgive = cJSON_IsTrue(forgive);
	return NULL;
}

static const char *get_numbers(struct run_command *run, const cJSON *root)
{
	int64_t wrong = 0, warmup = 0;

	run->seek_us = -1;
	if (member(root, "maxWrongFrames") && !get_int(root, "maxWrongFrames", 0, WRONG_MAX, &wrong))
		return "maxWrongFrames is not a whole number from 0 to 64";
	if (member(root, "warmup") && !get_int(root, "warmup", 0, GOLDEN_MAX, &warmup))
		return "warmup is not a number of frames";
	if (member(root, "seekUs") && !get_int(root, "seekUs", 0, INT64_C(1) << 50, &run->seek_us))
		return "seekUs is not a time";
	run->max_wrong_frames = wrong;
	run->warmup = warmup;
	return get_frame_us(run, member(root, "frameUs"));
}

static const char *get_all(struct run_command *run, const cJSON *root)
{
	const cJSON *renderer = member(root, "renderer");
	const char *wrong;

	if (!get_int(root, "id", 0, INT32_MAX, &run->id))
		return "id is not a whole number";
	if (!get_name(root, "pipeline", run->pipeline, sizeof(run->pipeline)))
		return "pipeline is not a name";
	if (!get_name(root, "renderer", run->renderer, sizeof(run->renderer)) && !(cJSON_IsString(renderer) && !renderer->valuestring[0]))
		return "renderer is not a name";
	wrong = get_clip(run, member(root, "clip"));
	if (!wrong)
		wrong = get_camera(run, member(root, "camera"));
	if (!wrong && !run->disk[0] && !run->path[0] && !run->camera_frames)
		return "there is neither a clip nor a camera";
	if (!wrong)
		wrong = get_how(run, root);
	if (!wrong)
		wrong = get_numbers(run, root);
	return wrong ? wrong : get_golden(run, member(root, "golden"));
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

int run_command_number(const struct run_command *run, int64_t pts_us, int counted)
{
	const int64_t *us = run->frame_us;

	return pts_us < 0 || !us[0] ? counted : (pts_us * us[1] + us[0] / 2) / us[0];
}

const struct golden *run_command_golden(const struct run_command *run, int n)
{
	return n >= 0 && n < run->golden_count ? &run->golden[n] : NULL;
}
