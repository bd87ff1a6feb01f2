/* config.c: settings of a process, their limits and defaults, and where they come from. */
#include "config.h"

#include "base/arena.h"

#include <arpa/inet.h>
#include <strings.h>
#include <unistd.h>

enum { NAME_BYTES_MAX = 64 };

struct setting {
	const char *name; /* NULL ends the table */
	size_t offset;
	bool number;
	int64_t min, max;
	const char *otherwise;
	const char *const *words; /* of a text that is a choice; NULL: any */
};

static const char *const log_words[] = { "debug", "info", "warning", "error", "off", NULL };
static const char *const log_format_words[] = { "json", "text", NULL };
static const char *const private_words[] = { "tenant", "never", NULL };
static const char *const mail_tls_words[] = { "required", "none", NULL };
static const char *const mail_senders_words[] = { "tenant", "operator", NULL };
static const char *const mail_tests_words[] = { "folder", "send", NULL };
static const char *const log_requests_words[] = { "failed", "all", NULL };

#define TEXT_SETTING(member, otherwise, words) { #member, offsetof(struct config, member), false, 1, 4096, otherwise, words }
#define NUMBER_SETTING(member, min, max, otherwise) { #member, offsetof(struct config, member), true, min, max, otherwise, NULL }

static const struct setting settings[] = {
	TEXT_SETTING(db, "./moonbill.db", NULL),
	TEXT_SETTING(listen, "127.0.0.1:8080", NULL),
	TEXT_SETTING(log, "info", log_words),
	TEXT_SETTING(log_format, "json", log_format_words),
	TEXT_SETTING(log_requests, "failed", log_requests_words),
	TEXT_SETTING(log_file, "-", NULL),
	TEXT_SETTING(metrics_listen, "off", NULL),
	NUMBER_SETTING(workers, 1, 64, "4"),                                    /* threads for gateways and deliveries */
	NUMBER_SETTING(connections_max, 1, 100000, "1000"),
	NUMBER_SETTING(connections_per_address, 0, 100000, "256"),
	NUMBER_SETTING(rate_address, 0, 1000000, "500"),
	NUMBER_SETTING(rate_key, 0, 1000000, "10000"),
	NUMBER_SETTING(rate_tenant, 0, 1000000, "20000"),
	NUMBER_SETTING(rate_expensive, 0, 1000000, "1000"),
	NUMBER_SETTING(rate_burst_s, 1, 3600, "60"),
	TEXT_SETTING(unlimited_addresses, "127.0.0.0/8 ::1", NULL),
	TEXT_SETTING(trusted_proxies, "none", NULL),
	NUMBER_SETTING(body_bytes_max, 1024, 64 * 1024 * 1024, "1048576"),
	NUMBER_SETTING(request_timeout_ms, 100, 600000, "30000"),
	NUMBER_SETTING(gateway_deadline_ms, 100, 120000, "30000"),
	NUMBER_SETTING(clock_move_ms, 0, 86400000, "300000"),
	NUMBER_SETTING(deliveries_in_flight, 1, 10000, "1000"),
	NUMBER_SETTING(deliveries_per_tenant, 0, 9999, "0"),
	NUMBER_SETTING(deliveries_per_endpoint, 1, 256, "64"),
	TEXT_SETTING(private_deliveries, "tenant", private_words),
	TEXT_SETTING(mail, "folder", NULL),
	TEXT_SETTING(mail_folder, "beside", NULL),
	TEXT_SETTING(mail_from, "billing@localhost", NULL),
	TEXT_SETTING(mail_senders, "tenant", mail_senders_words),
	TEXT_SETTING(mail_tests, "folder", mail_tests_words),
	TEXT_SETTING(mail_user, "none", NULL),
	TEXT_SETTING(mail_password, "none", NULL),
	TEXT_SETTING(mail_password_file, "none", NULL),
	TEXT_SETTING(mail_tls, "required", mail_tls_words),
	TEXT_SETTING(mail_ca_file, "none", NULL),
	TEXT_SETTING(secrets_key_file, "none", NULL),
	{ NULL, 0, false, 0, 0, NULL, NULL },
};

