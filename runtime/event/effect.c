/* effect.c: what rules ask for: messages become deliveries, commands become jobs or, in pre rules, run at once. */
#include "channel.h"
#include "engine_state.h"

#include <string.h>

/* ---- commands ---- */

/* Rules act within their tenant; keys, bundles, clocks and tenants are not theirs. */
static bool rule_may(const struct command_type *type)
{
	return !type->global && (strcmp(type->scope, "read") == 0 || strcmp(type->scope, "write") == 0 ||
	                         strcmp(type->scope, "payments") == 0);
}

static bool input_decode(const struct command_type *type, const struct json *json, struct arena *arena,
                         struct problems *problems, void **input)
{
	*input = NULL;
	if (!type->input)
		return true;
	*input = arena_alloc(arena, type->input->size);
	if (!json_decode(json, type->input, *input, "", arena, problems))
		return false;
	/* A queued command is a row, and rows never hold a card. */
	if (secrets_present(type->input, *input))
		return problem(problems, PROBLEM_FORBIDDEN, "", "a rule cannot give %s secret fields", type->name);
	return true;
}

static bool command_read_effect(struct command *command, struct text name, const struct json *json,
                                struct problems *problems, const struct command_type **type, void **input)
{
	*type = engine_command(command->engine, name);
	if (!*type)
		return problem_value(problems, PROBLEM_UNKNOWN_COMMAND, "", name, NULL, "there is no command '%.*s'%s",
		                     TEXT_ARG(name),
		                     text_did_you_mean(command->arena, name, engine_command_candidate, command->engine));
	if (!rule_may(*type))
		return problem(problems, PROBLEM_FORBIDDEN, "", "a rule cannot ask for %s", (*type)->name);
	return input_decode(*type, json, command->arena, problems, input);
}

static bool depth_check(const struct command *command, const struct rule_effect *effect,
                        const struct effect_source *source, struct problems *problems)
{
	int64_t most = command_setting_integer(command, "effects.depth", COMMAND_DEPTH_MAX);
	return command->depth < most ||
	       problem(problems, PROBLEM_RULE_DEPTH, "",
	               "rule '%s' asks for %.*s at depth %d, at most %lld are allowed (setting effects.depth): %.*s", source->rule,
	               TEXT_ARG(effect->name), command->depth + 1, (long long)most, TEXT_ARG(cause_chain(command, source)));
}

static const struct json *effect_json(struct command *command, const struct rule_effect *effect,
                                      struct problems *problems)
{
	return json_parse(text_present(effect->body) ? effect->body : TEXT("{}"), command->arena, problems);
}

static struct text job_payload(struct arena *arena, const struct rule_effect *effect)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "command");
	json_string(&writer, effect->name);
	json_name(&writer, "input");
	json_raw(&writer, text_present(effect->body) ? effect->body : TEXT("{}"));
	json_end_object(&writer);
	return builder_text(&out);
}

static struct text actor_of(struct command *command, const struct effect_source *source)
{
	struct text actor = text_format(command->arena, "rule:%s", source->rule);
	return text_front(actor, (size_t)job_record.fields[JOB_FIELD_ACTOR].max);
}

/* Checked now, so that a mistake is the rule's own failure and not a job that can never run. */
static bool command_queue(struct command *command, const struct rule_effect *effect,
                          const struct effect_source *source, struct problems *problems)
{
	const struct command_type *type;
	void *input;
	const struct json *json = effect_json(command, effect, problems);
	if (!json || !depth_check(command, effect, source, problems) ||
	    !command_read_effect(command, effect->name, json, problems, &type, &input))
		return false;
	struct job job = {
		.kind = TEXT("command"),
		.account_id = source->account_id,
		.object_id = source->object_id,
		.due_at = command->now,
		.status = JOB_STATUS_DUE,
		.payload = job_payload(command->arena, effect),
		.correlation_id = command->correlation_id,
		.causation_id = source->event_id,
		.depth = command->depth + 1,
		.cause_id = command->cause_id,
		.chain = cause_chain(command, source),
		.actor = actor_of(command, source),
	};
	return job_insert(command, &job);
}

bool command_job_read(struct command *command, const struct job *job, const struct command_type **type, void **input)
{
	const struct json *payload = json_parse(job->payload, command->arena, command->problems);
	if (!payload)
		return false;
	const struct json *json = json_member(payload, "input");
	if (!json)
		return problem(command->problems, PROBLEM_MISSING_FIELD, "/input", "a queued command has no input");
	return command_read_effect(command, json_text(json_member(payload, "command")), json, command->problems, type,
	                           input);
}

/* They share a transaction and its memory, and hold the writer until the last is done. */
static bool amount_check(const struct command *command, const char *name, const struct effect_source *source)
{
	const struct arena *arena = command->arena;
	const int count = command->state->commands_now;
	if (count >= RULE_COMMANDS_AT_ONCE)
		return problem(command->problems, PROBLEM_RULE_AMOUNT, "",
		               "rule '%s' asks for %s after %d commands of pre rules; one command may have at most %d of them",
		               source->rule, name, count, RULE_COMMANDS_AT_ONCE);
	return arena->used_bytes <= arena->limit_bytes / 4 * 3 ||
	       problem(command->problems, PROBLEM_RULE_AMOUNT, "",
	               "rule '%s' asks for %s, but %d commands of pre rules have taken three quarters of the %zu MiB that one command may use",
	               source->rule, name, count, arena->limit_bytes >> 20);
}

