/* serve_subcommand.c: moonbill serve: the engine with its threads, HTTP in front, the control socket beside. */
#include "base/notify.h"
#include "billing/billing.h"
#include "billing/mail.h"
#include "config_mail.h"
#include "config_secrets.h"
#include "event/secret_seal.h"
#include "control.h"
#include "event/engine.h"
#include "http/operator.h"
#include "http/server.h"
#include "output.h"
#include "subcommands.h"
#include "watch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

static const struct cli_option serve_options[] = {
	{ "--listen", "HOST:PORT", "Where HTTP is served; 127.0.0.1:8080 when absent. Port 0: any free one." },
	{ "--log", "LEVEL", "debug, info, warning, error or off." },
	{ "--log-format", "FORMAT", "json, or text for people." },
	{ "--log-requests", "WHICH", "all: a line in the log for every request; failed, when absent: for those that failed here." },
	{ "--log-file", "FILE", "Where the log is appended to; standard error when absent. SIGHUP opens it anew." },
	{ "--watch", "DIR", "For development: the bundle in this folder is deployed now and whenever it changes." },
	{ "--tenant", "NAME", "Whose bundle --watch deploys; may be left out when there is one tenant." },
	{ "--metrics-listen", "HOST:PORT", "Where /metrics is served, to everyone who can connect; nowhere when absent." },
	{ NULL, NULL, NULL },
};

enum {
	STORE_CHECK_S = 1,
	DESCRIPTORS_BESIDE = 256, /* files of the store, readers, gateways */
	DESCRIPTORS_REFUSED = 1024, /* connections that are being told that they are too many */
};

/* Blocked before any thread begins, so that only serve_wait takes them. */
static sigset_t signals_block(void)
{
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signals;
}

/* SIGHUP: the log may have been moved away. A terminal that is closed sends it too; the server goes on then. */
static void log_reopen(struct cli *cli)
{
	if (text_is(cli->config.log_file, "-"))
		log_write(LOG_INFO, "server.log", "SIGHUP: the log has no file to open anew");
	else if (!log_open(text_c(&cli->arena, cli->config.log_file)))
		log_write(LOG_WARNING, "server.log", "SIGHUP: the log cannot be opened anew and goes on where it went: %s",
		          strerror(errno));
	else
		log_write(LOG_INFO, "server.log", "SIGHUP: the log was opened anew");
}

/* Lives as long as the writer does: a watchdog that is fed by a thread with nothing else to do proves nothing. */
static void watchdog_feed(struct engine *engine, int64_t every_us)
{
	if (every_us && store_health(engine_store(engine)).busy_us < every_us)
		notify_send("WATCHDOG=1");
}

/* Until a signal, or until the store closed itself after a commit of unknown outcome: then the process ends, and
 * whoever watches it starts it anew. */
static bool serve_wait(struct cli *cli, struct engine *engine, const sigset_t *signals)
{
	int64_t watchdog_us = notify_watchdog_us(), check_us = (int64_t)STORE_CHECK_S * US_PER_S;
	int64_t wait_us = watchdog_us && watchdog_us < check_us ? watchdog_us : check_us;
	const struct timespec wait = { .tv_sec = wait_us / US_PER_S, .tv_nsec = wait_us % US_PER_S * 1000 };
	for (;;) {
		int number = sigtimedwait(signals, NULL, &wait);
		watchdog_feed(engine, watchdog_us);
		if (number == SIGHUP) {
			log_reopen(cli);
		} else if (number > 0) {
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
	rlim_t needed = (rlim_t)connections_max + DESCRIPTORS_BESIDE, wanted = needed + DESCRIPTORS_REFUSED;
	if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted)
		return (int)connections_max;
	files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur >= needed || files.rlim_cur <= DESCRIPTORS_BESIDE)
		return (int)connections_max;
	rlim_t possible = files.rlim_cur - DESCRIPTORS_BESIDE;
	log_write(LOG_WARNING, "server.start", "only %llu of %lld connections: the system permits %llu descriptors",
	          (unsigned long long)possible, (long long)connections_max, (unsigned long long)files.rlim_cur);
	return (int)possible;
}

struct service {
	/* What the configuration says. */
	struct http_limits limits;
	struct http_options http_options;
	const char *watch_host; /* NULL: no metrics */
	int watch_port;
	struct mail_options mail;
	bool mail_sends;
	struct seal_keys secrets;
	/* What runs. */
	struct engine *engine;
	struct control *control;
	struct http_server *http;
	struct watch *watch;
};

