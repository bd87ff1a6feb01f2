/* policy.c: asks a policy for the command: the plan's choice, the tenant's, the bundle's rules, the shipped default. */
#include "engine_state.h"

enum {
	CHOICES_MAX = 32,
	THING_BYTES = 4096,     /* of a run's memory, for each thing that it is told; those of the default hold so many: */
	THINGS_OF_DEFAULT = 1000,
	THING_FUEL = 1000,
};

static size_t choices_collect(struct command *command, const struct policy_info *info,
                              const struct policy_choice *choices, size_t choice_count, struct text *names)
{
	size_t count = 0;
	for (size_t i = 0; i < choice_count && count < CHOICES_MAX - 1; i++)
		if (text_is(choices[i].policy, info->name))
			names[count++] = choices[i].rule;
	struct text setting = command_setting(command, TEXT_JOIN(command->arena, TEXT("policies."), text_of(info->name)).data);
	if (text_present(setting))
		names[count++] = setting;
	return count;
}

static bool traces_keep(struct command *command, const struct policy_info *info, const struct rule_call *call)
{
	for (const struct rule_trace *trace = call->traces; trace; trace = trace->next)
		if (!rule_run_keep(command, info->name, trace, TEXT_NONE))
			return false;
	return true;
}

static struct text last_choice(const struct policy_info *info, const struct policy_choices *choices)
{
	for (size_t i = 0; i < choices->last_count; i++)
		if (text_is(choices->last[i].policy, info->name))
			return choices->last[i].rule;
	return TEXT_NONE;
}

bool policy_decide(struct command *command, enum policy policy, const void *input, const struct policy_choice *choices,
                   size_t choice_count, bool kept, struct rule_result *result)
{
	struct policy_choices of_plan = { .first = choices, .first_count = choice_count };
	return policy_decide_among(command, policy, input, &of_plan, kept, result);
}

static void room_give(struct rule_call *call, size_t things)
{
	if (things > THINGS_OF_DEFAULT)
		call->memory_limit_bytes = RULE_MEMORY_BYTES_DEFAULT + things * THING_BYTES;
	call->fuel_limit = RULE_FUEL_DEFAULT + (int64_t)things * THING_FUEL;
	call->fuel_of_all += (int64_t)things * THING_FUEL;
}

/* What was given is spent first. */
static void room_take_back(struct rule_call *call, size_t things)
{
	int64_t given = (int64_t)things * THING_FUEL;
	call->fuel_used -= call->fuel_used < given ? call->fuel_used : given;
}

static bool decide(struct command *command, enum policy policy, const void *input, const struct policy_choices *choices, bool kept,
                   size_t things, struct rule_result *result)
{
	const struct policy_info *info = policy_info(policy);
	struct text names[CHOICES_MAX];
	size_t count = choices_collect(command, info, choices->first, choices->first_count, names);
	struct rule_host host;
	host_init(&host, command, false);
	struct rule_call call = rule_call_of(command, command->problems, &host);
	call.record = info->input;
	call.last_choice = last_choice(info, choices);
	call.subject = (void *)(uintptr_t)input; /* only read: a policy has nothing writable */
	room_give(&call, things);
	*result = (struct rule_result){ .rule = NULL };
	bool decided = rule_decide(&call, policy, names, count, result);
	room_take_back(&call, things);
	rule_call_count(command, &call);
	if (!decided || store_failed(command->store))
		return false;
	return kept || !command->state || traces_keep(command, info, &call);
}

bool policy_decide_among(struct command *command, enum policy policy, const void *input,
                         const struct policy_choices *choices, bool kept, struct rule_result *result)
{
	return decide(command, policy, input, choices, kept, 0, result);
}

bool policy_decide_many(struct command *command, enum policy policy, const void *input, const struct policy_choice *choice,
                        size_t things, struct rule_result *result)
{
	const struct policy_choices alone = { .first = choice, .first_count = 1 };
	return decide(command, policy, input, &alone, true, things, result);
}

static struct text decision_text(struct command *command, const struct rule_result *result, bool whole)
{
	const struct rule_trace *trace = result->trace;
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, command->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name_plain(&writer, "rule");
	json_c(&writer, trace->rule);
	json_name_plain(&writer, "file");
	json_c(&writer, trace->file);
	json_name_plain(&writer, "line");
	json_integer(&writer, trace->line);
	json_name_plain(&writer, "bundle");
	json_c(&writer, trace->bundle);
	json_name_plain(&writer, "fuel");
	json_integer(&writer, trace->fuel);
	if (whole) {
		json_name_plain(&writer, "reads");
		json_raw(&writer, rule_trace_reads(trace, command->arena));
		json_name_plain(&writer, "result");
		json_string(&writer, rule_trace_result(trace, command->arena));
	}
	json_end_object(&writer);
	return builder_text(&out);
}

struct text policy_decision_text(struct command *command, const struct rule_result *result)
{
	return decision_text(command, result, true);
}

struct text policy_decision_by(struct command *command, const struct rule_result *result)
{
	return decision_text(command, result, false);
}
