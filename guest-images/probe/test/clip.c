#include "clip.h"
#include "test.h"

#include <fcntl.h>
#include <unistd.h>

static int disk_of(const char *text)
{
	FILE *file = tmpfile();
	int fd;

	CLAIM(file && fputs(text, file) >= 0 && !fflush(file));
	fd = dup(fileno(file));
	fclose(file);
	return fd;
}

static void never_reads_past_the_clip(void)
{
	struct fault f = { 0 };
	struct clip clip;
	char got[16] = "";

	CLAIM(!clip_init(&clip, disk_of("clipclipPADDING"), 8, &f));
	CLAIM(clip_read(&clip, got, 5) == 5 && clip_read(&clip, got + 5, 11) == 3 && clip_read(&clip, got, 1) == 0);
	CLAIM_TEXT(got, "clipclip");
	CLAIM(clip_read(&clip, got, -1) < 0);
	CLAIM(clip_seek(&clip, 9, CLIP_SET) < 0 && clip_seek(&clip, -1, CLIP_SET) < 0 && clip_seek(&clip, 1, CLIP_CUR) < 0);
	CLAIM(clip_seek(&clip, INT64_MAX, CLIP_CUR) < 0 && clip_seek(&clip, INT64_MIN, CLIP_CUR) < 0);
	CLAIM(clip_seek(&clip, INT64_MIN, CLIP_END) < 0 && clip_seek(&clip, INT64_MAX, CLIP_END) < 0);
	CLAIM(clip.at == 8 && clip_read(&clip, got, 1) == 0);
	CLAIM(clip_seek(&clip, -4, CLIP_END) == 4 && clip_seek(&clip, -1, CLIP_CUR) == 3 && clip_seek(&clip, 8, CLIP_SET) == 8);
	clip_fini(&clip);
	clip_fini(&clip);
}

static void wants_a_disk_that_is_large_enough(void)
{
	static const int64_t bad[] = { 0, -1, 5, INT64_MAX, INT64_MIN };

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fault f = { 0 };
		struct clip clip;

		CLAIM(clip_init(&clip, disk_of("disk"), bad[i], &f) < 0 && f.status == FAILED);
		clip_fini(&clip);
	}
}

static void says_which_disk_is_missing(void)
{
	struct fault f = { 0 };
	struct clip clip;

	CLAIM(clip_init_disk(&clip, "/nowhere", "clip0", 1, &f) < 0);
	CLAIM_TEXT(f.why, "no disk with serial clip0: No such file or directory");
	clip_fini(&clip);
}

static void keeps_the_first_fault(void)
{
	struct fault f = { 0 };

	fault(&f, FAILED, "decode", "the cause");
	fault(&f, UNSUPPORTED, "draw", "what came of it");
	CLAIM(f.status == FAILED);
	CLAIM_TEXT(f.why, "the cause");
}

void test_clip(void)
{
	never_reads_past_the_clip();
	wants_a_disk_that_is_large_enough();
	says_which_disk_is_missing();
	keeps_the_first_fault();
}
