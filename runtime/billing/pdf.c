/* pdf.c: HTML as PDF, by WeasyPrint in a process of its own. */
#include "pdf.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Exit code 3: the module is not there. data: URLs are what WeasyPrint's own fetcher reads without opening anything. */
static const char script[] =
        "import sys\n"
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (30, 30))\n"
        "try:\n"
        "    import weasyprint\n"
        "except ImportError:\n"
        "    sys.exit(3)\n"
        "def fetch(url, timeout=10, ssl_context=None):\n"
        "    if url.startswith('data:'):\n"
        "        return weasyprint.default_url_fetcher(url)\n"
        "    raise ValueError('a document may fetch nothing: ' + url[:200])\n"
        "html = weasyprint.HTML(file_obj=sys.stdin.buffer, url_fetcher=fetch, base_url=None)\n"
        "sys.stdout.buffer.write(html.write_pdf())\n";

enum { LOOK_MS = 100 }; /* how often it looks whether it must stop */

struct pipes {
	int in[2], out[2]; /* the process reads in[0] and writes out[1] */
};

static void pipe_close(int *end)
{
	if (*end >= 0)
		close(*end);
	*end = -1;
}

static void pipes_close(struct pipes *pipes)
{
	for (int i = 0; i < 2; i++) {
		pipe_close(&pipes->in[i]);
		pipe_close(&pipes->out[i]);
	}
}

static bool pipes_open(struct pipes *pipes)
{
	*pipes = (struct pipes){ { -1, -1 }, { -1, -1 } };
	if (pipe2(pipes->in, O_CLOEXEC) == 0 && pipe2(pipes->out, O_CLOEXEC) == 0 &&
	    fcntl(pipes->in[1], F_SETFL, O_NONBLOCK) == 0 && fcntl(pipes->out[0], F_SETFL, O_NONBLOCK) == 0)
		return true;
	pipes_close(pipes);
	return false;
}

static bool start(const char *python, struct pipes *pipes, pid_t *process)
{
	/* The epoch is what fonts within the document are dated by: the same HTML makes the same bytes. */
	static const char *const environment[] = { "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=/nonexistent",
		                                   "SOURCE_DATE_EPOCH=1", "PYTHONHASHSEED=0", NULL };
	const char *const arguments[] = { python, "-I", "-c", script, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	sigemptyset(&none);
	if (posix_spawn_file_actions_init(&actions) != 0 || posix_spawnattr_init(&attributes) != 0)
		return false;
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_adddup2(&actions, pipes->in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, pipes->out[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	errno = posix_spawn(process, python, &actions, &attributes, (char *const *)(uintptr_t)arguments,
	                    (char *const *)(uintptr_t)environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	pipe_close(&pipes->in[0]);
	pipe_close(&pipes->out[1]);
	return errno == 0;
}

/* Gives what the pipe takes; closes it at the end, or when nobody reads it any more. */
static void give(struct pipes *pipes, struct text html, size_t *given)
{
	ssize_t count = write(pipes->in[1], html.data + *given, html.length - *given);
	if (count > 0)
		*given += (size_t)count;
	if (*given == html.length || (count < 0 && errno != EAGAIN && errno != EINTR))
		pipe_close(&pipes->in[1]);
}

/* Takes what is there; closes the pipe at its end. */
static void take(struct pipes *pipes, struct text_builder *out)
{
	char room[65536];
	ssize_t count = read(pipes->out[0], room, sizeof room);
	if (count > 0)
		builder_add(out, (struct text){ room, (size_t)count });
	else if (count == 0 || (errno != EAGAIN && errno != EINTR))
		pipe_close(&pipes->out[0]);
}

static bool must_stop(const atomic_bool *stops)
{
	return stops && atomic_load(stops);
}

/* Until the process has said all; false when it takes too long or says too much. */
static bool exchange_with(struct pipes *pipes, const struct pdf_order *order, struct text_builder *out)
{
	const struct text html = order->html;
	const atomic_bool *stops = order->stops;
	int64_t end_us = clock_monotonic_us() + order->deadline_ms * 1000;
	size_t given = 0;
	while (pipes->out[0] >= 0 && !out->failed) {
		int64_t left_us = end_us - clock_monotonic_us();
		struct pollfd ready[] = { { pipes->out[0], POLLIN, 0 }, { pipes->in[1], POLLOUT, 0 } };
		int wait_ms = left_us < LOOK_MS * 1000 ? (int)(left_us / 1000) + 1 : LOOK_MS;
		if (left_us <= 0 || must_stop(stops) || (poll(ready, 2, wait_ms) < 0 && errno != EINTR))
			return false;
		if (ready[1].revents)
			give(pipes, html, &given);
		if (ready[0].revents)
			take(pipes, out);
	}
	return !out->failed;
}

static int64_t processor_ms(const struct rusage *usage)
{
	return (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000 + (usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1000;
}

/* Ended for its time although it had little of a processor: others had it, and the document may be well. */
static bool was_starved(int status, const struct rusage *usage, int64_t deadline_ms)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && processor_ms(usage) < deadline_ms / 2;
}

static bool refuse(struct problems *problems, int status)
{
	if (WIFEXITED(status) && (WEXITSTATUS(status) == 3 || WEXITSTATUS(status) == 127))
		return problem_value(problems, PROBLEM_NOT_IMPLEMENTED, "", TEXT_NONE,
		                     "Install the Debian package weasyprint, or read the document as HTML.",
		                     "documents cannot be made as PDF here: WeasyPrint is not installed");
	return problem_value(problems, PROBLEM_TEMPLATE_FAILED, "", TEXT_NONE, "Correct the template, or read the document as HTML.",
	                     "the document could not be made as PDF within %d s and %d MiB", PDF_DEADLINE_MS / 1000,
	                     PDF_OUTPUT_BYTES_MAX >> 20);
}

bool pdf_make(const char *python, struct text html, const atomic_bool *stops, struct arena *arena, struct problems *problems,
              struct text *pdf)
{
	const struct pdf_order order = { .python = python, .html = html, .stops = stops, .deadline_ms = PDF_DEADLINE_MS };
	return pdf_make_order(&order, arena, problems, pdf);
}

bool pdf_make_order(const struct pdf_order *order, struct arena *arena, struct problems *problems, struct text *pdf)
{
	struct pipes pipes;
	struct text_builder out;
	pid_t process;
	int status = 127 << 8;
	struct rusage usage = { .ru_utime = { 0, 0 } };
	builder_init(&out, arena, PDF_OUTPUT_BYTES_MAX);
	if (!pipes_open(&pipes))
		return problem(problems, PROBLEM_BUSY, "", "there are no descriptors left for a document as PDF");
	bool started = start(order->python, &pipes, &process);
	bool done = started && exchange_with(&pipes, order, &out);
	pipes_close(&pipes);
	if (started) {
		if (!done)
			kill(process, SIGKILL);
		while (wait4(process, &status, 0, &usage) < 0 && errno == EINTR)
			;
	}
	*pdf = builder_text(&out);
	if (must_stop(order->stops))
		return problem(problems, PROBLEM_BUSY, "", "the process ends before the document was made as PDF");
	if (!done && !out.failed && was_starved(status, &usage, order->deadline_ms))
		return problem(problems, PROBLEM_TIMEOUT, "", "the machine had no time to make the document as PDF within %lld ms",
		               (long long)order->deadline_ms);
	return (done && status == 0 && text_starts(*pdf, "%PDF-")) || refuse(problems, status);
}
