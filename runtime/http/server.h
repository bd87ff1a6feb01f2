/* server.h: the HTTP server of one engine.
 *
 *     struct http_server *server = http_server_start(engine, &options, problems);
 *     log_write(LOG_INFO, "server.start", "port %d", http_server_port(server));
 *     ... wait for a signal ...
 *     http_server_stop(server);
 *
 * It has threads of its own and none of the caller's; the engine outlives it.
 */
#ifndef MOONBILL_HTTP_SERVER_H
#define MOONBILL_HTTP_SERVER_H

#include "application.h"
#include "base/problem.h"
#include "event/engine.h"

#include <stddef.h>

struct http_options {
	const char *host;          /* "127.0.0.1", "::1", "0.0.0.0"; NULL = 127.0.0.1 */
	int port;                  /* 0: any free one */
	int connections_max;       /* 0 = 1000. Beyond it who has been quiet longest makes room, else the new one is told 503 */
	int connections_per_address; /* 0: no limit; those that limits->exempt and proxies name have none. 429 beyond it */
	size_t body_bytes_max;     /* 0 = 1 MiB; PUT /v1/bundle has the archive's own limit */
	bool note_key_use;         /* the store keeps when keys were last used */
	bool log_requests;         /* a line in the log for each */
	int request_timeout_ms;    /* from the first byte to the last of a request; 0 = 30000 */
	const struct http_limits *limits; /* NULL: none; copied */
};

struct http_server;

/* Listens; NULL and a problem when it cannot. */
struct http_server *http_server_start(struct engine *engine, const struct http_options *options,
                                      struct problems *problems);
int http_server_port(const struct http_server *server);
/* Takes no further connection; requests that are arriving have 2 s to be complete; answers what is under way (at most
 * 30 s), frees. Accepts NULL. */
void http_server_stop(struct http_server *server);

#endif
