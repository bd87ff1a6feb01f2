/* dispatch_rule.c: one run of a rule: the call with everything about its command, and the row that keeps it. */
#include "engine_state.h"

enum { RULE_TEXT_KEPT_BYTES = 65536 };

void rule_call_count(struct command *command, const struct rule_call *call)
{
	if (!command->state)
		return;
	command->state->rule_fuel += call->fuel_used;
	command_work_end(command, INT64_MAX);
}

/* Every call has at least a unit: 0 would be no bound. */
static int64_t fuel_left(const struct command *command)
{
	int64_t left = RULE_FUEL_OF_COMMAND - (command->state ? command->state->rule_fuel : 0);
	return left < 1 ? 1 : left;
}

struct rule_call rule_call_of(struct command *command, struct problems *problems, struct rule_host *host)
{
	command_work_begin(command);
	return (struct rule_call){
		.bundle = command->bundle,
		.arena = command->arena,
		.problems = problems,
		.now = command->now,
		.today = command->today,
		.seed = command->correlation_id,
		.settings = command->settings_text,
		.settings_tree = command->settings,
		.host = host,
		.fuel_of_all = fuel_left(command),
	};
}

struct rule_call rule_call_for(struct command *command, struct problems *problems, struct rule_host *host,
                               const struct occurrence *occurrence)
{
	struct rule_call call = rule_call_of(command, problems, host);
	call.seed = occurrence->id;
	call.event = occurrence->event;
	call.record = occurrence->record;
	call.subject = occurrence->subject;
	call.details_record = &event_details_record;
	return call;
}

bool rule_hears(const struct rule *rule, enum rule_moment moment, const struct occurrence *occurrence,
                struct arena *arena)
{
	if (rule->moment != moment)
		return false;
	const enum event *event = rule->events;
	while (*event != EVENT_NONE && *event != occurrence->event)
		event++;
	if (*event == EVENT_NONE)
		return false;
	if (rule->when_count == 0)
		return true;
	if (!occurrence->record) /* then the details are what the rule is given, and what its `when` is about */
		return rule_when_holds(rule, &event_details_record, &occurrence->details, arena);
	return rule_when_holds(rule, occurrence->record, occurrence->subject, arena);
}

/* ---- rows ---- */

/* A cut object would be no JSON any more, so a long one is told by its length. */
static struct text json_kept(struct arena *arena, struct text json)
{
	if (!text_present(json) || json.length <= RULE_TEXT_KEPT_BYTES)
		return json;
	return text_format(arena, "{\"too_long\":%zu}", json.length);
}

static enum rule_run_outcome outcome_of(const struct rule_trace *trace)
{
	switch (trace->outcome) {
	case TRACE_OK:
		return RULE_RUN_OUTCOME_OK;
	case TRACE_REJECTED:
		return RULE_RUN_OUTCOME_REJECTED;
	case TRACE_FAILED:
		break;
	}
	return RULE_RUN_OUTCOME_FAILED;
}

static enum rule_run_moment moment_of(enum rule_moment moment)
{
	switch (moment) {
	case RULE_PRE:
		return RULE_RUN_MOMENT_PRE;
	case RULE_POST:
		return RULE_RUN_MOMENT_POST;
	case RULE_POLICY:
		return RULE_RUN_MOMENT_POLICY;
	case RULE_TASK:
		break;
	}
	return RULE_RUN_MOMENT_TASK;
}

bool rule_run_keep(struct command *command, const char *event, const struct rule_trace *trace, struct text notes)
{
	size_t most = (size_t)rule_run_record.fields[RULE_RUN_FIELD_RESULT].max;
	struct text result = rule_trace_result(trace, command->arena);
	if (!text_present(result))
		result = notes;
	struct rule_run row = {
		.correlation_id = command->correlation_id,
		.event = text_of(event),
		.moment = moment_of(trace->moment),
		.rule = text_of(trace->rule),
		.file = text_of(trace->file),
		.line = trace->line,
		.bundle = text_of(trace->bundle),
		.outcome = outcome_of(trace),
		.fuel = trace->fuel,
		.reads = json_kept(command->arena, rule_trace_reads(trace, command->arena)),
		.writes = json_kept(command->arena, rule_trace_writes(trace, command->arena)),
		.result = text_present(result) ? text_front(result, most) : TEXT_NONE,
		.at = command->now,
	};
	row.id = store_new_id(command->store, "rule_run");
	return row.id && store_insert(command->store, &rule_run_record, &row);
}

struct text rule_notes(struct arena *arena, const struct rule_effect *effects)
{
	struct text_builder notes;
	bool any = false;
	builder_init(&notes, arena, 0);
	for (const struct rule_effect *effect = effects; effect; effect = effect->next) {
		if (effect->kind != EFFECT_NOTE)
			continue;
		if (any)
			builder_byte(&notes, '\n');
		builder_add(&notes, effect->body);
		any = true;
	}
	return any ? builder_text(&notes) : TEXT_NONE;
}
