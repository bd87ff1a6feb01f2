/* bench_http.c: the floor of HTTP: bare libmicrohttpd that answers every request with the same JSON, until SIGTERM.
 *
 *     bench_http --port P [--bytes 350]
 *
 * A body is read and thrown away; the answer is of the size of an order's. One polling thread, 8 KiB a connection.
 */
#include "bench.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>

static struct MHD_Response *answer;

/* The first call is of the headers: answering there would close the connection. */
static enum MHD_Result request_handle(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                      const char *version, const char *upload, size_t *upload_size, void **state)
{
	static char seen;
	(void)context;
	(void)url;
	(void)method;
	(void)version;
	(void)upload;
	if (!*state) {
		*state = &seen;
		return MHD_YES;
	}
	if (*upload_size > 0) {
		*upload_size = 0;
		return MHD_YES;
	}
	return MHD_queue_response(connection, MHD_HTTP_OK, answer);
}

int main(int argc, char **argv)
{
	static char body[65536];
	size_t bytes = (size_t)bench_number(argc, argv, "--bytes", 350, 20, sizeof body);
	struct sockaddr_in address = { .sin_family = AF_INET };
	sigset_t signals;
	int number;
	address.sin_port = htons((uint16_t)bench_number(argc, argv, "--port", 8081, 1, 65535));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memset(body, 'x', bytes);
	memcpy(body, "{\"answer\":\"", 11);
	memcpy(body + bytes - 2, "\"}", 2);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	answer = MHD_create_response_from_buffer(bytes, body, MHD_RESPMEM_PERSISTENT);
	MHD_add_response_header(answer, "Content-Type", "application/json");
	struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL, 0, NULL, NULL,
	                                             request_handle, NULL, MHD_OPTION_SOCK_ADDR, &address,
	                                             MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)8192, MHD_OPTION_END);
	if (!daemon)
		bench_fail("port %d cannot be listened on", ntohs(address.sin_port));
	sigwait(&signals, &number);
	MHD_stop_daemon(daemon);
	MHD_destroy_response(answer);
	return 0;
}
