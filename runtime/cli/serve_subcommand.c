/* serve_subcommand.c: moonbill serve: the engine with its threads, HTTP in front, the control socket beside. */
#include "billing/billing.h"
#include "control.h"
#include "event/engine.h"
#include "http/server.h"
#include "output.h"
#include "subcommands.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

static const struct cli_option serve_options[] = {
	{ "--listen", "HOST:PORT", "Where HTTP is served; 127.0.0.1:8080 when absent. Port 0: any free one." },
	{ "--log", "LEVEL", "debug, info, warning, error or off." },
	{ NULL, NULL, NULL },
};

enum {
	STORE_CHECK_S = 1,
	DESCRIPTORS_BESIDE = 256, /* files of the store, readers, gateways, connections that are being refused */
};

/* Blocked before any thread begins, so that only serve_wait takes them. */
static sigset_t signals_block(void)
{
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signals;
}

/* Until a signal, or until the store closed itself after a commit of unknown outcome: then the process ends, and
 * whoever watches it starts it anew. */
static bool serve_wait(struct engine *engine, const sigset_t *signals)
{
	struct timespec wait = { .tv_sec = STORE_CHECK_S };
	for (;;) {
		int number = sigtimedwait(signals, NULL, &wait);
		if (number > 0) {
			log_write(LOG_INFO, "server.stop", "signal %d", number);
			return true;
		}
		if (!store_is_open(engine_store(engine))) {
			log_write(LOG_ERROR, "server.stop", "the store closed itself");
			return false;
		}
	}
}

/* How often clients may ask, as configured. */
static bool limits_of(const struct config *config, struct http_limits *limits, struct problems *problems)
{
	limits->rates = (struct rate_limits){
		.per_s = { [RATE_ADDRESS] = config->rate_address, [RATE_KEY] = config->rate_key,
		           [RATE_TENANT] = config->rate_tenant, [RATE_EXPENSIVE] = config->rate_expensive },
		.burst_s = config->rate_burst_s,
	};
	return ip_list_parse(config->unlimited_addresses, "unlimited_addresses", &limits->exempt, problems) &&
	       ip_list_parse(config->trusted_proxies, "trusted_proxies", &limits->proxies, problems);
}

/* A descriptor for each connection that is allowed, as far as the system permits; else fewer connections. */
static int connections_provide(int64_t connections_max)
{
	struct rlimit files;
	rlim_t wanted = (rlim_t)connections_max + DESCRIPTORS_BESIDE;
	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted)
		return (int)connections_max;
	files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur >= wanted || files.rlim_cur <= DESCRIPTORS_BESIDE)
		return (int)connections_max;
	rlim_t possible = files.rlim_cur - DESCRIPTORS_BESIDE;
	log_write(LOG_WARNING, "server.start", "only %llu of %lld connections: the system permits %llu descriptors",
	          (unsigned long long)possible, (long long)connections_max, (unsigned long long)files.rlim_cur);
	return (int)possible;
}

struct service {
	struct engine *engine;
	struct control *control;
	struct http_server *http;
};

static bool service_start(struct cli *cli, struct service *service)
{
	const struct config *config = &cli->config;
	struct engine_options engine_options = {
		.lock = true,
		.threads = true,
		.workers = (int)config->workers,
		.gateway_deadline_ms = config->gateway_deadline_ms,
		.commands = billing_commands,
		.jobs = billing_jobs,
	};
	struct http_limits limits = { 0 };
	struct http_options http_options = {
		.connections_max = connections_provide(config->connections_max),
		.connections_per_address = (int)config->connections_per_address,
		.limits = &limits,
		.body_bytes_max = (size_t)config->body_bytes_max,
		.request_timeout_ms = (int)config->request_timeout_ms,
	};
	if (!config_listen(config->listen, &cli->arena, &cli->problems, &http_options.host, &http_options.port) ||
	    !limits_of(config, &limits, &cli->problems))
		return false;
	service->engine = engine_open(config->db, &engine_options, &cli->problems);
	if (!service->engine)
		return false;
	struct text socket_path = control_path(&cli->arena, config->db); /* the file is there now */
	if (text_present(socket_path)) {
		service->control = control_start(service->engine, socket_path, &cli->problems);
		if (!service->control)
			return false;
	}
	service->http = http_server_start(service->engine, &http_options, &cli->problems);
	return service->http != NULL;
}

static void service_stop(struct service *service)
{
	http_server_stop(service->http);
	control_stop(service->control);
	if (service->engine)
		engine_close(service->engine);
}

static void started_print(const struct cli *cli, const struct service *service)
{
	const char *host;
	int port;
	struct problems ignored;
	problems_init(&ignored, cli->problems.arena);
	config_listen(cli->config.listen, cli->problems.arena, &ignored, &host, &port);
	port = http_server_port(service->http);
	if (cli->json)
		printf("{\"listen\":\"%s:%d\"}\n", host, port);
	else
		printf("moonbill " MOONBILL_VERSION " serves %.*s on http://%s:%d\n", TEXT_ARG(cli->config.db), host, port);
	fflush(stdout);
}

static enum cli_exit serve_run(struct cli *cli)
{
	struct service service = { 0 };
	const char *host;
	int port;
	if (!config_listen(cli->config.listen, &cli->arena, &cli->problems, &host, &port)) {
		output_problems(cli);
		return CLI_USAGE;
	}
	sigset_t signals = signals_block();
	log_set_level(config_log_level(&cli->config));
	bool good = service_start(cli, &service);
	if (good) {
		started_print(cli, &service);
		good = serve_wait(service.engine, &signals);
	} else {
		output_problems(cli);
	}
	service_stop(&service);
	return good ? CLI_DONE : CLI_FAILED;
}

const struct cli_subcommand serve_subcommand = {
	.name = "serve", .arguments = "",
	.doc = "Serves HTTP and runs what is due, until SIGTERM or SIGINT.",
	.example = "  moonbill serve --listen 127.0.0.1:8080 --db /var/lib/moonbill/moonbill.db\n",
	.options = serve_options, .run = serve_run,
};
