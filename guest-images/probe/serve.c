#include "serve.h"
#include "calls.h"
#include "exercise.h"
#include "go.h"
#include "kmemleak.h"
#include "node.h"
#include "scan.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KMEMLEAK_APART_S 6
#define DEVICES "/dev/dri"

/* The pipeline's exit codes after which its own "end" line has been sent: done, refused or unsupported, error. */
static bool said_end(int code)
{
	return code == 0 || code == 77 || code == 98;
}

static void on_child(int sig)
{
	(void)sig;				/* only there to end ppoll() */
}

int serve_init(struct serve *s, int port, const char *pipeline, const char *property, const char *kmemleak)
{
	struct sigaction action = { .sa_handler = on_child, .sa_flags = SA_NOCLDSTOP };
	sigset_t block;

	*s = (struct serve){ .port = port, .pipeline = pipeline, .property = property, .kmemleak = kmemleak, .go = -1, .out.fd = port };
	sigemptyset(&block);
	sigaddset(&block, SIGCHLD);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &block, &s->waiting) || sigaction(SIGCHLD, &action, NULL))
		return -1;
	sigdelset(&s->waiting, SIGCHLD);
	return 0;
}

static void close_go(struct serve *s)
{
	if (s->go >= 0)
		close(s->go);
	s->go = -1;
}

void serve_fini(struct serve *s)
{
	lines_in_fini(&s->in);
	free(s->held);
	s->held = NULL;
	close_go(s);
	if (s->port >= 0)
		close(s->port);
	s->port = -1;
}

int serve_hello(struct serve *s)
{
	struct utsname name;
	struct timespec up;

	uname(&name);
	clock_gettime(CLOCK_BOOTTIME, &up);
	say_begin(&s->out, "hello");
	say_int(&s->out, "version", 1);
	say_str(&s->out, "kernel", name.release);
	say_int(&s->out, "uptimeMs", up.tv_sec * 1000LL + up.tv_nsec / 1000000);
	return say_end(&s->out);
}

static int say_error(struct serve *s, const char *why)
{
	fprintf(stderr, "probe: %s\n", why);
	say_begin(&s->out, "error");
	say_str(&s->out, "why", why);
	return say_end(&s->out);
}

static int say_gone(struct serve *s, const char *status, const char *why)
{
	fprintf(stderr, "probe: pipeline %s: %s\n", status, why);
	say_begin(&s->out, "end");
	say_int(&s->out, "id", s->id);
	say_str(&s->out, "status", status);
	say_str(&s->out, "why", why);
	say_int(&s->out, "frames", -1);
	return say_end(&s->out);
}

/* Comes after every end line, whoever said that: only when the process is gone can be seen what it left. */
static int say_leaks(struct serve *s)
{
	struct leaks now;

	leaks_count(&now);
	say_begin(&s->out, "leaks");
	say_int(&s->out, "id", s->id);
	say_int(&s->out, "fds", leaks_more(s->before.fds, now.fds));
	say_int(&s->out, "dmabufs", leaks_more(s->before.dmabufs, now.dmabufs));
	return say_end(&s->out);
}

/* It did not even begin. */
static int say_stillborn(struct serve *s, const char *why)
{
	return say_gone(s, "error", why) ? -1 : say_leaks(s);
}

/* The command goes through a file and not a pipe: the pipeline may die without reading it, and a command may be megabytes. */
static int command_file(const char *line, size_t len)
{
	FILE *file = tmpfile();
	int fd = -1;

	if (!file)
		return -1;
	if (fwrite(line, 1, len, file) == len && fputc('\n', file) == '\n' && !fflush(file))
		fd = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3);
	fclose(file);
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET);
	return fd;
}

/* Whatever the numbers were: the port is read from here for the last time, and its own number may be the one that go gets. */
static void become(struct serve *s, const char *program, int command, int go)
{
	sigset_t none;

	setpgid(0, 0);
	sigemptyset(&none);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(command, 0) == 0 && dup2(s->port, 1) == 1 && dup2(go, GO_FD) == GO_FD && !fcntl(GO_FD, F_SETFD, 0))
		execl(program, program, (char *)NULL);
	fprintf(stderr, "probe: exec %s: %s\n", program, strerror(errno));
	_exit(127);
}

/* After fork(), in the parent. */
static int started(struct serve *s)
{
	if (s->child < 0) {
		s->child = 0;
		return say_stillborn(s, "fork failed in the guest");
	}
	setpgid(s->child, s->child);		/* in both, so that neither has to be first */
	return 0;
}

static int start(struct serve *s, const char *program, const char *line, size_t len)
{
	int command, go[2];

	leaks_count(&s->before);
	command = command_file(line, len);
	if (command < 0)
		return say_stillborn(s, "no room for the command in the guest");
	if (pipe2(go, O_CLOEXEC)) {
		close(command);
		return say_stillborn(s, "no pipe in the guest");
	}
	s->child = fork();
	if (!s->child)
		become(s, program, command, go[0]);
	close(command);
	close(go[0]);
	s->go = go[1];
	fcntl(s->go, F_SETFL, O_NONBLOCK);	/* a child that never reads must not stop PID 1 */
	if (s->child < 0)
		close_go(s);
	return started(s);
}

static int scan_memory(struct serve *s)
{
	return kmemleak_scan(&s->out, s->id, s->kmemleak, KMEMLEAK_APART_S);
}

static int exercise(struct serve *s)
{
	return exercise_run(&s->out, s->id, gpu_node(DEVICES));
}

