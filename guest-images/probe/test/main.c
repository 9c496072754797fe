/* All tests of the probe that need no GPU, no guest and no clip, in one program. */
#include "test.h"

int main(void)
{
	static const struct { const char *name; void (*run)(void); } test[] = {
		{ "picture and hash", test_picture }, { "colour", test_colour }, { "base64", test_base64 }, { "lines", test_lines },
		{ "scan", test_scan }, { "command", test_command }, { "mischief", test_mischief }, { "behind", test_behind }, { "path", test_path }, { "clip", test_clip },
		{ "sniff", test_sniff }, { "bars", test_bars }, { "fwht", test_fwht }, { "v4l2-format", test_v4l2_format }, { "kmemleak", test_kmemleak },
		{ "node", test_node }, { "exercise", test_exercise }, { "calls", test_calls }, { "serve", test_serve }, { "ask", test_ask }, { "importer", test_importer },
	};

	for (size_t i = 0; i < sizeof(test) / sizeof(test[0]); i++) {
		test[i].run();
		printf("ok %s\n", test[i].name);
		fflush(stdout);			/* or a child of the next test says it again */
	}
	return 0;
}
