/* policy_replay.c: a policy's decision made once more: the same rule of the same bundle, told what it read then. */
#include "policy_replay.h"

#include "engine_state.h"

#include <string.h>

static const char SUBJECT[] = "subject.", SETTINGS[] = "ctx.settings", NOW[] = "ctx.now", TODAY[] = "ctx.today";

struct replaying {
	struct command *command;
	enum policy policy;
	const struct policy_info *info;
	const struct json *decision;
	const struct currency *currency;
	struct policy_replay *out;
	/* what the rule is told */
	void *input;
	struct instant now;
	struct date today;
	struct text settings;
};

static bool cannot(struct replaying *work, const char *why)
{
	work->out->why = why;
	return false;
}

static struct text kept(const struct replaying *work, const char *member)
{
	return json_text(json_member(work->decision, member));
}

/* ------------------------------------------------------------------------------------------------ the rule */

struct digest_row {
	struct arena *arena;
	struct text digest;
};

static bool digest_take(void *context, const struct store_row *row)
{
	struct digest_row *found = context;
	found->digest = text_copy(found->arena, store_row_text(row, 0));
	return false;
}

/* The tenant's bundle that the decision names by the first digits of its digest; NULL when a shipped rule decided. A name
 * that no bundle has is that of the rules of an earlier version of the program. False when the store fails. */
static bool bundle_find(struct replaying *work, struct rule_bundle **bundle)
{
	struct command *command = work->command;
	struct digest_row found = { command->arena, TEXT_NONE };
	struct text name = kept(work, "bundle");
	*bundle = NULL;
	if (text_is(name, rule_bundle_name(rule_bundle_shipped())))
		return true;
	if (!store_each(command->store, STATEMENT_BUNDLE_DIGEST_BY_NAME, BINDS(bind_text(name)), digest_take, &found))
		return false;
	work->out->by_another = !text_present(found.digest);
	if (work->out->by_another)
		return true;
	*bundle = bundle_cache_take(command->engine->bundles, command->store, found.digest, command->problems, NULL);
	return *bundle != NULL;
}

/* ------------------------------------------------------------------------------------------------ what it is told */

static struct text value_text(const struct json *value)
{
	if (value->type == JSON_TRUE || value->type == JSON_FALSE)
		return value->type == JSON_TRUE ? TEXT("true") : TEXT("false");
	return json_text(value);
}

static bool field_set(struct replaying *work, int field, struct text value)
{
	struct arena *arena = work->command->arena;
	struct problems ignored;
	problems_init(&ignored, arena);
	const struct record *record = work->info->input;
	return record_field_parse(record, work->input, field, value, "", arena, &ignored) ||
	       cannot(work, text_format(arena, "%s was kept as '%.*s', which is no value of it", record->fields[field].name,
	                                TEXT_ARG(value)).data);
}

static bool is_one_value(enum record_kind kind)
{
	return kind != KIND_RECORD && kind != KIND_LIST && kind != KIND_RELATION;
}

static bool field_tell(struct replaying *work, const struct json *read)
{
	struct text name = text_slice(read->name, sizeof SUBJECT - 1, read->name.length);
	int field = record_field_find(work->info->input, name);
	if (read->type == JSON_NULL)
		return true;
	if (field < 0 || !is_one_value(work->info->input->fields[field].kind) || read->type == JSON_ARRAY ||
	    read->type == JSON_OBJECT)
		return cannot(work, text_format(work->command->arena, "%.*s is nothing that the policy is told",
		                                TEXT_ARG(read->name)).data);
	return field_set(work, field, value_text(read));
}

/* As they were; long ones, kept by their digest, when they are the same today. */
static bool settings_tell(struct replaying *work, const struct json *read)
{
	struct command *command = work->command;
	if (read->type == JSON_OBJECT) {
		work->settings = json_tree_text(command->arena, read);
		return true;
	}
	work->settings = command->settings_text;
	return text_equals(json_text(read), rule_settings_digest_text(command->arena, work->settings)) ||
	       cannot(work, "the settings have changed since, and were too long to be kept");
}

