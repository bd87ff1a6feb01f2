/* bundle.c: the deployed bundle and its rules under /v1. */
#include "v1.h"

#include "billing/bundle_history.h"

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
	return bundle ? http_reply_found(exchange, exchange->entry->route->output, bundle) : none_deployed(exchange);
}

static bool activation_rows(struct command *command, struct http_exchange *exchange, const struct http_page *page,
                            struct record_list *rows)
{
	struct page_query query = { .after_id = page->after, .limit = (size_t)page->rows };
	(void)exchange;
	return bundle_activation_page(command, query, (struct bundle_activation_list *)(void *)rows);
}

static const struct http_list activations = { &bundle_activation_record, "id", 0, activation_rows };

/* ---- rules ---- */

static struct text events_text(struct arena *arena, const struct rule *rule)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_array(&writer);
	for (const enum event *event = rule->events; *event != EVENT_NONE; event++)
		json_c(&writer, event_info(*event)->name);
	json_end_array(&writer);
	return builder_text(&out);
}

static struct text when_text(struct arena *arena, const struct rule *rule)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	for (size_t i = 0; i < rule->when_count; i++) {
		json_name(&writer, rule->when[i].name);
		json_string(&writer, rule->when[i].equals);
	}
	json_end_object(&writer);
	return builder_text(&out);
}

static struct rule_shown rule_show(struct arena *arena, const struct rule *rule)
{
	/* the words of both are one list: rule_shown.moment and enum rule_moment */
	struct rule_shown shown = { .name = text_of(rule->name), .moment = (enum rule_shown_moment)rule->moment,
		                    .file = text_of(rule->file), .line = rule->line };
	if (rule->moment == RULE_PRE || rule->moment == RULE_POST)
		shown.events = events_text(arena, rule);
	if (rule->moment == RULE_POLICY)
		shown.policy = text_of(policy_info(rule->policy)->name);
	if (rule->when_count)
		shown.when = when_text(arena, rule);
	if (rule->doc && rule->doc[0])
		shown.doc = text_of(rule->doc);
	return shown;
}

static bool rules_get(struct command *command, struct http_exchange *exchange)
{
	struct rule_bundle *rules = NULL;
	if (!text_present(command->tenant->bundle))
		return none_deployed(exchange);
	rules = engine_bundle(command->engine, command->store, command->tenant->id, command->tenant->bundle);
	if (!rules)
		return false;
	struct rules_shown shown = { .bundle = command->tenant->bundle };
	for (size_t i = 0; i < rule_bundle_count(rules); i++)
		*list_add(exchange->arena, &shown.items, struct rule_shown) = rule_show(exchange->arena, rule_bundle_at(rules, i));
	http_reply_record(exchange, 200, exchange->entry->route->output, &shown);
	rule_bundle_release(rules);
	return true;
}

const struct http_route v1_bundle_routes[] = {
	{ .method = "GET", .path = "/v1/bundle", .scope = "read", .handle = http_read, .read = bundle_get,
	  .output = &bundle_record, .doc = "The bundle in force, with its files." },
	{ .method = "PUT", .path = "/v1/bundle", .command = "bundle.deploy", .large_body = true, .handle = bundle_put,
	  .cost = 200, .input = &bundle_sent_record, .doc = "Checks, keeps and activates a bundle: {\"files\": {name: content}}." },
	{ .method = "POST", .path = "/v1/bundle/rollback", .command = "bundle.rollback", .handle = http_write, .cost = 200,
	  .doc = "Puts the bundle in force again that the one in force replaced, or the one that `to` names." },
	{ .method = "GET", .path = "/v1/bundle/history", .scope = "read", .parameters = "limit cursor", .handle = http_read,
	  .read = http_list_read, .list = &activations, .doc = "Which bundle came into force when, in the order of time." },
	{ .method = "GET", .path = "/v1/rules", .scope = "read", .handle = http_read, .read = rules_get,
	  .output = &rules_shown_record, .doc = "The rules of the bundle in force, in their order." },
	{ .path = NULL },
};
