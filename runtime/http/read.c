/* read.c: requests that only look: a snapshot on this thread; parameters of the query. */
#include "exchange.h"

struct read_run {
	struct http_exchange *exchange;
	bool (*body)(struct command *command, struct http_exchange *exchange);
};

static bool read_body(struct command *command, void *context)
{
	const struct read_run *run = context;
	return run->body(command, run->exchange);
}

bool http_read_body(struct http_exchange *exchange,
                    bool (*body)(struct command *command, struct http_exchange *exchange))
{
	struct read_run run = { exchange, body };
	return command_read(exchange->application->engine, exchange->identity.tenant_id, exchange->arena,
	                    &exchange->problems, read_body, &run);
}

static uint64_t version_of(const struct http_exchange *exchange)
{
	return exchange->entry->route->ticks
	               ? STORE_VERSION_NONE
	               : store_version(engine_store(exchange->application->engine), exchange->identity.tenant_id);
}

bool http_read_now(struct http_exchange *exchange)
{
	uint64_t version = version_of(exchange); /* before the snapshot: what is kept is no newer than it says */
	const struct http_route *route = exchange->entry->route;
	if (!http_read_body(exchange, route->read) || (route->convert && !route->convert(exchange)))
		return false;
	exchange->tag = http_tag_of(exchange->arena, &exchange->reply);
	http_cache_keep(exchange->application->cache, exchange, version);
	http_finish(exchange);
	return true;
}

bool http_read(struct http_exchange *exchange)
{
	struct http_application *application = exchange->application;
	if (http_cache_find(application->cache, exchange, version_of(exchange))) {
		http_finish(exchange);
		return true;
	}
	if (!application->readers || exchange->wait || http_route_cost(exchange->entry->route) == 0)
		return http_read_now(exchange);
	http_read_later(application->readers, exchange);
	return true;
}

/* ---- parameters ---- */

static bool bad_parameter(struct http_exchange *exchange, const char *name, struct text value, const char *wanted)
{
	const char *remedy = text_format(exchange->arena, "Give %s, or leave the parameter out.", wanted).data;
	return problem_value(&exchange->problems, PROBLEM_BAD_PARAMETER, text_format(exchange->arena, "/%s", name).data,
	                     text_slice(value, 0, 100), remedy, "%s is '%.*s', which is not %s", name,
	                     TEXT_ARG(text_slice(value, 0, 100)), wanted);
}

bool http_parameter_integer(struct http_exchange *exchange, const char *name, int64_t min, int64_t max,
                            int64_t otherwise, int64_t *value)
{
	struct text text = http_parameter(&exchange->target, name);
	*value = otherwise;
	if (!text_present(text) || (text_to_int64(text, value) && *value >= min && *value <= max))
		return true;
	const char *wanted = text_format(exchange->arena, "a whole number from %lld to %lld", (long long)min,
	                                 (long long)max).data;
	return bad_parameter(exchange, name, text, wanted);
}

bool http_parameter_id(struct http_exchange *exchange, const char *name, int64_t *id)
{
	struct text text = http_parameter(&exchange->target, name);
	*id = 0;
	return !text_present(text) || (text_to_int64(text, id) && *id > 0) ||
	       bad_parameter(exchange, name, text, "an id");
}

bool http_parameter_date(struct http_exchange *exchange, const char *name, struct date *date)
{
	struct text text = http_parameter(&exchange->target, name);
	*date = DATE_NONE;
	return !text_present(text) || date_parse(text, date) || bad_parameter(exchange, name, text, "a day such as 2024-05-01");
}

bool http_parameter_boolean(struct http_exchange *exchange, const char *name, bool otherwise, bool *value)
{
	struct text text = http_parameter(&exchange->target, name);
	*value = text_present(text) ? text_is(text, "true") || text_is(text, "1") : otherwise;
	return !text_present(text) || *value || text_is(text, "false") || text_is(text, "0") ||
	       bad_parameter(exchange, name, text, "true or false");
}

bool http_parameter_name(struct http_exchange *exchange, const char *name,
                         const char *(*next)(const void *context, size_t i), const void *context, struct text *value)
{
	*value = http_parameter(&exchange->target, name);
	if (!text_present(*value))
		return true;
	for (size_t i = 0; next(context, i); i++)
		if (text_is(*value, next(context, i)))
			return true;
	const char *pointer = text_format(exchange->arena, "/%s", name).data;
	return problem_value(&exchange->problems, PROBLEM_BAD_PARAMETER, pointer, text_slice(*value, 0, 100),
	                     "Correct the name, or leave the parameter out.", "there is no %s '%.*s'%s", name,
	                     TEXT_ARG(text_slice(*value, 0, 100)), text_did_you_mean(exchange->arena, *value, next, context));
}

bool http_parameter_choice(struct http_exchange *exchange, const char *name, const struct record *record, int field,
                           int *choice)
{
	struct text text = http_parameter(&exchange->target, name);
	const char *const *words = record->fields[field].words;
	*choice = 0;
	if (!text_present(text))
		return true;
	struct text_builder wanted;
	builder_init(&wanted, exchange->arena, 0);
	builder_c(&wanted, "one of:");
	for (int i = 1; words[i]; i++) {
		if (text_is(text, words[i]))
			*choice = i;
		builder_format(&wanted, " %s", words[i]);
	}
	return *choice || bad_parameter(exchange, name, text, builder_text(&wanted).data);
}
