#include "serve.h"
#include "test.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A conversation: what the host says, what the stand-in pipeline does, what the host must have heard at the end (with @, see told()). */
struct talk {
	const char *host, *pipeline, *heard;
};

static void write_program(const char *path, const char *body)
{
	FILE *file = fopen(path, "w");

	CLAIM(file && fprintf(file, "#!/bin/sh\n%s\n", body) > 0 && !fclose(file) && !chmod(path, 0755));
}

static int serve_until_poweroff(int port, const char *program)
{
	struct serve *s = malloc(sizeof(*s));
	int err;

	CLAIM(!serve_init(s, port, program, program, "/nowhere"));
	err = serve_run(s);
	CLAIM(waitpid(-1, NULL, WNOHANG) < 0);	/* no child is left */
	serve_fini(s);
	free(s);
	return err;
}

/* Puts in place of each @ how many dma-bufs more there are: none where that can be counted, -1 where it cannot. */
static void told(const char *text, char *to, size_t size)
{
	struct leaks leaks;
	size_t len = 0;

	leaks_count(&leaks);
	for (; *text; text++)
		len += snprintf(to + len, size - len, *text == '@' ? "%.0s%d" : "%.1s", text, leaks.dmabufs < 0 ? -1 : 0);
	CLAIM(len < size);
}

/* poweroff is sent when `until` lines were heard: it would end a running pipeline. */
static void holds(const struct talk *talk, const char *program)
{
	char heard[4096] = "", wanted[4096] = "";
	size_t len = 0, lines = 0, until = 0;
	int pair[2], status;
	pid_t child;

	for (const char *at = talk->heard; *at; at++)
		until += *at == '\n';
	write_program(program, talk->pipeline);
	CLAIM(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	child = fork();
	if (!child) {
		close(pair[0]);
		exit(serve_until_poweroff(pair[1], program) ? 2 : 0);
	}
	close(pair[1]);
	CLAIM(write(pair[0], talk->host, strlen(talk->host)) == (ssize_t)strlen(talk->host));
	while (lines < until) {
		long n = read(pair[0], heard + len, sizeof(heard) - 1 - len);

		CLAIM(n > 0);
		for (long i = 0; i < n; i++)
			lines += heard[len + i] == '\n';
		len += n;
	}
	CLAIM(write(pair[0], "{\"cmd\":\"poweroff\"}\n", 19) == 19);
	CLAIM(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CLAIM(read(pair[0], heard + len, sizeof(heard) - 1 - len) == 0);
	close(pair[0]);
	told(talk->heard, wanted, sizeof(wanted));
	CLAIM_TEXT(heard, wanted);
}

static void stops_a_pipeline_that_hangs(const char *program)
{
	int pair[2];
	char c;

	write_program(program, "sleep 1000");
	CLAIM(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	CLAIM(write(pair[0], "{\"cmd\":\"run\",\"id\":1}\n{\"cmd\":\"poweroff\"}\n", 40) == 40);
	if (!fork()) {
		close(pair[0]);
		exit(serve_until_poweroff(pair[1], program) ? 2 : 0);
	}
	close(pair[1]);
	CLAIM(read(pair[0], &c, 1) == 0);	/* the sleep had the port too: this end says that it is gone */
	CLAIM(wait(NULL) > 0);
	close(pair[0]);
}

void test_serve(void)
{
#define RUN "{\"cmd\":\"run\",\"id\":1}\n"
#define GO(id) "{\"cmd\":\"go\",\"id\":" #id "}\n"
#define LEAKS(id) "{\"t\":\"leaks\",\"id\":" #id ",\"fds\":0,\"dmabufs\":@}\n"
#define END(id, why) "\n{\"t\":\"end\",\"id\":" #id ",\"status\":\"crashed\",\"why\":\"" why "\",\"frames\":-1}\n" LEAKS(id)
#define ERROR(why) "{\"t\":\"error\",\"why\":\"" why "\"}\n"
	static const struct talk talk[] = {
		{ RUN, "cat; echo talk >&2", RUN LEAKS(1) },	/* the command is on stdin, the host on stdout */
		{ RUN, "kill -SEGV $$", END(1, "killed by signal 11 (Segmentation fault)") },
		{ RUN, "printf '{\"t\":\"fra'; kill -KILL $$", "{\"t\":\"fra" END(1, "killed by signal 9 (Killed)") },
		{ "{\"cmd\":\"property\",\"id\":4}\n", "cat; exit 77", "{\"cmd\":\"property\",\"id\":4}\n" LEAKS(4) },
		{ RUN, "exit 1", END(1, "exited with code 1 and no end line") },
		{ RUN, "echo mine; exit 77", "mine\n" LEAKS(1) },
		{ RUN "{\"cmd\":\"run\",\"id\":2}\n" RUN, "sleep 0.2; kill -SEGV $$",
		  END(1, "killed by signal 11 (Segmentation fault)") ERROR("a pipeline was running: ask again after its end")
		  END(2, "killed by signal 11 (Segmentation fault)") },
		/* The host's go: one byte, to the pipeline that it names, and to nobody else. */
		{ RUN GO(2) GO(1), "head -c 1 <&3 | wc -c; echo went; exit 77", "1\nwent\n" LEAKS(1) },
		{ GO(1) "{\"cmd\":\"sing\"}\n", "", ERROR("unknown command sing") },
		{ "{\"cmd\":\"sing\"}\n", "", ERROR("unknown command sing") },
		{ "{\"cmd\":\"run\"}\n", "", ERROR("run without an id") },
		{ "{\"cmd\":\"property\"}\n", "", ERROR("property without an id") },
		{ "{\"cmd\":\"kmemleak\"}\n", "", ERROR("kmemleak without an id") },
		{ "\n\nnonsense\n{\"cmd\":\"run\",\"id\":1,\"id\":2}\n", "", ERROR("not a JSON object") ERROR("id twice") },
	};

	char program[] = "/tmp/probe-test-XXXXXX";
	int fd = mkstemp(program);

	CLAIM(fd >= 0 && !close(fd));
	for (size_t i = 0; i < sizeof(talk) / sizeof(talk[0]); i++)
		holds(&talk[i], program);
	stops_a_pipeline_that_hangs(program);
	unlink(program);
}
