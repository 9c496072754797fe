#include "scan.h"
#include "test.h"

static const char *scan(const char *line, struct head *head)
{
	size_t len = strlen(line);
	char *exact = malloc(len ? len : 1);	/* no end mark behind it: ASan sees every byte too many */
	const char *wrong;

	memcpy(exact, line, len);
	wrong = scan_head(exact, len, head);
	free(exact);
	return wrong;
}

void test_scan(void)
{
	static const char *const bad[] = {
		"", " ", "{", "}", "[]", "null", "\"cmd\"", "{\"cmd\"", "{\"cmd\":", "{\"cmd\":\"", "{\"cmd\":\"run\"", "{\"cmd\":\"run\",}",
		"{\"cmd\":\"run\"}}", "{\"cmd\":\"run\"} {\"cmd\":\"poweroff\"}", "{\"cmd\":7}", "{\"cmd\":\"\"}", "{\"id\":1}", "{}",
		"{\"cmd\":\"run\",\"cmd\":\"poweroff\"}", "{\"cmd\":\"run\",\"id\":1,\"id\":2}", "{\"\\u0063md\":\"run\"}",
		"{\"cmd\":\"r\\u0075n\"}", "{\"cmd\":\"run\",\"id\":-1}", "{\"cmd\":\"run\",\"id\":1.5}", "{\"cmd\":\"run\",\"id\":2147483648}",
		"{\"cmd\":\"run\",\"id\":99999999999999999999}", "{\"cmd\":\"run\",\"id\":\"1\"}", "{\"cmd\":\"run\",\"x\":}",
		"{\"cmd\":\"run\",\"x\":[1,]}", "{\"cmd\":\"run\",\"x\":[1}", "{\"cmd\":\"run\",\"x\":{\"a\"}}", "{\"cmd\":\"run\",\"x\":{1:2}}",
		"{\"cmd\":\"run\",\"x\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}", "{\"cmd\":\"run\",\"x\":\"\\", "{\"cmd\":\"run\",\"x\":\"\n\"}",
		"{\"cmd\":\"a name that is much longer than any command\"}", "{'cmd':'run'}", "{\"cmd\":\"run\"]",
	};
	struct head head;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!scan(bad[i], &head))
			fprintf(stderr, "taken as good: %s\n", bad[i]);
		CLAIM(scan(bad[i], &head));
	}
	CLAIM(scan_head("{\"cmd\":\"run\0\"}", 14, &head));
	CLAIM(!scan("{\"cmd\":\"poweroff\"}", &head) && !strcmp(head.cmd, "poweroff") && !head.has_id);
	CLAIM(!scan(" { \"id\" : 2147483647 , \"x\":{\"cmd\":\"poweroff\",\"y\":[{},[],[1,-2.5e3,true,null,\"\\\"]\"]]}, \"cmd\":\"run\" }\r",
		    &head));
	CLAIM(!strcmp(head.cmd, "run") && head.has_id && head.id == 2147483647);
}
