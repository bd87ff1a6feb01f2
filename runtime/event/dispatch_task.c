/* dispatch_task.c: task rules, which run by the clock or by hand and have no subject. */
#include "engine_state.h"

static const char *task_candidate(const void *context, size_t i)
{
	const struct rule_bundle *bundle = context;
	for (size_t at = 0, seen = 0; at < rule_bundle_count(bundle); at++) {
		const struct rule *rule = rule_bundle_at(bundle, at);
		if (rule->moment == RULE_TASK && seen++ == i)
			return rule->name;
	}
	return NULL;
}

static const struct rule *task_rule_find(const struct command *command, struct text name)
{
	const struct rule *rule = command->bundle ? rule_bundle_find(command->bundle, name) : NULL;
	return rule && rule->moment == RULE_TASK ? rule : NULL;
}

bool task_rule_check(struct command *command, struct text name, const char *pointer)
{
	if (task_rule_find(command, name))
		return true;
	if (!command->bundle)
		return problem_value(command->problems, PROBLEM_NO_HANDLER, pointer, name, NULL,
		                     "no bundle is deployed that could have a task rule '%.*s'", TEXT_ARG(name));
	return problem_value(command->problems, PROBLEM_NO_HANDLER, pointer, name, NULL,
	                     "the bundle has no task rule '%.*s'%s", TEXT_ARG(name),
	                     text_did_you_mean(command->arena, name, task_candidate, command->bundle));
}

bool task_rule_run(struct command *command, struct text name, const struct occurrence *occurrence)
{
	const struct rule *rule = task_rule_find(command, name);
	if (!rule)
		return task_rule_check(command, name, "");
	struct event_details details = occurrence->details;
	struct rule_host host;
	host_init(&host, command, true);
	struct rule_call call = rule_call_for(command, command->problems, &host, occurrence);
	call.details = &details;
	enum rule_outcome outcome = rule_run(&call, rule);
	rule_call_count(command, &call);
	bool good = outcome == RULE_OK && !store_failed(command->store);
	trace_rule(command, rule->name, occurrence->object_id, good ? NULL : "rule_failed");
	if (!good)
		return false;
	const struct effect_source source = {
		.rule = rule->name, .file = rule->file, .line = rule->line, .object_id = occurrence->object_id,
		.event_id = occurrence->id,
	};
	return rule_run_keep(command, NULL, call.last_trace, rule_notes(command->arena, call.effects)) &&
	       effects_queue(command, call.effects, &source, command->problems);
}