static bool read_tell(struct replaying *work, const struct json *read)
{
	if (text_starts(read->name, SUBJECT))
		return field_tell(work, read);
	if (text_is(read->name, SETTINGS))
		return settings_tell(work, read);
	if (text_is(read->name, NOW))
		return instant_parse(json_text(read), &work->now) || cannot(work, "ctx.now was not kept as an instant");
	if (text_is(read->name, TODAY))
		return date_parse(json_text(read), &work->today) || cannot(work, "ctx.today was not kept as a date");
	return cannot(work, text_format(work->command->arena, "what it read of %.*s was not kept", TEXT_ARG(read->name)).data);
}

static void currency_tell(struct replaying *work)
{
	const struct record *record = work->info->input;
	if (record->currency_field >= 0)
		memcpy(record_field_at(&record->fields[record->currency_field], work->input), &work->currency,
		       sizeof work->currency);
}

/* `when` is looked at before the rule runs and is no read: that it held is known. */
static bool input_make(struct replaying *work, const struct rule *rule)
{
	const struct json *reads = json_member(work->decision, "reads");
	if (!reads || reads->type != JSON_OBJECT)
		return cannot(work, "what the rule read was not kept");
	work->input = arena_alloc(work->command->arena, work->info->input->size);
	currency_tell(work);
	for (size_t i = 0; i < rule->when_count; i++)
		if (!field_set(work, rule->when[i].field, rule->when[i].equals))
			return false;
	for (const struct json *read = reads->first; read; read = read->next)
		if (!read_tell(work, read))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ the decision */

static const char *failure(const struct replaying *work, const struct problems *problems)
{
	const struct problem *first = problems->first;
	if (!first)
		return "the rule did not decide";
	return text_format(work->command->arena, "%s%s%s", first->message, first->cause ? ": " : "",
	                   first->cause ? first->cause : "").data;
}

static void compare(struct replaying *work, const struct rule_result *result)
{
	struct policy_replay *out = work->out;
	out->made = true;
	out->result = rule_trace_result(result->trace, work->command->arena);
	out->exact = result->exact;
	out->record = result->record;
	out->same = text_equals(out->result, kept(work, "result"));
	if (!out->same)
		out->why = text_format(work->command->arena, "the rule now answers %.*s", TEXT_ARG(out->result)).data;
}

static void decide(struct replaying *work, const struct rule_bundle *bundle, const struct rule *rule)
{
	struct problems problems;
	struct rule_host host;
	struct rule_result result = { .rule = NULL };
	struct text choice = text_of(rule->name);
	problems_init(&problems, work->command->arena);
	host_init(&host, work->command, false);
	struct rule_call call = rule_call_of(work->command, &problems, &host);
	call.bundle = bundle;
	call.now = work->now;
	call.today = work->today;
	call.settings = work->settings;
	call.settings_tree = NULL;
	call.record = work->info->input;
	call.subject = work->input;
	bool decided = rule_decide(&call, work->policy, &choice, 1, &result);
	rule_call_count(work->command, &call);
	if (decided && result.rule == rule)
		compare(work, &result);
	else
		work->out->why = failure(work, &problems);
}

static void replay_in(struct replaying *work, const struct rule_bundle *bundle)
{
	const struct rule_bundle *owner;
	const struct rule *rule = rule_policy_by_choice(bundle, work->policy, kept(work, "rule"), &owner);
	if (!rule)
		cannot(work, "the rule, and the bundle it was in, are gone");
	else if (input_make(work, rule))
		decide(work, bundle, rule);
}

bool policy_replay(struct command *command, enum policy policy, const struct json *decision,
                   const struct currency *currency, struct policy_replay *replay)
{
	*replay = (struct policy_replay){ .made = false };
	struct replaying work = {
		.command = command,
		.policy = policy,
		.info = policy_info(policy),
		.decision = decision,
		.currency = currency,
		.out = replay,
		.now = command->now,
		.today = command->today,
	};
	struct rule_bundle *bundle;
	if (!bundle_find(&work, &bundle))
		return false;
	replay_in(&work, bundle);
	rule_bundle_release(bundle);
	return !store_failed(command->store);
}
