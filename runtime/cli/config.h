/* config.h: the configuration of a process: one file of lines "name = value", then the environment, then
 * options of the command line; each overrides the one before.
 *
 *     # moonbill.conf
 *     db = /var/lib/moonbill/moonbill.db
 *     listen = 127.0.0.1:8080
 *
 * The file is named by --config or MOONBILL_CONFIG; without one the defaults hold. The environment has
 * MOONBILL_DB, MOONBILL_LISTEN, MOONBILL_LOG ... Names, units, limits and defaults: the table in config.c.
 */
#ifndef MOONBILL_CLI_CONFIG_H
#define MOONBILL_CLI_CONFIG_H

#include "base/log.h"
#include "base/problem.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct config {
	struct text db;     /* the store's URL */
	struct text listen; /* HOST:PORT */
	struct text log;    /* debug, info, warning, error, off */
	struct text log_format;     /* json, text */
	struct text log_requests;   /* failed, all */
	struct text log_file;       /* "-": standard error */
	struct text metrics_listen; /* HOST:PORT, "off" */
	int64_t workers, connections_max, body_bytes_max, request_timeout_ms, gateway_deadline_ms, clock_move_ms;
	int64_t deliveries_in_flight, deliveries_per_tenant, deliveries_per_endpoint;
	struct text private_deliveries; /* tenant, never */
	struct text mail;               /* folder, off, or the URL of a server */
	struct text mail_folder;        /* "beside": the store's name and -mail */
	struct text mail_user, mail_password, mail_password_file, mail_ca_file; /* "none" */
	struct text mail_tls;           /* required, none */
	struct text mail_from;          /* an address */
	struct text mail_senders;       /* tenant, operator */
	struct text mail_tests;         /* folder, send */
	struct text secrets_key_file;   /* "none" */
	int64_t connections_per_address, rate_address, rate_key, rate_tenant, rate_expensive, rate_burst_s;
	struct text unlimited_addresses, trusted_proxies; /* networks; http/ip_address.h reads them */
};

void config_init(struct config *config);
/* A file's text; every problem with its line. */
bool config_read(struct config *config, struct text source, const char *path, struct problems *problems);
/* One setting by name; `where` names its origin in messages ("--db", "moonbill.conf:3"). */
bool config_set(struct config *config, struct text name, struct text value, const char *where, struct problems *problems);
bool config_environment(struct config *config, struct problems *problems);
/* Is there room for others beside one tenant's messages? */
bool config_deliveries_check(const struct config *config, struct problems *problems);
/* Warns in the log of variables that look like a setting with a typo. Others may be anyone's: those of a cluster's services
 * begin with MOONBILL_ too. */
void config_environment_doubt(struct arena *arena);
/* Host, which is an address and no name, and port of "127.0.0.1:8080", "[::1]:8080" or ":8080", the value of `setting`. */
bool config_listen(const char *setting, struct text listen, struct arena *arena, struct problems *problems, const char **host,
                   int *port);
/* The i-th setting, for the manual; NULL beyond the last. */
const char *config_setting_name(size_t i);
const char *config_setting_default(size_t i);
enum log_level config_log_level(const struct config *config);

#endif