/* What is wrong in a configuration is found before anything is opened. */
static bool service_configure(struct cli *cli, struct service *service)
{
	const struct config *config = &cli->config;
	struct http_options *options = &service->http_options;
	bool watched = !text_is(config->metrics_listen, "off");
	*options = (struct http_options){
		.limits = &service->limits,
		.connections_per_address = (int)config->connections_per_address,
		.body_bytes_max = (size_t)config->body_bytes_max,
		.request_timeout_ms = (int)config->request_timeout_ms,
		.note_key_use = true,
		.log_requests = text_is(config->log_requests, "all"),
	};
	return config_listen("listen", config->listen, &cli->arena, &cli->problems, &options->host, &options->port) &&
	       (!watched || config_listen("metrics_listen", config->metrics_listen, &cli->arena, &cli->problems,
	                                  &service->watch_host, &service->watch_port)) &&
	       limits_of(config, &service->limits, &cli->problems) && config_deliveries_check(config, &cli->problems) &&
	       config_mail(config, &cli->arena, &cli->problems, &service->mail, &service->mail_sends) &&
	       config_secrets(config, &cli->arena, &cli->problems, &service->secrets);
}

static bool control_begin(struct cli *cli, struct service *service)
{
	struct text path = control_path(&cli->arena, cli->config.db); /* the file is there now */
	if (!text_present(path))
		return true;
	service->control = control_start(service->engine, path, &cli->problems);
	return service->control != NULL;
}

static bool service_start(struct cli *cli, struct service *service)
{
	const struct config *config = &cli->config;
	const struct engine_options engine_options = {
		.lock = true,
		.threads = true,
		.workers = (int)config->workers,
		.gateway_deadline_ms = config->gateway_deadline_ms,
		.clock_move_ms = config->clock_move_ms,
		.deliveries_in_flight = config->deliveries_in_flight,
		.deliveries_per_tenant = config->deliveries_per_tenant,
		.deliveries_per_endpoint = config->deliveries_per_endpoint,
		.private_deliveries = text_is(config->private_deliveries, "tenant"),
		.commands = billing_commands,
		.jobs = billing_jobs,
		.messages = billing_messages,
		.channels = service->mail_sends ? billing_channels : NULL,
		.mail = &service->mail,
		.secrets = service->secrets.count ? &service->secrets : NULL,
	};
	service->http_options.connections_max = connections_provide(config->connections_max);
	service->engine = engine_open(config->db, &engine_options, &cli->problems);
	if (!service->engine || !secrets_check(service->engine, &cli->problems) || !control_begin(cli, service))
		return false;
	service->http = http_server_start(service->engine, &service->http_options, &cli->problems);
	return service->http && (!service->watch_host || http_operator_start(service->http, service->watch_host, service->watch_port,
	                                                                     &cli->problems));
}

static void service_stop(struct service *service)
{
	notify_send("STOPPING=1");
	watch_stop(service->watch);
	if (service->engine)
		engine_clocks_stop(service->engine);
	if (service->engine)
		store_backups_end(engine_store(service->engine)); /* and copies of tenants, for which requests wait */
	http_server_stop(service->http);
	control_stop(service->control);
	if (service->engine)
		engine_close(service->engine);
	seal_keys_wipe(&service->secrets);
}

static void started_print(const struct cli *cli, const struct service *service)
{
	const char *host = service->http_options.host;
	int port = http_server_port(service->http), watch_port = service->watch_host ? http_operator_port(service->http) : 0;
	if (cli->json && watch_port)
		printf("{\"listen\":\"%s:%d\",\"metrics_port\":%d}\n", host, port, watch_port);
	else if (cli->json)
		printf("{\"listen\":\"%s:%d\"}\n", host, port);
	else
		printf("moonbill " MOONBILL_VERSION " serves %.*s on http://%s:%d\n", TEXT_ARG(cli->config.db), host, port);
	if (!cli->json && watch_port)
		printf("metrics are on http://%s:%d/metrics\n", service->watch_host, watch_port);
	fflush(stdout);
	log_write(LOG_INFO, "server.start", "moonbill " MOONBILL_VERSION " serves %.*s on %s port %d", TEXT_ARG(cli->config.db), host,
	          port);
	if (!notify_send("READY=1"))
		log_write(LOG_WARNING, "server.notify", "who started the server could not be told that it is ready");
}

static bool log_start(struct cli *cli)
{
	const struct config *config = &cli->config;
	log_set_level(config_log_level(config));
	log_set_format(text_is(config->log_format, "text") ? LOG_TEXT : LOG_JSON);
	if (text_is(config->log_file, "-") || log_open(text_c(&cli->arena, config->log_file)))
		return true;
	return problem(&cli->problems, PROBLEM_IO_FAILED, "", "the log %.*s cannot be opened: %s", TEXT_ARG(config->log_file),
	               strerror(errno));
}

static enum cli_exit serve_run(struct cli *cli)
{
	struct service service = { 0 };
	if (!service_configure(cli, &service)) {
		output_problems(cli);
		return CLI_USAGE;
	}
	sigset_t signals = signals_block();
	bool good = log_start(cli);
	if (good)
		config_environment_doubt(&cli->arena);
	good = good && service_start(cli, &service);
	if (good)
		started_print(cli, &service);
	if (good && cli_value(cli, "--watch")) {
		service.watch = watch_start(cli, service.engine, cli_value(cli, "--watch"));
		good = service.watch != NULL;
	}
	if (good) {
		good = serve_wait(cli, service.engine, &signals);
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
