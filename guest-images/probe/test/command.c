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

static void takes_a_plain_one(void)
{
	struct run_command run;

	CLAIM(!read_it(HEAD "}", &run) && !run.golden && run.max_wrong_frames == 0);
	CLAIM(!run.measure && !run.surfaceless && !run.forgive && run.format == I420 && run.fault == NO_MISCHIEF);
	CLAIM(run.seek_us == -1 && !run.frame_us[0] && !run.camera_frames && !run.path[0]);
	run_command_fini(&run);
	CLAIM(!read_it("{\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"\",\"clip\":{\"path\":\"/clips/a b.mkv\",\"bytes\":1}}", &run));
	CLAIM_TEXT(run.renderer, "");
	CLAIM_TEXT(run.path, "/clips/a b.mkv");
	run_command_fini(&run);
}

static void takes_golden(void)
{
	struct run_command run;

	CLAIM(!read_it(HEAD ",\"golden\":[[" HASH "," HASH "],[" HASH "," HASH "," HASH ",\"0000000000000001\"]],\"maxWrongFrames\":3}", &run));
	CLAIM(run.id == 7 && run.bytes == 178140 && run.golden_count == 2 && run.max_wrong_frames == 3);
	CLAIM_TEXT(run.pipeline, "upload");
	CLAIM_TEXT(run.disk, "clip0");
	CLAIM(run_command_golden(&run, 0)->count == 2 && run_command_golden(&run, 1)->count == 4);
	CLAIM_TEXT(run_command_golden(&run, 1)->hash[3], "0000000000000001");
	CLAIM(!run_command_golden(&run, 2) && !run_command_golden(&run, -1));
	run_command_fini(&run);
}

static void takes_the_rest(void)
{
	struct run_command run;

	CLAIM(!read_it(HEAD ",\"mode\":\"measure\",\"warmup\":9,\"platform\":\"surfaceless\",\"format\":\"P010\",\"fault\":\"swap-planes\","
			    "\"frameUs\":[100000,3],\"seekUs\":1500000,\"forgive\":true}", &run));
	CLAIM(run.measure && run.warmup == 9 && run.surfaceless && run.format == P010 && run.fault == SWAP_PLANES);
	CLAIM(run.frame_us[0] == 100000 && run.frame_us[1] == 3 && run.seek_us == 1500000 && run.forgive);
	CLAIM(run_command_number(&run, 66667, 9) == 2 && run_command_number(&run, 0, 9) == 0 && run_command_number(&run, -1, 9) == 9);
	run_command_fini(&run);
	CLAIM(!read_it("{\"id\":7,\"pipeline\":\"capture-dmabuf\",\"renderer\":\"virgl\",\"camera\":{\"width\":640,\"height\":360,\"frames\":30}}", &run));
	CLAIM(run.camera_width == 640 && run.camera_height == 360 && run.camera_frames == 30 && !run.disk[0] && !run.path[0]);
	CLAIM(run_command_number(&run, 66667, 9) == 9);
	run_command_fini(&run);
}

void test_command(void)
{
	static const char *const bad[] = {
		"", "[]", "{}", HEAD, HEAD ",\"golden\":7}", HEAD ",\"golden\":[7]}", HEAD ",\"golden\":[[" HASH "]]}",
		HEAD ",\"golden\":[[" HASH "," HASH "," HASH "," HASH "," HASH "]]}",
		HEAD ",\"golden\":[[" HASH "," HASH ",\"0123456789ABCDEF\"]]}", HEAD ",\"golden\":[[" HASH "," HASH ",\"0\"]]}",
		HEAD ",\"maxWrongFrames\":65}", HEAD ",\"maxWrongFrames\":-1}", HEAD ",\"maxWrongFrames\":1.5}",
		HEAD ",\"mode\":\"look\"}", HEAD ",\"platform\":7}", HEAD ",\"warmup\":-1}", HEAD ",\"format\":\"I010\"}", HEAD ",\"format\":\"YV12\"}",
		HEAD ",\"fault\":\"break-it\"}", HEAD ",\"fault\":\"\"}", HEAD ",\"forgive\":1}", HEAD ",\"seekUs\":-1}",
		HEAD ",\"frameUs\":[1]}", HEAD ",\"frameUs\":[0,1]}", HEAD ",\"frameUs\":[1,1e10]}", HEAD ",\"camera\":{\"width\":640}}",
		"{\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"virgl\"}",
		"{\"id\":7,\"pipeline\":\"../x\",\"renderer\":\"virgl\",\"clip\":{\"disk\":\"clip0\",\"bytes\":1}}",
		"{\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"\\n\",\"clip\":{\"disk\":\"clip0\",\"bytes\":1}}",
		"{\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"virgl\",\"clip\":{\"disk\":\"a/../../b\",\"bytes\":1}}",
		"{\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"virgl\",\"clip\":{\"path\":\"clip.mkv\",\"bytes\":1}}",
		"{\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"virgl\",\"clip\":{\"disk\":\"a serial of 21 chars.\",\"bytes\":1}}",
		"{\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"virgl\",\"clip\":{\"disk\":\"clip0\",\"bytes\":0}}",
		"{\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"virgl\",\"clip\":{\"disk\":\"clip0\",\"bytes\":1e300}}",
		"{\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"virgl\",\"clip\":{\"disk\":\"clip0\",\"bytes\":\"1\"}}",
		"{\"id\":1e99,\"pipeline\":\"upload\",\"renderer\":\"virgl\",\"clip\":{\"disk\":\"clip0\",\"bytes\":1}}",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuses(bad[i]);
	takes_a_plain_one();
	takes_golden();
	takes_the_rest();
}
