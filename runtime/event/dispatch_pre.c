/* dispatch_pre.c: before something happens: rules may assign to the subject, command more, or reject all of it. */
#include "engine_state.h"

struct occurrence occurrence_of(enum event event, const struct record *record, void *subject, int64_t object_id,
                                int64_t account_id)
{
	return (struct occurrence){
		.event = event, .record = record, .subject = subject, .object_id = object_id, .account_id = account_id,
	};
}

void occurrence_begin(const struct command *command, struct occurrence *occurrence)
{
	if (!command->state)
		BUG("%s is raised in a read", event_info(occurrence->event)->name);
	if (!uuid_present(occurrence->id))
		occurrence->id = uuid_time_ordered();
	if (occurrence->effective_at.us == 0)
		occurrence->effective_at = command->now;
}

/* A rule that failed without a word, or whose reads broke the transaction. */
static bool run_refused(struct command *command, const struct rule *rule, const struct occurrence *occurrence)
{
	command->state->refused_event = event_info(occurrence->event)->name;
	command->state->refused_rule = rule->name;
	if (command->problems->count == 0)
		problem(command->problems, PROBLEM_RULE_FAILED, "", "rule '%s' failed", rule->name);
	return false;
}

static bool pre_rule_run(struct command *command, const struct rule *rule, struct occurrence *occurrence)
{
	const struct event_side *side = event_side(occurrence->event, EVENT_SIDE_PRE);
	size_t problems_before = command->problems->count;
	struct rule_host host;
	host_init(&host, command, false);
	struct rule_call call = rule_call_for(command, command->problems, &host, occurrence);
	call.details = &occurrence->details;
	call.subject_writable = side->subject_writable;
	call.details_writable = side->details_writable;

	enum rule_outcome outcome = rule_run(&call, rule);
	rule_call_count(command, &call);
	bool good = outcome == RULE_OK && !store_failed(command->store);
	const struct problem *said =
	        command->problems->count > problems_before ? problem_last(command->problems) : NULL;
	trace_rule(command, rule->name, occurrence->object_id, good || !said ? NULL
	           : text_c(command->arena, problem_code_text(said)));
	if (!good)
		return run_refused(command, rule, occurrence);
	const struct effect_source source = {
		.rule = rule->name,
		.file = rule->file,
		.event = event_info(occurrence->event)->name,
		.line = rule->line,
		.account_id = occurrence->account_id,
		.object_id = occurrence->object_id,
		.event_id = occurrence->id,
	};
	return rule_run_keep(command, event_info(occurrence->event)->name, call.last_trace,
	                     rule_notes(command->arena, call.effects)) &&
	       effects_perform(command, call.effects, &source);
}

bool event_is_awaited(const struct command *command, enum event event)
{
	return command->bundle && rule_bundle_listens(command->bundle, RULE_PRE, event);
}

bool event_pre(struct command *command, struct occurrence *occurrence)
{
	if (!event_info(occurrence->event)->pre.exists)
		BUG("%s has no pre side", event_info(occurrence->event)->name);
	occurrence_begin(command, occurrence);
	trace_event(command, TRACE_PRE, occurrence, TEXT_NONE);
	if (!event_is_awaited(command, occurrence->event))
		return true;
	for (size_t i = 0; i < rule_bundle_count(command->bundle); i++) {
		const struct rule *rule = rule_bundle_at(command->bundle, i);
		if (rule_hears(rule, RULE_PRE, occurrence, command->arena) && !pre_rule_run(command, rule, occurrence))
			return false;
	}
	return true;
}
