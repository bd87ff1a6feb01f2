/* cause.c: how much may follow from one command: what rules queue is counted for what began it, along the whole chain. */
#include "engine_state.h"

enum { EFFECTS_PER_CAUSE = 10000 };

static int64_t effects_of(const struct rule_effect *effects, int kind)
{
	int64_t count = 0;
	for (const struct rule_effect *effect = effects; effect; effect = effect->next)
		count += (int)effect->kind == kind;
	return count;
}

static int64_t effects_most(const struct command *command)
{
	return command_setting_integer(command, "effects.per_cause", EFFECTS_PER_CAUSE);
}

struct text cause_chain(const struct command *command, const struct effect_source *source)
{
	struct text link = source->event ? text_format(command->arena, "%s '%s'", source->event, source->rule)
	                                 : text_format(command->arena, "'%s'", source->rule);
	if (text_present(command->chain))
		link = text_format(command->arena, "%.*s -> %.*s", TEXT_ARG(command->chain), TEXT_ARG(link));
	return text_front(link, (size_t)job_record.fields[JOB_FIELD_CHAIN].max);
}

static bool amount_check(const struct command *command, int64_t effects, const struct effect_source *source,
                         struct problems *problems)
{
	int64_t most = effects_most(command);
	return effects <= most ||
	       problem(problems, PROBLEM_CAUSE_ENDED, "",
	               "rule '%s' asks for more than the %lld commands and messages that may follow from one cause (%.*s): break the "
	               "circle, or raise the setting effects.per_cause",
	               source->rule, (long long)most, TEXT_ARG(cause_chain(command, source)));
}

static bool cause_begin(struct command *command, int64_t effects, const struct effect_source *source,
                        struct problems *problems)
{
	struct cause cause = {
		.rule = text_of(source->rule),
		.event = text_of(source->event),
		.serial = source->serial,
		.object_id = source->object_id,
		.account_id = source->account_id,
		.correlation_id = command->correlation_id,
		.effects = effects,
		.status = CAUSE_STATUS_OPEN,
		.created_at = command->now,
	};
	if (!amount_check(command, effects, source, problems))
		return false;
	cause.id = command->cause_id = store_new_id(command->store, "cause");
	return cause.id && store_insert(command->store, &cause_record, &cause);
}

static bool cause_grow(struct command *command, struct cause *cause, int64_t effects, const struct effect_source *source,
                       struct problems *problems)
{
	if (cause->status == CAUSE_STATUS_WITHDRAWN)
		return problem(problems, PROBLEM_CAUSE_ENDED, "", "cause %lld was withdrawn: rule '%s' asks for nothing more (%.*s)",
		               (long long)cause->id, source->rule, TEXT_ARG(cause_chain(command, source)));
	cause->effects += effects;
	return amount_check(command, cause->effects, source, problems) && store_update(command->store, &cause_record, cause);
}

bool cause_extend(struct command *command, const struct rule_effect *effects, bool queued, const struct effect_source *source,
                  struct problems *problems)
{
	int64_t commands = queued ? effects_of(effects, EFFECT_COMMAND) : 0;
	int64_t count = commands + effects_of(effects, EFFECT_SEND);
	struct cause *cause = NULL;
	if (count == 0)
		return true;
	if (command->cause_id && !store_find(command->store, &cause_record, command->cause_id, (void **)&cause))
		return false;
	if (cause)
		return cause_grow(command, cause, count, source, problems);
	return commands == 0 || cause_begin(command, count, source, problems);
}