static const char *setting_candidate(const void *context, size_t i)
{
	(void)context;
	return settings[i].name;
}

static const char *word_candidate(const void *context, size_t i)
{
	return ((const char *const *)context)[i];
}

static bool is_word(const char *const *words, struct text value)
{
	for (size_t i = 0; words[i]; i++)
		if (text_is(value, words[i]))
			return true;
	return false;
}

/* "Use one of: debug, info ..." */
static const char *words_remedy(const char *const *words, struct arena *arena)
{
	struct text_builder out;
	builder_init(&out, arena, 0);
	builder_format(&out, "Use one of:");
	for (size_t i = 0; words[i]; i++)
		builder_format(&out, "%s %s", i ? "," : "", words[i]);
	builder_format(&out, ".");
	return text_c(arena, builder_text(&out));
}

static bool number_set(struct config *config, const struct setting *setting, struct text value, const char *where,
                       struct problems *problems)
{
	int64_t number;
	if (!text_to_int64(value, &number) || number < setting->min || number > setting->max)
		return problem_value(problems, PROBLEM_CONFIG_INVALID, "", value, NULL,
		                     "%s: %s must be a whole number between %lld and %lld, not '%.*s'", where, setting->name,
		                     (long long)setting->min, (long long)setting->max, TEXT_ARG(value));
	*(int64_t *)(void *)((char *)config + setting->offset) = number;
	return true;
}

/* problems: NULL for a default, which is right or a bug. */
static bool setting_set(struct config *config, const struct setting *setting, struct text value, const char *where,
                        struct problems *problems)
{
	if (setting->number)
		return number_set(config, setting, value, where, problems);
	if ((int64_t)value.length < setting->min || (int64_t)value.length > setting->max)
		return problem(problems, PROBLEM_CONFIG_INVALID, "", "%s: %s must have %lld to %lld bytes", where, setting->name,
		               (long long)setting->min, (long long)setting->max);
	if (setting->words && !is_word(setting->words, value))
		return problems &&
		       problem_value(problems, PROBLEM_CONFIG_INVALID, "", value, words_remedy(setting->words, problems->arena),
		                     "%s: %s cannot be '%.*s'%s", where, setting->name, TEXT_ARG(value),
		                     text_did_you_mean(problems->arena, value, word_candidate, setting->words));
	*(struct text *)(void *)((char *)config + setting->offset) = value;
	return true;
}

void config_init(struct config *config)
{
	*config = (struct config){ 0 };
	for (const struct setting *setting = settings; setting->name; setting++)
		if (!setting_set(config, setting, text_of(setting->otherwise), "default", NULL))
			BUG("the default of %s is not valid", setting->name);
}

bool config_set(struct config *config, struct text name, struct text value, const char *where, struct problems *problems)
{
	for (const struct setting *setting = settings; setting->name; setting++)
		if (text_is(name, setting->name))
			return setting_set(config, setting, value, where, problems);
	return problem_value(problems, PROBLEM_CONFIG_INVALID, "", name, NULL, "%s: there is no setting '%.*s'%s", where,
	                     TEXT_ARG(name), text_did_you_mean(problems->arena, name, setting_candidate, NULL));
}

bool config_read(struct config *config, struct text source, const char *path, struct problems *problems)
{
	bool good = true;
	struct text line, rest = source;
	for (int number = 1; text_present(rest); number++) {
		bool more = text_split(rest, '\n', &line, &rest);
		struct text name, value = TEXT_NONE;
		const char *where = text_format(problems->arena, "%s:%d", path, number).data;
		line = text_trim(line);
		if (line.length > 0 && line.data[0] != '#') {
			if (text_split(line, '=', &name, &value))
				good &= config_set(config, text_trim(name), text_trim(value), where, problems);
			else
				good = problem(problems, PROBLEM_CONFIG_INVALID, "", "%s: a line is \"name = value\" or a comment",
				               where);
		}
		if (!more)
			break;
	}
	return good;
}

