#include "ask.h"
#include "lines.h"
#include "scan.h"

#include <string.h>

#include <cjson/cJSON.h>

const char *ask_parse(const char *line, size_t len, int64_t *id, char *name, size_t size)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	struct head head;
	const char *wrong = scan_head(line, len, &head);
	cJSON *root, *item;

	*id = head.id;
	name[0] = '\0';
	if (wrong)
		return wrong;
	root = cJSON_ParseWithLength(line, len);
	item = cJSON_GetObjectItemCaseSensitive(root, "property");
	if (cJSON_IsString(item) && strlen(item->valuestring) < size && strspn(item->valuestring, good) == strlen(item->valuestring))
		strcpy(name, item->valuestring);
	cJSON_Delete(root);
	return name[0] ? NULL : "property is not a name";
}

int ask_read(int fd, int64_t *id, char *name, size_t size, struct fault *f)
{
	struct lines_in in = { 0 };
	const char *wrong;
	char *line = NULL;
	size_t len = 0;
	enum line got;

	while ((got = lines_in_next(&in, &line, &len)) == LINE_NONE && lines_in_read(&in, fd) > 0)
		;
	wrong = got == LINE_ONE ? ask_parse(line, len, id, name, size) : "no command on stdin";
	lines_in_fini(&in);
	return wrong ? fault(f, FAILED, "command", "%s", wrong) : 0;
}
