/* control.c: the socket beside a store, on which its owner takes operations from other processes. */
#include "control.h"

#include "base/log.h"
#include "operation.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { CONTROL_BACKLOG = 16, CONTROL_TIMEOUT_S = 120, CONTROL_READ_BYTES = 64 * 1024 };
#define CONTROL_ARENA_BYTES ((size_t)1024 * 1024 * 1024) /* a limit: taken only for the largest bundles */

struct control {
	struct engine *engine;
	char *path;
	int listener, stop; /* stop: an eventfd that becomes readable */
	pthread_t thread;
};

const char *control_store_path(struct arena *arena, struct text store_url)
{
	if (text_starts(store_url, "sqlite:"))
		store_url = text_slice(store_url, strlen("sqlite:"), store_url.length);
	return text_is(store_url, ":memory:") || store_url.length == 0 ? NULL : text_c(arena, store_url);
}

struct text control_path(struct arena *arena, struct text store_url)
{
	const char *path = control_store_path(arena, store_url);
	if (!path)
		return TEXT_NONE;
	char *real = realpath(path, NULL);
	struct text socket_path = text_format(arena, "%s.sock", real ? real : path);
	free(real);
	return socket_path;
}

/* A socket's address holds 107 bytes; longer paths go through the descriptor of their folder. */
static bool address_make(const char *path, struct sockaddr_un *address, int *folder)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*folder = -1;
	if (strlen(path) < sizeof address->sun_path) {
		memcpy(address->sun_path, path, strlen(path));
		return true;
	}
	const char *slash = strrchr(path, '/');
	if (!slash || slash == path)
		return false;
	struct text folder_path = { path, (size_t)(slash - path) };
	char terminated[4096];
	if (folder_path.length >= sizeof terminated)
		return false;
	memcpy(terminated, path, folder_path.length);
	terminated[folder_path.length] = '\0';
	*folder = open(terminated, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*folder < 0)
		return false;
	int length = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d%s", *folder, slash);
	if (length < (int)sizeof address->sun_path)
		return true;
	close(*folder);
	return false;
}

static void folder_close(int folder)
{
	if (folder >= 0)
		close(folder);
}

/* ---- lines ---- */

