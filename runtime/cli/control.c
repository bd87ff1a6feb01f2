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

enum { CONTROL_BACKLOG = 16, CONTROL_AT_ONCE = 8, CONTROL_PATIENCE_MS = 10 * 1000, CONTROL_READ_BYTES = 64 * 1024 };
#define CONTROL_ARENA_BYTES ((size_t)1024 * 1024 * 1024) /* a limit: taken only for the largest bundles */

struct control {
	struct engine *engine;
	char *path;
	int listener, stop; /* stop: an eventfd that becomes readable */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t fewer;
	int beside;         /* connections on threads of their own; under the lock */
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

/* One end of a connection. The owner's has a `stop` and a deadline, so that no asker holds it up; an asker waits as
 * long as its operation takes. */
struct peer {
	int connection, stop; /* stop: -1 for none */
	int64_t deadline_us;  /* 0: none */
};

/* Until `events` can be done. */
static bool peer_wait(const struct peer *peer, short events)
{
	struct pollfd polled[] = { { .fd = peer->connection, .events = events }, { .fd = peer->stop, .events = POLLIN } };
	for (;;) {
		int64_t left_us = peer->deadline_us ? peer->deadline_us - clock_monotonic_us() : 0;
		if (left_us < 0)
			return false;
		int ready = poll(polled, 2, peer->deadline_us ? (int)(left_us / US_PER_MS) + 1 : -1);
		if (ready < 0 && errno != EINTR)
			return false;
		if (ready > 0)
			return polled[0].revents != 0;
	}
}

static bool line_write(const struct peer *peer, struct text line)
{
	for (size_t at = 0; at < line.length;) {
		ssize_t sent = send(peer->connection, line.data + at, line.length - at, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent > 0)
			at += (size_t)sent;
		else if (errno == EAGAIN ? !peer_wait(peer, POLLOUT) : errno != EINTR)
			return false;
	}
	return true;
}

/* Up to the line feed, which is not part of it. */
static bool line_read(const struct peer *peer, struct arena *arena, struct text *line)
{
	char chunk[CONTROL_READ_BYTES];
	struct text_builder out;
	builder_init(&out, arena, OPERATION_BYTES_MAX);
	for (;;) {
		ssize_t got = peer_wait(peer, POLLIN) ? recv(peer->connection, chunk, sizeof chunk, MSG_DONTWAIT) : 0;
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
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

/* ---- the owner's side ---- */

static bool peer_allowed(int connection)
{
	struct ucred peer;
	socklen_t length = sizeof peer;
	return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

static int64_t patience_end_us(void)
{
	return clock_monotonic_us() + (int64_t)CONTROL_PATIENCE_MS * US_PER_MS;
}

/* It sends nothing after its line, so what can be read is the end. */
static bool asker_is_gone(void *context)
{
	char byte;
	return recv(*(const int *)context, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static void connection_serve(struct control *control, int connection)
{
	const struct store_backup_asker asker = { asker_is_gone, &connection };
	struct arena arena;
	struct text request;
	struct peer peer = { connection, control->stop, patience_end_us() };
	if (!arena_init(&arena, CONTROL_ARENA_BYTES))
		return;
	if (!peer_allowed(connection)) {
		log_write(LOG_WARNING, "control.refused", "a connection of another user");
	} else if (line_read(&peer, &arena, &request)) {
		struct text answer = operation_answer(control->engine, request, &asker, &arena);
		peer.deadline_us = patience_end_us();
		if (!line_write(&peer, answer) || !line_write(&peer, TEXT("\n")))
			log_write(LOG_WARNING, "control.gone", "the asker went away before its answer");
	}
	arena_finish(&arena);
}

struct connection {
	struct control *control;
	int descriptor;
};

static void *connection_thread(void *argument)
{
	struct connection connection = *(struct connection *)argument;
	struct control *control = connection.control;
	memory_free(argument);
	connection_serve(control, connection.descriptor);
	close(connection.descriptor);
	pthread_mutex_lock(&control->lock);
	control->beside--;
	pthread_cond_signal(&control->fewer);
	pthread_mutex_unlock(&control->lock);
	return NULL;
}

static bool thread_detached(void *(*run)(void *), void *argument)
{
	pthread_attr_t attributes;
	pthread_t thread;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	bool started = pthread_create(&thread, &attributes, run, argument) == 0;
	pthread_attr_destroy(&attributes);
	return started;
}

/* On a thread of its own: nobody who revokes a key waits for the end of a backup. False when there are many already. */
static bool connection_beside(struct control *control, int descriptor)
{
	struct connection *connection = memory_alloc(sizeof *connection);
	if (!connection)
		return false;
	*connection = (struct connection){ control, descriptor };
	pthread_mutex_lock(&control->lock);
	bool started = control->beside < CONTROL_AT_ONCE && thread_detached(connection_thread, connection);
	control->beside += started;
	pthread_mutex_unlock(&control->lock);
	if (!started)
		memory_free(connection);
	return started;
}

static void connections_await(struct control *control)
{
	pthread_mutex_lock(&control->lock);
	while (control->beside)
		pthread_cond_wait(&control->fewer, &control->lock);
	pthread_mutex_unlock(&control->lock);
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
		if (connection < 0 || connection_beside(control, connection))
			continue;
		connection_serve(control, connection); /* the next one waits */
		close(connection);
	}
	connections_await(control);
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
	pthread_cond_destroy(&control->fewer);
	pthread_mutex_destroy(&control->lock);
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
	pthread_mutex_init(&control->lock, NULL);
	pthread_cond_init(&control->fewer, NULL);
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
	const struct peer owner = { .connection = connection, .stop = -1 };
	bool good = line_write(&owner, request) && line_write(&owner, TEXT("\n")) && line_read(&owner, arena, answer);
	close(connection);
	return good || problem(problems, PROBLEM_IO_FAILED, "", "the owner of the store went away before it answered");
}
