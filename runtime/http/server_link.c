/* server_link.c: connections: how many there may be in all and of one client, and who makes room for another. */
#include "server_state.h"

#include "base/metric.h"

#include <string.h>
#include <sys/socket.h>

/* ---- who is here ---- */

static struct link **census_bucket(struct http_server *server, const struct ip_address *address)
{
	uint64_t mixed = ip_client(address) * 0x9e3779b97f4a7c15u;
	return &server->census[(mixed >> 32) % CENSUS_BUCKETS];
}

/* False when its client has as many as it may. */
static bool census_enter(struct http_server *server, struct link *link)
{
	if (!server->connections_per_address || !link->address.known ||
	    ip_list_holds(&server->uncounted[0], &link->address) ||
	    ip_list_holds(&server->uncounted[1], &link->address))
		return true;
	int alike = 0;
	pthread_mutex_lock(&server->census_lock);
	struct link **bucket = census_bucket(server, &link->address);
	for (const struct link *other = *bucket; other; other = other->next_alike)
		alike += ip_client(&other->address) == ip_client(&link->address);
	link->in_census = alike < server->connections_per_address;
	if (link->in_census) {
		link->next_alike = *bucket;
		link->back_alike = bucket;
		if (link->next_alike)
			link->next_alike->back_alike = &link->next_alike;
		*bucket = link;
	}
	pthread_mutex_unlock(&server->census_lock);
	return link->in_census;
}

static void census_leave(struct http_server *server, struct link *link)
{
	if (!link->in_census)
		return;
	pthread_mutex_lock(&server->census_lock);
	*link->back_alike = link->next_alike;
	if (link->next_alike)
		link->next_alike->back_alike = link->back_alike;
	pthread_mutex_unlock(&server->census_lock);
	link->in_census = false;
}

static void link_uncount(struct http_server *server, struct link *link)
{
	census_leave(server, link);
	if (link->counted)
		atomic_fetch_sub(&server->connections, 1);
	link->counted = false;
}

/* ---- refusals, before there is a request ---- */

#define REFUSAL_HEAD                                                                                 \
	"Content-Type: application/problem+json\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
static const char client_has_enough[] =
        "HTTP/1.1 429 Too Many Requests\r\n" REFUSAL_HEAD
        "{\"type\":\"urn:moonbill:problem:too_many_requests\",\"title\":\"Too many requests\",\"status\":429,"
        "\"detail\":\"your address has as many connections as it may have; use those, or end some\"}";
static const char server_is_full[] =
        "HTTP/1.1 503 Service Unavailable\r\n" REFUSAL_HEAD
        "{\"type\":\"urn:moonbill:problem:busy\",\"title\":\"The server is busy\",\"status\":503,"
        "\"detail\":\"there are as many connections as there may be; try again\"}";
static const char room_is_needed[] =
        "HTTP/1.1 503 Service Unavailable\r\n" REFUSAL_HEAD
        "{\"type\":\"urn:moonbill:problem:busy\",\"title\":\"The server is busy\",\"status\":503,"
        "\"detail\":\"the request took long to arrive and others wait for its connection; send it again\"}";

/* One answer, then the end: the library is not asked, and whatever the client sends is not read as a request. */
static void link_refuse(struct http_server *server, struct link *link, const char *answer, int64_t now_us)
{
	ssize_t sent = send(link->socket, answer, strlen(answer), MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)sent; /* who has filled its buffer does not read anyway */
	shutdown(link->socket, SHUT_WR);
	metric_add(METRIC_HTTP_CONNECTIONS_REFUSED_TOTAL, 1);
	link->refused = true;
	link->quiet_since_us = now_us;
	link_uncount(server, link);
}

/* ---- room for another ---- */

/* Nothing of it is being handled or answered: what its client has sent is no complete request. */
static bool link_is_quiet(const struct link *link, int64_t now_us)
{
	const struct talk *talk = link->talk;
	return link->counted && !link->refused && now_us - link->quiet_since_us > (int64_t)SERVER_QUIET_MS * US_PER_MS &&
	       (!talk || (!talk->arrived && !talk->replied_at_us));
}

/* Ends the connection that has been without a complete request longest. Who sends slowly, or holds connections and
 * sends nothing, so loses to those who come to ask; an honest client's waits are short. */
static bool room_make(struct http_loop *loop, int64_t now_us)
{
	struct link *quietest = NULL;
	for (struct link *link = loop->links; link; link = link->next)
		if (link_is_quiet(link, now_us) && (!quietest || link->quiet_since_us < quietest->quiet_since_us))
			quietest = link;
	if (!quietest)
		return false;
	/* between requests nobody waits for an answer, and one would be taken for the next request's */
	bool asks = quietest->talk || quietest->begun_at_us;
	link_refuse(loop->server, quietest, asks ? room_is_needed : "", now_us);
	return true;
}

/* A sixteenth is kept free: the loop that a new client comes to may have nobody who could make room. */
static int connections_wanted(const struct http_server *server)
{
	return server->connections_max - server->connections_max / 16;
}

static void link_count(struct http_loop *loop, struct link *link, int64_t now_us)
{
	struct http_server *server = loop->server;
	if (!census_enter(server, link)) {
		link_refuse(server, link, client_has_enough, now_us);
		return;
	}
	link->counted = true;
	int others = atomic_fetch_add(&server->connections, 1);
	if (others >= connections_wanted(server) && !room_make(loop, now_us) && others >= server->connections_max)
		link_refuse(server, link, server_is_full, now_us);
}

void links_make_room(struct http_loop *loop, int64_t now_us)
{
	while (atomic_load(&loop->server->connections) > connections_wanted(loop->server) && room_make(loop, now_us))
		;
}

/* ---- MHD's callback ---- */

static struct link *link_open(struct http_loop *loop, struct MHD_Connection *connection)
{
	struct link *link = memory_alloc(sizeof *link);
	if (!link)
		return NULL; /* its requests are refused: talk_open finds none */
	int64_t now_us = clock_monotonic_us();
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	*link = (struct link){ .socket = info->connect_fd, .resting = true, .quiet_since_us = now_us };
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	link->address = ip_of_socket(info ? info->client_addr : NULL);
	if (link->address.known)
		ip_write(&link->address, link->address_text);
	link_count(loop, link, now_us);
	link->next = loop->links;
	link->back = &loop->links;
	if (link->next)
		link->next->back = &link->next;
	loop->links = link;
	metric_add(METRIC_HTTP_CONNECTIONS, 1);
	metric_add(METRIC_HTTP_CONNECTIONS_TOTAL, 1);
	return link;
}

void link_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                 enum MHD_ConnectionNotificationCode code)
{
	struct http_loop *loop = context;
	struct link *link = *socket_context;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		*socket_context = link_open(loop, connection);
	} else if (link) {
		metric_add(METRIC_HTTP_CONNECTIONS, -1);
		link_uncount(loop->server, link);
		*link->back = link->next;
		if (link->next)
			link->next->back = link->back;
		memory_free(link);
		*socket_context = NULL;
	}
}
