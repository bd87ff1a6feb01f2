/* bundle.c: the deployed bundle and its rules under /v1. */
#include "v1.h"

#include "billing/bundle.h"

/* The archive stays text: its reader has limits of its own. */
static bool bundle_put(struct http_exchange *exchange)
{
	struct bundle_deploy *input = arena_new(exchange->arena, struct bundle_deploy);
	input->archive = exchange->request->body;
	if (input->archive.length == 0)
		return problem(&exchange->problems, PROBLEM_MALFORMED, "",
		               "the body is empty; it must be {\"files\": {...}}");
	return http_submit(exchange, exchange->entry->command, input, NULL);
}

static bool none_deployed(struct http_exchange *exchange)
{
	return problem_value(&exchange->problems, PROBLEM_NOT_FOUND, "", TEXT_NONE, "Deploy one by PUT /v1/bundle.",
	                     "no bundle is in force");
}

static bool bundle_get(struct command *command, struct http_exchange *exchange)
{
	struct bundle *bundle = NULL;
	if (text_present(command->tenant->bundle) && !bundle_by_digest(command, command->tenant->bundle, &bundle))
		return false;
	return bundle ? http_reply_found(exchange, &bundle_record, bundle) : none_deployed(exchange);
}

/* ---- rules ---- */

static void events_write(struct json_writer *writer, const struct rule *rule)
{
	json_name(writer, "events");
	json_begin_array(writer);
	for (const enum event *event = rule->events; *event != EVENT_NONE; event++)
		json_c(writer, event_info(*event)->name);
	json_end_array(writer);
}

static void when_write(struct json_writer *writer, const struct rule *rule)
{
	json_name(writer, "when");
	json_begin_object(writer);
	for (size_t i = 0; i < rule->when_count; i++) {
		json_name(writer, rule->when[i].name);
		json_string(writer, rule->when[i].equals);
	}
	json_end_object(writer);
}

static void rule_write(struct json_writer *writer, const struct rule *rule)
{
	json_begin_object(writer);
	json_name(writer, "name");
	json_c(writer, rule->name);
	json_name(writer, "moment");
	json_c(writer, rule_moment_name(rule->moment));
	if (rule->moment == RULE_PRE || rule->moment == RULE_POST)
		events_write(writer, rule);
	if (rule->moment == RULE_POLICY) {
		json_name(writer, "policy");
		json_c(writer, policy_info(rule->policy)->name);
	}
	if (rule->when_count)
		when_write(writer, rule);
	json_name(writer, "file");
	json_c(writer, rule->file);
	json_name(writer, "line");
	json_integer(writer, rule->line);
	if (rule->doc && rule->doc[0]) {
		json_name(writer, "doc");
		json_c(writer, rule->doc);
	}
	json_end_object(writer);
}

static bool rules_get(struct command *command, struct http_exchange *exchange)
{
	struct rule_bundle *rules = NULL;
	if (!text_present(command->tenant->bundle))
		return none_deployed(exchange);
	rules = engine_bundle(command->engine, command->store, command->tenant->id, command->tenant->bundle);
	if (!rules)
		return false;
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, exchange->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "bundle");
	json_string(&writer, command->tenant->bundle);
	json_name(&writer, "items");
	json_begin_array(&writer);
	for (size_t i = 0; i < rule_bundle_count(rules); i++)
		rule_write(&writer, rule_bundle_at(rules, i));
	json_end_array(&writer);
	json_end_object(&writer);
	http_reply_json(exchange, 200, builder_text(&out));
	rule_bundle_release(rules);
	return true;
}

const struct http_route v1_bundle_routes[] = {
	{ .method = "GET", .path = "/v1/bundle", .scope = "read", .handle = http_read, .read = bundle_get,
	  .doc = "The bundle in force, with its files." },
	{ .method = "PUT", .path = "/v1/bundle", .command = "bundle.deploy", .large_body = true, .handle = bundle_put,
	  .doc = "Checks, keeps and activates a bundle: {\"files\": {name: content}}." },
	{ .method = "GET", .path = "/v1/rules", .scope = "read", .handle = http_read, .read = rules_get,
	  .doc = "The rules of the bundle in force, in their order." },
	{ .path = NULL },
};
