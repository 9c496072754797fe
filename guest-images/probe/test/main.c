/* All tests of the probe's pure parts, in one program. */
#include "test.h"

int main(void)
{
	static const struct { const char *name; void (*run)(void); } test[] = {
		{ "picture and hash", test_picture }, { "base64", test_base64 }, { "lines", test_lines }, { "scan", test_scan },
		{ "command", test_command }, { "clip", test_clip }, { "sniff", test_sniff }, { "serve", test_serve },
	};

	for (size_t i = 0; i < sizeof(test) / sizeof(test[0]); i++) {
		test[i].run();
		printf("ok %s\n", test[i].name);
		fflush(stdout);			/* or a child of the next test says it again */
	}
	return 0;
}
