#include "command.h"
#include "test.h"

#define HEAD "{\"cmd\":\"run\",\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"virgl\",\"clip\":{\"disk\":\"clip0\",\"bytes\":178140}"
#define HASH "\"0123456789abcdef\""

static const char *read_it(const char *line, struct run_command *run)
{
	return run_command_init(run, line, strlen(line));
}

static void refuses(const char *line)
{
	struct run_command run;
	const char *wrong = read_it(line, &run);

	if (!wrong)
		fprintf(stderr, "taken as good: %s\n", line);
	CLAIM(wrong);
	run_command_fini(&run);
}

void test_command(void)
{
	static const char *const bad[] = {
		"", "[]", "{}", HEAD, HEAD ",\"golden\":7}", HEAD ",\"golden\":[7]}", HEAD ",\"golden\":[[" HASH "," HASH "]]}",
		HEAD ",\"golden\":[[" HASH "," HASH ",\"0123456789ABCDEF\"]]}", HEAD ",\"golden\":[[" HASH "," HASH ",\"0\"]]}",
		HEAD ",\"maxWrongFrames\":65}", HEAD ",\"maxWrongFrames\":-1}", HEAD ",\"maxWrongFrames\":1.5}",
		"{\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"virgl\"}",
		"{\"id\":7,\"pipeline\":\"../x\",\"renderer\":\"virgl\",\"clip\":{\"disk\":\"clip0\",\"bytes\":1}}",
		"{\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"\",\"clip\":{\"disk\":\"clip0\",\"bytes\":1}}",
		"{\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"virgl\",\"clip\":{\"disk\":\"a/../../b\",\"bytes\":1}}",
		"{\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"virgl\",\"clip\":{\"disk\":\"a serial of 21 chars.\",\"bytes\":1}}",
		"{\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"virgl\",\"clip\":{\"disk\":\"clip0\",\"bytes\":0}}",
		"{\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"virgl\",\"clip\":{\"disk\":\"clip0\",\"bytes\":1e300}}",
		"{\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"virgl\",\"clip\":{\"disk\":\"clip0\",\"bytes\":\"1\"}}",
		"{\"id\":1e99,\"pipeline\":\"upload\",\"renderer\":\"virgl\",\"clip\":{\"disk\":\"clip0\",\"bytes\":1}}",
	};
	char right[PLANES][HASH_TEXT] = { "0123456789abcdef", "0123456789abcdef", "0000000000000001" };
	struct run_command run;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuses(bad[i]);
	CLAIM(!read_it(HEAD "}", &run) && !run.golden && run.max_wrong_frames == 0);
	run_command_fini(&run);
	CLAIM(!read_it(HEAD ",\"golden\":[[" HASH "," HASH ",\"0000000000000001\"]],\"maxWrongFrames\":3}", &run));
	CLAIM(run.id == 7 && run.bytes == 178140 && run.golden_count == 1 && run.max_wrong_frames == 3);
	CLAIM_TEXT(run.pipeline, "upload");
	CLAIM_TEXT(run.disk, "clip0");
	CLAIM(run_command_expects(&run, 0, right));
	CLAIM(run_command_expects(&run, 1, right) && run_command_expects(&run, -1, right));
	right[1][15] = 'e';
	CLAIM(!run_command_expects(&run, 0, right));
	run_command_fini(&run);
}