static int time_calls(struct serve *s)
{
	return calls_run(&s->out, s->id, gpu_node(DEVICES), CALLS_TIME);
}

static int cost_calls(struct serve *s)
{
	return calls_run(&s->out, s->id, gpu_node(DEVICES), CALLS_COST);
}

static int count_calls(struct serve *s)
{
	return calls_run(&s->out, s->id, gpu_node(DEVICES), CALLS_COUNT);
}

/* What this program does itself, and no other. */
static const struct own {
	const char *cmd;
	int (*work)(struct serve *s);		/* the exit code */
} own[] = {
	{ "kmemleak", scan_memory }, { "exercise", exercise }, { "time-calls", time_calls }, { "cost-calls", cost_calls }, { "count-calls", count_calls },
};

static const struct own *own_named(const char *cmd)
{
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (!strcmp(own[i].cmd, cmd))
			return &own[i];
	return NULL;
}

/* In a process of its own, because it may take long, or die, and this one must go on listening. */
static int start_own(struct serve *s, const struct own *mine)
{
	leaks_count(&s->before);
	s->child = fork();
	if (!s->child)
		_exit(mine->work(s));
	return started(s);
}

/*
 * The port is the child's until it is gone; a line of ours could split one of its own. The host may well ask for more between the
 * child's end line and its death, so one command is held for it.
 */
static void hold(struct serve *s, const char *line, size_t len)
{
	if (s->held || !(s->held = malloc(len))) {
		s->refused++;
		return;
	}
	memcpy(s->held, line, len);
	s->held_len = len;
}

/* For a child that is gone it comes too late, and there is nobody to be told. */
static void give_go(struct serve *s, const struct head *head)
{
	if (s->child && head->has_id && head->id == s->id && write(s->go, "", 1) != 1)
		perror("probe: go");
}

/* One command. 1: power off. */
static int obey(struct serve *s, const char *line, size_t len)
{
	struct head head;
	const char *wrong = scan_head(line, len, &head);
	const struct own *mine = wrong ? NULL : own_named(head.cmd);
	char why[80];

	if (!wrong && !strcmp(head.cmd, "poweroff"))
		return 1;
	if (!wrong && !strcmp(head.cmd, "go")) {
		give_go(s, &head);
		return 0;
	}
	if (s->child) {
		hold(s, line, len);
		return 0;
	}
	if (wrong)
		return say_error(s, wrong);
	if (strcmp(head.cmd, "run") && strcmp(head.cmd, "property") && !mine) {
		snprintf(why, sizeof(why), "unknown command %s", head.cmd);
		return say_error(s, why);
	}
	if (!head.has_id) {
		snprintf(why, sizeof(why), "%s without an id", head.cmd);
		return say_error(s, why);
	}
	s->id = head.id;
	if (mine)
		return start_own(s, mine);
	return start(s, strcmp(head.cmd, "run") ? s->property : s->pipeline, line, len);
}

static int ended(struct serve *s, int status)
{
	char why[96], *held = s->held;
	int err = 0;

	kill(-s->child, SIGKILL);		/* whatever it started and left behind */
	s->child = 0;
	close_go(s);
	if (WIFSIGNALED(status))
		snprintf(why, sizeof(why), "killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (!said_end(WEXITSTATUS(status)))
		snprintf(why, sizeof(why), "exited with code %d and no end line", WEXITSTATUS(status));
	else
		why[0] = '\0';
	if (why[0]) {
		/* It may have died inside a line: end that one, so that ours is whole. The host skips an empty line. */
		err = write(s->port, "\n", 1) == 1 ? say_gone(s, "crashed", why) : -1;
	}
	if (!err)
		err = say_leaks(s);
	for (; !err && s->refused; s->refused--)
		err = say_error(s, "a pipeline was running: ask again after its end");
	s->held = NULL;
	if (!err && held)
		err = obey(s, held, s->held_len);	/* never poweroff: that is not held */
	free(held);
	return err;
}

/* PID 1 inherits orphans: reap everything, report only on the pipeline. */
static int reap(struct serve *s)
{
	int status, err = 0;
	pid_t pid;

	while (!err && (pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == s->child)
			err = ended(s, status);
	}
	return err;
}

static void stop_child(struct serve *s)
{
	if (!s->child)
		return;
	kill(-s->child, SIGKILL);
	while (waitpid(s->child, NULL, 0) < 0 && errno == EINTR)
		;
	s->child = 0;
}

static int listen_once(struct serve *s)
{
	const struct timespec away = { .tv_nsec = 20000000 };
	struct pollfd port = { .fd = s->port, .events = POLLIN };
	long n;

	if (ppoll(&port, 1, NULL, &s->waiting) < 0)
		return errno == EINTR ? 0 : -1;
	if (!port.revents)
		return 0;
	n = lines_in_read(&s->in, s->port);
	if (n == 0)				/* the host is away; it may come back, and ppoll() does not wait for that */
		ppoll(NULL, 0, &away, &s->waiting);
	return n < 0 && errno != EAGAIN ? -1 : 0;
}

int serve_run(struct serve *s)
{
	char *line;
	size_t len;
	int err = 0;

	while (!err) {
		switch (lines_in_next(&s->in, &line, &len)) {
		case LINE_ONE:
			err = obey(s, line, len);
			break;
		case LINE_TOO_LONG:
			if (s->child)
				s->refused++;
			else
				err = say_error(s, "a line of more than 4 MiB");
			break;
		case LINE_NONE:
			err = reap(s);
			if (!err)
				err = listen_once(s);
			break;
		}
	}
	stop_child(s);
	return err > 0 ? 0 : -1;
}
