/* server_state.h: what the server's files share; nobody else includes it.
 *
 *     server.c             sockets, start, stop
 *     server_loop.c        a thread, its MHD daemon, the watch over slow clients
 *     server_link.c        connections: how many, of whom, who makes room
 *     server_connection.c  a request of a socket: headers, body, reply
 *
 * Each loop has a daemon, a thread and a listening descriptor of its own, and its connections belong to that thread;
 * only `state`, `owners` and `reply` of a talk, the atomic members of the server and its census are touched by others.
 *
 *     talk:  TALK_READING --http_handle--> TALK_HANDLED --suspended--> TALK_WAITING
 *                                              \--done--> TALK_DONE <--done---/   (resumed)
 *            TALK_WAITING --stop takes too long--> TALK_LEFT: answered 503
 *
 * A talk is freed by the last of its owners: its connection, and from http_handle to `done` the engine.
 */
#ifndef MOONBILL_HTTP_SERVER_STATE_H
#define MOONBILL_HTTP_SERVER_STATE_H

#include "application.h"
#include "server.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
	SERVER_LOOPS_MAX = 4,
	SERVER_CONNECTIONS_DEFAULT = 1000,
	SERVER_TIMEOUT_DEFAULT_MS = 30 * 1000,
	SERVER_IDLE_S = 30,
	SERVER_TICK_MS = 250,
	SERVER_STOP_MS = 30 * 1000,
	SERVER_ARRIVE_MS = 2 * 1000, /* what requests that are arriving may take once the server must end */
	SERVER_QUIET_MS = 1000,  /* a connection that is quieter than this may have to make room */
	SERVER_LINGER_MS = 250,  /* what a refused client has to read why */
	SERVER_LINKS_SPARE = 256, /* beyond the limit: those that are being told so */
	CENSUS_BUCKETS = 1024,
	SERVER_FLUSH_MS = 500,   /* what replies may take to leave once the server must end */
	SERVER_CONNECTION_BYTES = 8 * 1024, /* zeroed for every request: more makes each slower */
	SERVER_HEADERS_MAX = 64,
	SERVER_TALKS_SPARE = 64, /* of a loop */
	SERVER_ARENA_BYTES = 32 * 1024 * 1024,
	SERVER_ARENA_LARGE_BYTES = 512 * 1024 * 1024, /* a bundle, its tree and its compiled rules */
	SERVER_DISCARD_BYTES_MAX = 4 * 1024 * 1024,   /* of a refused body, before the connection is closed instead */
};

struct http_loop {
	struct http_server *server;
	struct MHD_Daemon *daemon;
	pthread_t thread;
	bool started;
	int wake; /* eventfd: something to look at */
	atomic_bool woken; /* it was written to, and the loop has not looked yet */
	struct link *links;
	bool quiet;                /* accepts no more */
	int64_t watched_at_us;
	struct talk *spare;        /* used before, wiped, for requests to come */
	size_t spare_count;
};

struct http_server {
	struct http_application *application;
	struct http_operator *watch; /* NULL: nobody watches */
	int port;
	int64_t timeout_us;
	struct http_loop loops[SERVER_LOOPS_MAX];
	size_t loop_count;
	int connections_max, connections_per_address;
	struct ip_list uncounted[2]; /* clients without a limit of connections: exempt, proxies */
	atomic_int connections;
	pthread_mutex_t census_lock;
	struct link *census[CENSUS_BUCKETS]; /* links by their clients */
	atomic_bool stopping;      /* no further connection; replies close theirs */
	atomic_bool leaving;       /* who still waits gets 503 */
	atomic_bool ending;        /* loops end */
	atomic_long talks;         /* requests whose reply is not yet out */
	atomic_long arrived;       /* the complete ones of them */
};

/* One connection; the loop's. */
struct link {
	int socket;
	struct ip_address address;
	char address_text[IP_TEXT_BYTES];
	struct link *next, **back;
	bool counted, in_census;
	struct link *next_alike, **back_alike; /* in its bucket of the census, under its lock */
	int64_t quiet_since_us;      /* accepted, or its last request was done */
	bool refused;                /* was told to go: nothing of it is read as a request */
	int64_t begun_at_us;         /* first byte of the request that is arriving; 0: none is */
	bool resting;                /* between requests, and bytes_at_rest was taken */
	uint64_t bytes_at_rest;      /* received until then */
	bool ended;                  /* its client had said its last byte when the link was last watched */
	struct talk *talk;           /* the request under way; NULL between requests */
};

enum talk_state { TALK_READING, TALK_HANDLED, TALK_WAITING, TALK_DONE, TALK_LEFT };

/* One request. */
struct talk {
	struct http_loop *loop;
	struct link *link;
	struct MHD_Connection *connection;
	struct arena arena;
	struct http_request request;
	struct http_reply reply;
	struct text_builder body;
	size_t body_bytes_max, body_bytes;
	bool known;                  /* headers were looked at */
	bool refused;                /* reply is made: the body is read and forgotten */
	bool close;                  /* the connection ends with the reply */
	bool arrived;                /* the body is complete: no deadline until there is a reply */
	int64_t replied_at_us;       /* the reply was queued; 0: not yet */
	_Atomic enum talk_state state;
	atomic_int owners;
	struct talk *next_spare;
	struct http_field headers[SERVER_HEADERS_MAX]; /* last: not cleared for the next request */
};

/* ---- server_link.c: on the loop's thread ---- */

void link_notify(void *loop, struct MHD_Connection *connection, void **context,
                 enum MHD_ConnectionNotificationCode code);
/* Ends quiet connections while there are more than leave room for new ones. */
void links_make_room(struct http_loop *loop, int64_t now_us);

/* ---- server_connection.c: MHD's callbacks, on the loop's thread ---- */

void *talk_open(void *loop, const char *uri, struct MHD_Connection *connection);
enum MHD_Result talk_access(void *loop, struct MHD_Connection *connection, const char *url, const char *method,
                            const char *version, const char *upload, size_t *upload_size, void **context);
void talk_completed(void *loop, struct MHD_Connection *connection, void **context,
                    enum MHD_RequestTerminationCode code);
void talks_free(struct http_loop *loop); /* the spare ones */
/* Answers a waiting talk with 503 in place of its command. */
void talk_leave(struct talk *talk);

/* ---- server.c ---- */

int listener_open(const char *host, int port, struct problems *problems); /* -1 and a problem */
int listener_port(int listener);

/* ---- server_loop.c ---- */

/* `listener` becomes the loop's. */
bool loop_start(struct http_loop *loop, struct http_server *server, int listener, unsigned connections_max,
                struct problems *problems);
void loop_wake(struct http_loop *loop);   /* any thread */
void loop_finish(struct http_loop *loop); /* joins */
void loop_free(struct http_loop *loop);   /* once nobody can wake it: no request is under way in the application */

#endif