static bool line_write(int connection, struct text line)
{
	for (size_t at = 0; at < line.length;) {
		ssize_t sent = send(connection, line.data + at, line.length - at, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		at += (size_t)sent;
	}
	return true;
}

/* Up to the line feed, which is not part of it. */
static bool line_read(int connection, struct arena *arena, struct text *line)
{
	char chunk[CONTROL_READ_BYTES];
	struct text_builder out;
	builder_init(&out, arena, OPERATION_BYTES_MAX);
	for (;;) {
		ssize_t got = recv(connection, chunk, sizeof chunk, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		const char *end = memchr(chunk, '\n', (size_t)got);
		builder_add(&out, (struct text){ chunk, end ? (size_t)(end - chunk) : (size_t)got });
		if (out.failed)
			return false;
		if (end)
			break;
	}
	*line = builder_text(&out);
	return true;
}

static void timeouts_set(int connection)
{
	struct timeval limit = { .tv_sec = CONTROL_TIMEOUT_S };
	setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

/* ---- the owner's side ---- */

static bool peer_allowed(int connection)
{
	struct ucred peer;
	socklen_t length = sizeof peer;
	return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

static void connection_serve(struct control *control, int connection)
{
	struct arena arena;
	struct text request;
	if (!arena_init(&arena, CONTROL_ARENA_BYTES))
		return;
	timeouts_set(connection);
	if (!peer_allowed(connection)) {
		log_write(LOG_WARNING, "control.refused", "a connection of another user");
	} else if (line_read(connection, &arena, &request)) {
		struct text answer = operation_answer(control->engine, request, &arena);
		if (!line_write(connection, answer) || !line_write(connection, TEXT("\n")))
			log_write(LOG_WARNING, "control.gone", "the asker went away before its answer");
	}
	arena_finish(&arena);
}

static void *control_thread(void *argument)
{
	struct control *control = argument;
	struct pollfd polled[] = { { .fd = control->listener, .events = POLLIN }, { .fd = control->stop, .events = POLLIN } };
	for (;;) {
		if (poll(polled, 2, -1) < 0 && errno != EINTR)
			break;
		if (polled[1].revents)
			break;
		int connection = polled[0].revents ? accept4(control->listener, NULL, NULL, SOCK_CLOEXEC) : -1;
		if (connection < 0)
			continue;
		connection_serve(control, connection);
		close(connection);
	}
	return NULL;
}

/* The mode is set before the name exists, so nobody else can connect in between. */
static bool listener_open(struct control *control)
{
	struct sockaddr_un address;
	int folder;
	control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool good = control->listener >= 0 && address_make(control->path, &address, &folder);
	if (!good)
		return false;
	unlink(control->path);
	good = fchmod(control->listener, S_IRUSR | S_IWUSR) == 0 &&
	       bind(control->listener, (const struct sockaddr *)&address, sizeof address) == 0 &&
	       chmod(control->path, S_IRUSR | S_IWUSR) == 0 && listen(control->listener, CONTROL_BACKLOG) == 0;
	folder_close(folder);
	return good;
}

static void control_free(struct control *control)
{
	if (control->listener >= 0)
		close(control->listener);
	if (control->stop >= 0)
		close(control->stop);
	memory_free(control->path);
	memory_free(control);
}

struct control *control_start(struct engine *engine, struct text path, struct problems *problems)
{
	struct control *control = memory_alloc(sizeof *control);
	char *copy = memory_alloc(path.length + 1);
	if (!control || !copy) {
		memory_free(control);
		memory_free(copy);
		problem(problems, PROBLEM_OUT_OF_MEMORY, "", "memory ran out");
		return NULL;
	}
	memcpy(copy, path.data, path.length);
	copy[path.length] = '\0';
	*control = (struct control){ .engine = engine, .path = copy, .listener = -1, .stop = eventfd(0, EFD_CLOEXEC) };
	if (control->stop >= 0 && listener_open(control) &&
	    pthread_create(&control->thread, NULL, control_thread, control) == 0)
		return control;
	problem(problems, PROBLEM_IO_FAILED, "", "control socket %s: %s", control->path, strerror(errno));
	control_free(control);
	return NULL;
}

void control_stop(struct control *control)
{
	if (!control)
		return;
	uint64_t one = 1;
	if (write(control->stop, &one, sizeof one) != sizeof one)
		BUG("the control thread cannot be woken");
	pthread_join(control->thread, NULL);
	unlink(control->path);
	control_free(control);
}

/* ---- the other side ---- */

static int owner_connect(struct text path, struct arena *arena)
{
	struct sockaddr_un address;
	int folder;
	int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connection < 0)
		return -1;
	bool good = address_make(text_c(arena, path), &address, &folder);
	good = good && connect(connection, (const struct sockaddr *)&address, sizeof address) == 0;
	folder_close(folder);
	if (good)
		return connection;
	close(connection);
	return -1;
}

bool control_answers(struct text path, struct arena *arena)
{
	int connection = owner_connect(path, arena);
	if (connection < 0)
		return false;
	close(connection);
	return true;
}

bool control_ask(struct text path, struct text request, struct arena *arena, struct problems *problems,
                 struct text *answer)
{
	int connection = owner_connect(path, arena);
	if (connection < 0)
		return problem(problems, PROBLEM_LOCKED, "", "the store is in use, and its owner does not listen on %.*s: %s",
		               TEXT_ARG(path), strerror(errno));
	timeouts_set(connection);
	bool good = line_write(connection, request) && line_write(connection, TEXT("\n")) &&
	            line_read(connection, arena, answer);
	close(connection);
	return good || problem(problems, PROBLEM_IO_FAILED, "", "the owner of the store went away before it answered");
}
