/* server_loop.c: a thread that drives one MHD daemon by its epoll descriptor, and watches over slow clients.
 *
 * MHD's own epoll thread stands still when exactly 128 (256, ...) descriptors are ready, and its time-out counts only
 * silence; so waiting and deadlines are ours.
 */
#include "server_state.h"

#include <fcntl.h>
#include <linux/tcp.h> /* knows more than netinet/tcp.h */
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- slow clients ---- */

/* Where the kernel does not say, nothing is ever seen to arrive: MHD's silence time-out remains. */
static uint64_t link_bytes(const struct link *link)
{
	struct tcp_info info = { 0 };
	socklen_t length = sizeof info;
	if (getsockopt(link->socket, IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
		return 0;
	return info.tcpi_bytes_received;
}

/* Everything was read, and no more will come. */
static bool link_ended(const struct link *link)
{
	char byte;
	return recv(link->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* The library overlooks an end that arrives together with bytes. What it has read it has looked at by the next time. */
static void link_end_if_ended(struct link *link)
{
	bool before = link->ended;
	link->ended = link_ended(link);
	if (before && link->ended)
		shutdown(link->socket, SHUT_RDWR);
}

static void link_end_after(struct http_loop *loop, struct link *link, int64_t since_us, int64_t now_us)
{
	if (since_us && now_us - since_us > loop->server->timeout_us)
		shutdown(link->socket, SHUT_RDWR);
}

/* From the first byte of a request to its last there is one deadline, however steadily bytes trickle in; and one for
 * its reply to be taken. */
static void link_watch(struct http_loop *loop, struct link *link, int64_t now_us)
{
	if (link->refused) {
		if (now_us - link->quiet_since_us > (int64_t)SERVER_LINGER_MS * US_PER_MS)
			shutdown(link->socket, SHUT_RDWR);
		return;
	}
	if (link->talk && link->talk->arrived) {
		link->ended = false;
		link_end_after(loop, link, link->talk->replied_at_us, now_us);
		return;
	}
	uint64_t bytes = link->begun_at_us ? 0 : link_bytes(link);
	if (!link->begun_at_us && link->resting && bytes != link->bytes_at_rest)
		link->begun_at_us = now_us;
	if (!link->resting)
		link->bytes_at_rest = bytes;
	link->resting = true;
	link_end_after(loop, link, link->begun_at_us, now_us);
	link_end_if_ended(link);
}

static void loop_watch(struct http_loop *loop)
{
	int64_t now_us = clock_monotonic_us();
	if (now_us - loop->watched_at_us < (int64_t)SERVER_TICK_MS * US_PER_MS)
		return;
	loop->watched_at_us = now_us;
	for (struct link *link = loop->links; link; link = link->next)
		link_watch(loop, link, now_us);
	links_make_room(loop, now_us);
}

static void loop_leave(struct http_loop *loop)
{
	for (struct link *link = loop->links; link; link = link->next)
		if (link->talk)
			talk_leave(link->talk);
}

/* ---- the loop ---- */

static void loop_quiet(struct http_loop *loop)
{
	MHD_socket listener = MHD_quiesce_daemon(loop->daemon);
	loop->quiet = true;
	if (listener != MHD_INVALID_SOCKET)
		close(listener);
}

static int loop_patience_ms(struct http_loop *loop)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;
	if (MHD_get_timeout(loop->daemon, &wait_ms) != MHD_YES || wait_ms > SERVER_TICK_MS)
		return SERVER_TICK_MS;
	return (int)wait_ms;
}

static bool descriptors_are_out(const struct http_loop *loop)
{
	int copy = fcntl(loop->wake, F_DUPFD_CLOEXEC, 0);
	if (copy >= 0)
		close(copy);
	return copy < 0;
}

/* A daemon stops listening while no descriptor is left, unless it has no connection whose end it could wait for: then
 * it tries again without pause, and the pause is ours. */
static void loop_serve(struct http_loop *loop, struct pollfd *wake)
{
	bool alone = !loop->links;
	MHD_run(loop->daemon);
	if (alone && !loop->links && descriptors_are_out(loop))
		poll(wake, 1, SERVER_TICK_MS);
}

static void *loop_run(void *context)
{
	struct http_loop *loop = context;
	struct pollfd ready[] = {
		{ .fd = MHD_get_daemon_info(loop->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, .events = POLLIN },
		{ .fd = loop->wake, .events = POLLIN },
	};
	while (!atomic_load(&loop->server->ending)) {
		poll(ready, 2, loop_patience_ms(loop));
		if (ready[1].revents) {
			uint64_t count;
			ssize_t got = read(loop->wake, &count, sizeof count);
			(void)got;
			atomic_store(&loop->woken, false); /* before anything is looked at: who comes now wakes again */
		}
		if (atomic_load(&loop->server->stopping) && !loop->quiet)
			loop_quiet(loop);
		loop_serve(loop, &ready[1]);
		loop_watch(loop);
		if (atomic_load(&loop->server->leaving))
			loop_leave(loop);
	}
	/* A daemon must not be stopped with a suspended connection; from here on requests are refused at once. */
	loop_leave(loop);
	MHD_run(loop->daemon);
	return NULL;
}

/* The answers of a batch come at once: the first of them wakes. */
void loop_wake(struct http_loop *loop)
{
	uint64_t one = 1;
	if (atomic_exchange(&loop->woken, true))
		return;
	ssize_t written = write(loop->wake, &one, sizeof one);
	(void)written; /* full means it is awake */
}

/* ---- start and end ---- */

static struct MHD_Daemon *daemon_start(struct http_loop *loop, int listener, unsigned connections_max)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, talk_access, loop,
	                        MHD_OPTION_LISTEN_SOCKET, listener,
	                        MHD_OPTION_NOTIFY_COMPLETED, talk_completed, loop,
	                        MHD_OPTION_NOTIFY_CONNECTION, link_notify, loop,
	                        MHD_OPTION_URI_LOG_CALLBACK, talk_open, loop,
	                        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SERVER_CONNECTION_BYTES,
	                        MHD_OPTION_CONNECTION_LIMIT, connections_max,
	                        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SERVER_IDLE_S,
	                        MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1,
	                        MHD_OPTION_END);
}

/* Signals are for the thread that started the server; SIGPIPE is for nobody. */
static bool thread_start(struct http_loop *loop)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	bool started = pthread_create(&loop->thread, NULL, loop_run, loop) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

bool loop_start(struct http_loop *loop, struct http_server *server, int listener, unsigned connections_max,
                struct problems *problems)
{
	*loop = (struct http_loop){ .server = server, .wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	if (loop->wake >= 0)
		loop->daemon = daemon_start(loop, listener, connections_max);
	if (!loop->daemon) {
		close(listener);
		return problem(problems, PROBLEM_IO_FAILED, "", "the HTTP server cannot be started");
	}
	loop->started = thread_start(loop);
	return loop->started || problem(problems, PROBLEM_IO_FAILED, "",
	                                "no thread can be started for the HTTP server");
}

void loop_finish(struct http_loop *loop)
{
	loop_wake(loop);
	if (loop->started)
		pthread_join(loop->thread, NULL);
	if (loop->daemon)
		MHD_stop_daemon(loop->daemon);
}

void loop_free(struct http_loop *loop)
{
	talks_free(loop);
	if (loop->wake >= 0)
		close(loop->wake);
}
