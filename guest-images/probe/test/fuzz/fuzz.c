/*
 * Feeds broken bytes to whatever reads what came from outside (commands, lines, clips) for a bounded time. Anything a sanitizer says, a crash, or
 * more than HANG_S seconds over one input ends it with a code other than 0, and the input is kept in a file.
 *
 * fuzz SECONDS FOLDER-OF-CLIPS FOLDER-FOR-FINDINGS; FUZZ_SEED=N makes the same inputs again.
 */
#include "ask.h"
#include "command.h"
#include "fwht.h"
#include "lines.h"
#include "scan.h"
#include "sniff.h"
#include "source.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sanitizer/common_interface_defs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libavutil/log.h>

#define INPUT_MAX (1u << 20)
#define SEEDS_MAX 64
#define FRAMES_MAX 64				/* of one broken clip: enough, and a bound */
#define HANG_S 30

struct seed {
	char name[64];
	uint8_t *bytes;				/* owned */
	size_t len;
};

struct seeds {
	struct seed seed[SEEDS_MAX];
	int count;
};

static struct {
	const char *target;			/* borrowed; what is being fed */
	uint8_t bytes[INPUT_MAX];
	size_t len;
	char folder[256];			/* for findings */
} now;

static uint64_t state;

static uint32_t any(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return below ? (state >> 16) % below : 0;
}

/* Only what may be called in a signal handler. */
static void keep_input(void)
{
	char path[320];
	int fd;

	snprintf(path, sizeof(path), "%s/fuzz-found-%s", now.folder, now.target);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd >= 0 && write(fd, now.bytes, now.len) == (ssize_t)now.len)
		dprintf(2, "fuzz: the input is in %s\n", path);
	if (fd >= 0)
		close(fd);
}

static void hangs(int sig)
{
	(void)sig;
	dprintf(2, "fuzz: %s: more than %d s over one input\n", now.target, HANG_S);
	keep_input();
	_exit(1);
}

static void wrong(const char *what)
{
	dprintf(2, "fuzz: %s: %s\n", now.target, what);
	keep_input();
	exit(1);
}

static void replace(size_t at, size_t len, const void *by, size_t by_len)
{
	if (now.len - len + by_len > INPUT_MAX)
		return;
	memmove(now.bytes + at + by_len, now.bytes + at + len, now.len - at - len);
	memcpy(now.bytes + at, by, by_len);
	now.len += by_len - len;
}

/* FFmpeg has something to say of every broken clip. */
static void say_nothing(void *context, int level, const char *format, va_list values)
{
	(void)context, (void)level, (void)format, (void)values;
}

/* Some bytes of a seed: what a mutation puts somewhere else. */
static void transplant(const struct seeds *seeds)
{
	const struct seed *from = &seeds->seed[any(seeds->count)];
	size_t len = any(any(8) ? 64 : 4096) + 1, at;

	if (!from->len)
		return;
	len = len > from->len ? from->len : len;
	at = any(from->len - len + 1);
	replace(any(now.len + 1), 0, from->bytes + at, len);
}

static void mutate_once(const struct seeds *seeds)
{
	static const char *const word[] = {
		"\"", "\\", "{", "}", "[", "]", ",", ":", "-1", "1e999", "null", "true", "\"id\":", "\"golden\":[", "\"\\u0000\"", "99999999999999999999", "\n", "\r",
		"\"\\u0069d\":9,", "\"id\":8,",
	};
	static const uint32_t extreme[] = { 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff };
	size_t at = any(now.len + 1), rest = now.len - at, len = any(rest > 256 ? 256 : rest + 1);
	uint32_t number = extreme[any(10)];
	const char *text = word[any(sizeof(word) / sizeof(word[0]))];

	switch (any(8)) {
	case 0: case 1:
		if (rest)
			now.bytes[at] ^= 1 << any(8);
		break;
	case 2:
		if (rest)
			now.bytes[at] = any(256);
		break;
	case 3:
		if (rest >= 4)
			memcpy(now.bytes + at, &number, any(4) + 1);
		break;
	case 4:
		replace(at, len, "", 0);
		break;
	case 5:
		replace(at, 0, text, strlen(text));
		break;
	case 6:
		transplant(seeds);
		break;
	case 7:
		if (!any(8))
			now.len = at;
		break;
	}
}

static void next_input(const struct seeds *seeds)
{
	const struct seed *seed = &seeds->seed[any(seeds->count)];

	now.len = seed->len;
	memcpy(now.bytes, seed->bytes, seed->len);
	for (int n = any(any(4) ? 4 : 32); n >= 0; n--)
		mutate_once(seeds);
}