bool config_environment(struct config *config, struct problems *problems)
{
	bool good = true;
	for (const struct setting *setting = settings; setting->name; setting++) {
		char name[NAME_BYTES_MAX] = "MOONBILL_";
		size_t length = strlen(name);
		for (size_t i = 0; setting->name[i] && length + 1 < sizeof name; i++) {
			char c = setting->name[i];
			name[length++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
		}
		const char *value = getenv(name);
		if (value && value[0])
			good &= setting_set(config, setting, text_of(value), text_c(problems->arena, text_of(name)), problems);
	}
	return good;
}

static bool is_setting(struct text name)
{
	for (const struct setting *setting = settings; setting->name; setting++)
		if (strlen(setting->name) == name.length && strncasecmp(name.data, setting->name, name.length) == 0)
			return true;
	return false;
}

bool config_deliveries_check(const struct config *config, struct problems *problems)
{
	return config->deliveries_per_tenant < config->deliveries_in_flight || config->deliveries_per_tenant == 0 ||
	       problem_value(problems, PROBLEM_CONFIG_INVALID, "", TEXT_NONE,
	                     "Leave room for other tenants: make it smaller, or 0 for half of deliveries_in_flight.",
	                     "deliveries_per_tenant (%lld) must be less than deliveries_in_flight (%lld)",
	                     (long long)config->deliveries_per_tenant, (long long)config->deliveries_in_flight);
}

void config_environment_doubt(struct arena *arena)
{
	static const char prefix[] = "MOONBILL_";
	for (char **variable = environ; *variable; variable++) {
		struct text name, value;
		text_split(text_of(*variable), '=', &name, &value);
		if (!text_starts(name, prefix) || text_is(name, "MOONBILL_CONFIG"))
			continue;
		struct text setting = text_slice(name, strlen(prefix), name.length);
		const char *meant = is_setting(setting) ? "" : text_did_you_mean(arena, setting, setting_candidate, NULL);
		if (meant[0])
			log_write(LOG_WARNING, "server.start", "%.*s is no setting%s", TEXT_ARG(name), meant);
	}
}

const char *config_setting_name(size_t i)
{
	return i < sizeof settings / sizeof settings[0] ? settings[i].name : NULL;
}

const char *config_setting_default(size_t i)
{
	return i < sizeof settings / sizeof settings[0] ? settings[i].otherwise : NULL;
}

static struct text host_of(struct text listen, struct text *port)
{
	size_t colon = listen.length;
	while (colon > 0 && listen.data[colon - 1] != ':')
		colon--;
	if (colon == 0)
		return TEXT_NONE;
	*port = text_slice(listen, colon, listen.length);
	struct text host = text_slice(listen, 0, colon - 1);
	if (host.length >= 2 && host.data[0] == '[' && host.data[host.length - 1] == ']')
		host = text_slice(host, 1, host.length - 1);
	return host;
}

/* A name could mean several addresses, and another one tomorrow. A zone ("%eth0") is the system's to judge. */
static bool is_address(struct text host, struct arena *arena)
{
	struct in6_addr room;
	struct text address, zone;
	text_split(host, '%', &address, &zone);
	const char *terminated = text_c(arena, address);
	return inet_pton(AF_INET, terminated, &room) == 1 || inet_pton(AF_INET6, terminated, &room) == 1;
}

bool config_listen(const char *setting, struct text listen, struct arena *arena, struct problems *problems, const char **host,
                   int *port)
{
	struct text port_text = TEXT_NONE;
	struct text host_text = host_of(listen, &port_text);
	int64_t number;
	if (!text_present(host_text) || (host_text.length && !is_address(host_text, arena)) ||
	    !text_to_int64(port_text, &number) || number < 0 || number > 65535)
		return problem_value(problems, PROBLEM_CONFIG_INVALID, "", listen,
		                     "Write HOST:PORT, the host as a number: 127.0.0.1:8080, [::1]:8080; port 0 takes any free one.",
		                     "%s: '%.*s' is not an address to listen on", setting, TEXT_ARG(listen));
	*host = host_text.length ? text_c(arena, host_text) : "0.0.0.0";
	*port = (int)number;
	return true;
}

enum log_level config_log_level(const struct config *config)
{
	for (int i = 0; log_words[i]; i++)
		if (text_is(config->log, log_words[i]))
			return (enum log_level)i;
	BUG("log level %.*s was not checked", TEXT_ARG(config->log));
}