static bool command_now(struct command *command, const struct rule_effect *effect, const struct effect_source *source)
{
	const struct command_type *type;
	void *input = NULL;
	const struct json *json = effect_json(command, effect, command->problems);
	if (!json || !depth_check(command, effect, source, command->problems) ||
	    !command_read_effect(command, effect->name, json, command->problems, &type, &input) ||
	    !amount_check(command, type->name, source))
		return false;
	command->state->commands_now++;
	const struct text actor = command->origin.actor;
	const struct uuid causation_id = command->causation_id;
	command->origin.actor = actor_of(command, source);
	command->causation_id = source->event_id;
	command->depth++;
	const struct text by = text_format(command->arena, "rule '%s' (%s:%d) commanded %s, which", source->rule, source->file,
	                                   source->line, type->name);
	const struct store_overtake outer = store_overtake_begin(command->store, by.data);
	bool performed = command_perform(command, type->name, input, NULL);
	store_overtake_end(command->store, outer);
	command->depth--;
	command->causation_id = causation_id;
	command->origin.actor = actor;
	return performed;
}

/* ---- messages ---- */

static const char *channel_candidate(const void *context, size_t i)
{
	return ((const struct message_type *)context)[i].channel;
}

static bool message_accept(struct command *command, struct delivery *delivery, struct problems *problems)
{
	const struct message_type *type = command->engine->options.messages;
	if (!type)
		return true;
	for (; type->channel; type++)
		if (text_is(delivery->channel, type->channel))
			return type->accept(command, delivery, problems);
	return problem_value(problems, PROBLEM_UNKNOWN_CHOICE, "", delivery->channel,
	                     "Rules send mail; events go to webhook endpoints by themselves.", "there is no channel '%.*s'%s",
	                     TEXT_ARG(delivery->channel),
	                     text_did_you_mean(command->arena, delivery->channel, channel_candidate, command->engine->options.messages));
}

static bool message_queue(struct command *command, const struct rule_effect *effect, const struct effect_source *source,
                          struct problems *problems)
{
	struct delivery delivery = {
		.channel = effect->name,
		.account_id = source->account_id,
		.object_id = source->object_id,
		.serial = source->serial,
		.cause_id = command->cause_id,
		.body = text_present(effect->body) ? effect->body : TEXT("{}"),
		.due_at = command->now,
	};
	return message_accept(command, &delivery, problems) && delivery_add(command, &delivery);
}

/* The gateway's rows are the engine's own: they stand for charges. */
static bool message_check(const struct rule_effect *effect, struct problems *problems)
{
	size_t most = (size_t)delivery_record.fields[DELIVERY_FIELD_CHANNEL].max;
	if (effect->name.length == 0 || effect->name.length > most)
		return problem_value(problems, PROBLEM_TOO_LONG, "", effect->name, NULL,
		                     "the name of a channel has 1 to %zu bytes", most);
	if (text_is(effect->name, "gateway"))
		return problem(problems, PROBLEM_FORBIDDEN, "", "a rule cannot send to the channel gateway");
	return true;
}

/* ---- both ---- */

/* Says which rule asked for what was refused, unless the problem names its place already. */
static bool effect_refused(const struct effect_source *source, struct problems *problems)
{
	for (struct problem *problem = problems->first; problem; problem = problem->next)
		if (!problem->cause)
			problem->cause = text_format(problems->arena, "%s:%d: rule '%s'", source->file, source->line, source->rule).data;
	return false;
}

bool effects_queue(struct command *command, const struct rule_effect *effects, const struct effect_source *source,
                   struct problems *problems)
{
	if (!cause_extend(command, effects, true, source, problems))
		return effect_refused(source, problems);
	for (const struct rule_effect *effect = effects; effect; effect = effect->next) {
		bool queued = true;
		if (effect->kind == EFFECT_SEND)
			queued = message_check(effect, problems) && message_queue(command, effect, source, problems);
		else if (effect->kind == EFFECT_COMMAND)
			queued = command_queue(command, effect, source, problems);
		if (!queued)
			return effect_refused(source, problems);
	}
	return true;
}

bool effects_perform(struct command *command, const struct rule_effect *effects, const struct effect_source *source)
{
	if (!cause_extend(command, effects, false, source, command->problems))
		return effect_refused(source, command->problems);
	for (const struct rule_effect *effect = effects; effect; effect = effect->next) {
		bool performed = true;
		if (effect->kind == EFFECT_SEND)
			performed = message_check(effect, command->problems) && message_queue(command, effect, source, command->problems);
		else if (effect->kind == EFFECT_COMMAND)
			performed = command_now(command, effect, source);
		if (!performed)
			return effect_refused(source, command->problems);
	}
	return true;
}