/* PID 1 and the pipeline read the same command with two readers: they must not take it for two commands. */
static void feed_command(void)
{
	char *line = strndup((const char *)now.bytes, now.len);
	size_t len = strlen(line);
	struct run_command run;
	struct head head;
	char name[32];
	int64_t id;
	bool passed_on = !scan_head(line, len, &head);

	if (!run_command_init(&run, line, len) && passed_on && run.id != head.id)
		wrong("the two readers of a command see two ids");
	for (int i = 0; i < run.golden_count; i++) {
		if (run_command_golden(&run, i)->count > PLANES + 1)
			wrong("more hashes than a frame can have");
	}
	run_command_fini(&run);
	if (!ask_parse(line, len, &id, name, sizeof(name)) && !strlen(name))
		wrong("a property without a name");
	free(line);
}

static int file_of_input(void)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0 || write(fd, now.bytes, now.len) != (ssize_t)now.len || lseek(fd, 0, SEEK_SET)) {
		perror("fuzz: memfd");
		exit(2);
	}
	return fd;
}

static void feed_lines(void)
{
	struct lines_in in = { 0 };
	int fd = file_of_input();
	size_t newlines = 0, found = 0, len;
	char *line;

	for (size_t i = 0; i < now.len; i++)
		newlines += now.bytes[i] == '\n';
	do {
		enum line got;

		while ((got = lines_in_next(&in, &line, &len)) != LINE_NONE) {
			found++;
			if (got == LINE_ONE && (memchr(line, '\n', len) || line[len]))
				wrong("a line has an end in it, or none behind it");
		}
	} while (lines_in_read(&in, fd) > 0);
	if (found > newlines)
		wrong("more lines than line ends");
	lines_in_fini(&in);
	close(fd);
}

static void feed_sniff(void)
{
	uint8_t *tight = malloc(now.len ? now.len : 1);	/* so that one byte more is seen */

	memcpy(tight, now.bytes, now.len);
	sniff(tight, now.len);
	free(tight);
}

static void feed_fwht(void)
{
	struct fault f = { 0 };
	struct fwht stream = { 0 };
	struct clip clip;

	if (!clip_init(&clip, file_of_input(), now.len, &f) && !fwht_init(&stream, &clip, &f)) {
		for (int i = 0; i < stream.count; i++) {
			const struct fwht_frame *frame = &stream.frame[i];
			int key = fwht_key_before(&stream, i);

			if (frame->at < 0 || frame->bytes < 0 || frame->at + frame->bytes > (int64_t)now.len || key < 0 || key > i)
				wrong("a frame that is not in the clip");
			fwht_is_whole(&stream, i);
		}
	}
	fwht_fini(&stream);
	clip_fini(&clip);
}

/* As the pipeline uses it: every byte of every picture is read. */
static void read_picture(const struct picture *pic)
{
	struct picture shape;
	size_t begin[PLANES];
	enum picture_format to = pic->format == I010 ? P010 : pic->format == I420 && any(2) ? NV12 : pic->format;
	uint8_t *packed;

	if (picture_shape(&shape, to, pic->width, pic->height))
		wrong("a picture of no size");
	packed = malloc(picture_packed(&shape, begin));
	picture_pack(pic, &shape, packed);
	free(packed);
}

static void feed_decoder(void)
{
	struct fault f = { 0 };
	struct clip clip;
	struct source s = { .ops = &source_libav, .plan = { .clip = &clip, .seek_us = any(4) ? -1 : (int64_t)any(400000), .forgive = any(2) } };
	struct frame frame;

	if (!clip_init(&clip, file_of_input(), now.len, &f) && !s.ops->init(&s, &f)) {
		for (int n = 0; n < FRAMES_MAX && s.ops->next(&s, &frame, &f) > 0; n++) {
			read_picture(&frame.picture);
			s.ops->done(&s, &frame);
		}
	}
	s.ops->fini(&s);
	clip_fini(&clip);
}

static void add_seed(struct seeds *seeds, const char *name, const void *bytes, size_t len)
{
	struct seed *seed = &seeds->seed[seeds->count];

	if (seeds->count == SEEDS_MAX || len > INPUT_MAX)
		return;
	seeds->count++;
	snprintf(seed->name, sizeof(seed->name), "%s", name);
	seed->bytes = malloc(len ? len : 1);
	seed->len = len;
	memcpy(seed->bytes, bytes, len);
}

