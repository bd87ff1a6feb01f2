/* operator.h: a second address for those who watch the process: GET /metrics, /healthz and /readyz, without a key.
 *
 * Numbers of a process are of all its tenants, so no tenant's key can open them; they have an address of their own, which
 * the operator gives to nobody else. There is none unless one is configured.
 */
#ifndef MOONBILL_HTTP_OPERATOR_H
#define MOONBILL_HTTP_OPERATOR_H

#include "server.h"

struct http_operator;

/* Listens; the server's from then on, which ends it last. False and a problem. */
bool http_operator_start(struct http_server *server, const char *host, int port, struct problems *problems);
int http_operator_port(const struct http_server *server);
void http_operator_stop(struct http_operator *watch); /* accepts NULL */

#endif
