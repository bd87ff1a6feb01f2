/* dispatch_post.c: after something happened: the journal row, then each post rule alone in its savepoint.
 *
 * A rule that fails is undone with all it queued; its run and a job "rule.post" that repeats it remain.
 */
#include "engine_state.h"
#include "webhook_state.h"

#include "base/log.h"

bool post_rule_run(struct command *command, const struct rule *rule, const struct occurrence *occurrence,
                   int64_t serial, struct problems *problems, struct rule_trace **trace, struct text *notes)
{
	struct rule_host host;
	host_init(&host, command, false);
	/* Frozen: nothing is writable, and what the rule sees of the details is a copy. */
	struct event_details details = occurrence->details;
	struct rule_call call = rule_call_for(command, problems, &host, occurrence);
	call.details = &details;
	const struct effect_source source = {
		.rule = rule->name,
		.file = rule->file,
		.event = event_info(occurrence->event)->name,
		.line = rule->line,
		.account_id = occurrence->account_id,
		.object_id = occurrence->object_id,
		.serial = serial,
		.event_id = occurrence->id,
	};
	enum rule_outcome outcome = rule_run(&call, rule);
	rule_call_count(command, &call);
	bool good = outcome == RULE_OK && !store_failed(command->store) &&
	            effects_queue(command, call.effects, &source, problems);
	*trace = call.last_trace;
	*notes = rule_notes(command->arena, call.effects);
	if (!good && problems->count == 0)
		problem(problems, PROBLEM_RULE_FAILED, "", "rule '%s' failed", rule->name);
	return good;
}

/* ---- a failure ---- */

static struct text repeat_payload(struct arena *arena, const struct rule *rule, int64_t serial)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "serial");
	json_integer(&writer, serial);
	json_name(&writer, "rule");
	json_c(&writer, rule->name);
	json_end_object(&writer);
	return builder_text(&out);
}

static struct text failure_text(struct arena *arena, const struct problem *problem)
{
	return problem->cause ? text_format(arena, "%s (%s)", problem->message, problem->cause)
	                      : text_of(problem->message);
}

/* What time does not mend is dead from the beginning. */
static bool repeat_add(struct command *command, const struct rule *rule, const struct occurrence *occurrence,
                       int64_t serial, const struct problem *problem, struct text failure)
{
	const bool dead = job_is_given_up(problem);
	struct job job = {
		.kind = TEXT("rule.post"),
		.account_id = occurrence->account_id,
		.object_id = occurrence->object_id,
		.due_at = dead ? command->now : job_repeat_at(command->now, 1),
		.status = dead ? JOB_STATUS_DEAD : JOB_STATUS_DUE,
		.attempts = 1,
		.payload = repeat_payload(command->arena, rule, serial),
		.correlation_id = command->correlation_id,
		.causation_id = occurrence->id,
		.depth = command->depth,
		.cause_id = command->cause_id,
		.chain = command->chain,
		.actor = text_format(command->arena, "rule:%s", rule->name),
		.last_error = failure,
		.has_rule_fault = dead,
		.rule_fault = dead,
	};
	return job_insert(command, &job);
}

/* The trace of a rule whose effects could not be queued says that it went well. */
static void trace_mark_failed(struct rule_trace *trace, struct text failure)
{
	if (trace->outcome != TRACE_OK)
		return;
	trace->outcome = TRACE_FAILED;
	trace->result = failure;
}

static bool post_rule_failed(struct command *command, const struct rule *rule, const struct occurrence *occurrence,
                             int64_t serial, const struct problem *problem, struct rule_trace *trace)
{
	struct text failure = failure_text(command->arena, problem);
	log_write(LOG_WARNING, "rule.post", "tenant=%lld event=%s: %.*s",
	          (long long)(command->tenant ? command->tenant->id : 0), event_info(occurrence->event)->name,
	          TEXT_ARG(failure));
	if (trace) {
		trace_mark_failed(trace, failure);
		if (!rule_run_keep(command, event_info(occurrence->event)->name, trace, TEXT_NONE))
			return false;
	}
	return repeat_add(command, rule, occurrence, serial, problem, failure);
}

/* False only when the store fails. */
static bool post_rule(struct command *command, const struct rule *rule, const struct occurrence *occurrence,
                      int64_t serial)
{
	struct problems problems;
	struct rule_trace *trace = NULL;
	struct text notes;
	const int64_t cause_id = command->cause_id;
	problems_init(&problems, command->arena);
	if (!store_savepoint(command->store))
		return false;
	bool good = post_rule_run(command, rule, occurrence, serial, &problems, &trace, &notes);
	trace_rule(command, rule->name, occurrence->object_id,
	           good ? NULL : text_c(command->arena, problem_code_text(problems.first)));
	if (good)
		return rule_run_keep(command, event_info(occurrence->event)->name, trace, notes) &&
		       store_release(command->store);
	command->cause_id = cause_id; /* one that the rule began is undone with it */
	return store_rollback_to(command->store) &&
	       post_rule_failed(command, rule, occurrence, serial, problems.first, trace);
}

static bool post_rules(struct command *command, const struct occurrence *occurrence, int64_t serial)
{
	if (!command->bundle || !rule_bundle_listens(command->bundle, RULE_POST, occurrence->event))
		return true;
	for (size_t i = 0; i < rule_bundle_count(command->bundle); i++) {
		const struct rule *rule = rule_bundle_at(command->bundle, i);
		if (rule_hears(rule, RULE_POST, occurrence, command->arena) &&
		    !post_rule(command, rule, occurrence, serial))
			return false;
	}
	return true;
}

static bool announce(struct command *command, struct occurrence *occurrence, bool signal)
{
	int64_t serial;
	occurrence_begin(command, occurrence);
	struct text payload = occurrence_payload(command->arena, occurrence);
	trace_event(command, signal ? TRACE_SIGNAL : TRACE_POST, occurrence, payload);
	return journal_append(command, occurrence, signal, payload, &serial) && webhook_hear(command, occurrence, serial) &&
	       post_rules(command, occurrence, serial);
}

bool event_post(struct command *command, struct occurrence *occurrence)
{
	if (!event_info(occurrence->event)->post.exists)
		BUG("%s has no post side", event_info(occurrence->event)->name);
	return announce(command, occurrence, false);
}

bool event_signal(struct command *command, struct occurrence *occurrence)
{
	if (!event_info(occurrence->event)->signal.exists)
		BUG("%s is no signal", event_info(occurrence->event)->name);
	return announce(command, occurrence, true);
}