static void add_texts(struct seeds *seeds)
{
	static const char *const text[] = {
		"{\"cmd\":\"run\",\"id\":7,\"pipeline\":\"upload\",\"renderer\":\"virgl\",\"platform\":\"gbm\",\"clip\":{\"disk\":\"clip0\",\"bytes\":178140},\"mode\":\"check\","
		"\"golden\":[[\"0123456789abcdef\",\"0123456789abcdef\",\"0123456789abcdef\",\"0123456789abcdef\"],[\"0123456789abcdef\",\"fedcba9876543210\"]],"
		"\"maxWrongFrames\":3,\"frameUs\":[100000,3],\"seekUs\":1000,\"forgive\":true,\"fault\":\"swap-planes\",\"format\":\"NV12\"}\n",
		"{\"cmd\":\"run\",\"id\":1,\"pipeline\":\"capture-dmabuf\",\"renderer\":\"\",\"camera\":{\"width\":640,\"height\":360,\"frames\":30},\"mode\":\"measure\",\"warmup\":5}\n",
		"{\"cmd\":\"run\",\"id\":2,\"pipeline\":\"native-upload\",\"renderer\":\"llvmpipe\",\"platform\":\"surfaceless\",\"clip\":{\"path\":\"/clips/a.mkv\",\"bytes\":1}}\n",
		"{\"cmd\":\"poweroff\"}\n\n{\"cmd\":\"run\",\"id\":3}\n",
		"{\"cmd\":\"property\",\"id\":4,\"property\":\"dma-contig\"}\n",
		"OOOO\377\377\377\377\0\0\0\3\0\0\2\200\0\0\1h\0\n\4\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\4abcd",
	};

	for (size_t i = 0; i < 5; i++)
		add_seed(seeds, "text", text[i], strlen(text[i]));
	add_seed(seeds, "fwht", text[5], 48);
}

static void add_clips(struct seeds *seeds, const char *folder)
{
	static uint8_t bytes[INPUT_MAX + 1];
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[512];
		FILE *file;
		size_t len;

		snprintf(path, sizeof(path), "%.200s/%.255s", folder, entry->d_name);
		file = entry->d_name[0] == '.' ? NULL : fopen(path, "re");
		if (!file)
			continue;
		len = fread(bytes, 1, sizeof(bytes), file);
		fclose(file);
		if (len > INPUT_MAX)
			fprintf(stderr, "fuzz: %s is left out: more than %u bytes\n", path, INPUT_MAX);
		add_seed(seeds, entry->d_name, bytes, len);
	}
	if (dir)
		closedir(dir);
}

static void fuzz(const char *target, void (*feed)(void), const struct seeds *seeds, int64_t limit_us)
{
	int64_t until = clock_us() + limit_us;
	long inputs = 0;

	now.target = target;
	for (; clock_us() < until; inputs++) {
		next_input(seeds);
		alarm(HANG_S);
		feed();
		alarm(0);
	}
	printf("fuzz: %s: %ld inputs, nothing found\n", target, inputs);
	fflush(stdout);
}

static void drop(struct seeds *seeds)
{
	while (seeds->count)
		free(seeds->seed[--seeds->count].bytes);
}

int main(int argc, char **argv)
{
	static struct seeds texts, clips;
	const char *given = getenv("FUZZ_SEED");
	int64_t limit_us;

	if (argc != 4 || atoi(argv[1]) < 1) {
		fputs("fuzz: wanted SECONDS FOLDER-OF-CLIPS FOLDER-FOR-FINDINGS\n", stderr);
		return 2;
	}
	state = given ? strtoull(given, NULL, 10) : (uint64_t)clock_us();
	state += !state;
	snprintf(now.folder, sizeof(now.folder), "%s", argv[3]);
	printf("fuzz: FUZZ_SEED=%" PRIu64 "\n", state);
	__sanitizer_set_death_callback(keep_input);
	signal(SIGALRM, hangs);
	av_log_set_callback(say_nothing);
	add_texts(&texts);
	add_clips(&clips, argv[2]);
	limit_us = atoi(argv[1]) * INT64_C(1000000) / (clips.count ? 8 : 4);
	fuzz("command", feed_command, &texts, limit_us);
	fuzz("lines", feed_lines, &texts, limit_us);
	fuzz("sniff", feed_sniff, clips.count ? &clips : &texts, limit_us);
	fuzz("fwht", feed_fwht, &texts, limit_us);
	if (clips.count)
		fuzz("decoder", feed_decoder, &clips, limit_us * 4);
	else
		printf("fuzz: there is no clip in %s: the decoder was NOT tried\n", argv[2]);
	drop(&texts);
	drop(&clips);
	return 0;
}
