/* rule_check.c: the checks of a bundle, run one by one. */
#include "rule_check_case.h"
#include "rule_lua.h"

#include "value/timezone.h"

/* ------------------------------------------------------------------------------------------------ the host */

static void *case_load(void *context, const struct record *record, int64_t id)
{
	const struct check_case *given = context;
	for (struct case_row *row = given->rows; row; row = row->next)
		if (row->record == record && row->id == id)
			return row->value;
	return NULL;
}

struct each_host {
	const struct check_case *given;
	struct arena *arena;
};

static bool row_fits(const struct case_row *row, const struct rule_when *filters, size_t count, struct arena *arena)
{
	for (size_t i = 0; i < count; i++)
		if (!text_equals(record_field_text(row->record, row->value, filters[i].field, arena), filters[i].equals))
			return false;
	return true;
}

/* The row of the least id after `after`. */
static const struct case_row *row_next(const struct check_case *given, const struct record *record, int64_t after)
{
	const struct case_row *next = NULL;
	for (const struct case_row *row = given->rows; row; row = row->next)
		if (row->record == record && row->id > after && (!next || row->id < next->id))
			next = row;
	return next;
}

static bool case_each(void *context, const struct record *record, const struct rule_when *filters, size_t filter_count,
                      int64_t after_id, size_t limit, struct record_list *rows)
{
	const struct each_host *host = context;
	const struct case_row *row;
	while (rows->count < limit && (row = row_next(host->given, record, after_id)) != NULL) {
		after_id = row->id;
		if (row_fits(row, filters, filter_count, host->arena))
			memcpy(record_list_grow_(host->arena, &rows->items, &rows->count, &rows->capacity, record->size), row->value,
			       record->size);
	}
	return true;
}

static void *each_load(void *context, const struct record *record, int64_t id)
{
	const struct each_host *host = context;
	return case_load((void *)(uintptr_t)host->given, record, id);
}

/* ------------------------------------------------------------------------------------------------ settings */

/* What lies over wins; objects are laid over each other member by member. */
static void lay(struct json_writer *writer, const struct json *under, const struct json *over)
{
	if (!under || !over || under->type != JSON_OBJECT || over->type != JSON_OBJECT) {
		json_tree(writer, over ? over : under);
		return;
	}
	json_begin_object(writer);
	for (const struct json *member = under->first; member; member = member->next) {
		const struct json *other = over->first;
		while (other && !text_equals(other->name, member->name))
			other = other->next;
		json_name_text(writer, member->name);
		lay(writer, member, other);
	}
	for (const struct json *member = over->first; member; member = member->next) {
		const struct json *other = under->first;
		while (other && !text_equals(other->name, member->name))
			other = other->next;
		if (other)
			continue;
		json_name_text(writer, member->name);
		json_tree(writer, member);
	}
	json_end_object(writer);
}

static struct text settings_of(const struct check_case *given, const struct json *settings, struct arena *arena)
{
	struct problems problems;
	struct text_builder out;
	struct json_writer writer;
	problems_init(&problems, arena);
	const struct json *own = text_present(given->settings) ? json_parse(given->settings, arena, &problems) : NULL;
	if (!settings && !own)
		return TEXT("{}");
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	lay(&writer, settings, own);
	return builder_text(&out);
}

/* ------------------------------------------------------------------------------------------------ running */

struct case_run {
	const struct check_case *given;
	struct arena *arena;
	struct problems problems;
	struct rule_call call;
	struct each_host host_context;
	struct rule_host host;
	const struct rule *last;   /* that ran */
	enum rule_outcome outcome;
	struct text answer;        /* of a policy, as JSON; none: nobody answered */
};

static void call_prepare(struct case_run *run, const struct rule_bundle *bundle, const struct json *settings, int64_t fuel)
{
	const struct check_case *given = run->given;
	struct problems problems;
	problems_init(&run->problems, run->arena);
	problems_init(&problems, run->arena);
	run->host_context = (struct each_host){ given, run->arena };
	run->host = (struct rule_host){ &run->host_context, each_load, given->task ? case_each : NULL };
	struct text text = settings_of(given, settings, run->arena);
	run->call = (struct rule_call){
		.bundle = bundle, .arena = run->arena, .problems = &run->problems, .now = given->at,
		.today = timezone_date(timezone_utc(), given->at), .settings = text,
		.settings_tree = json_parse(text, run->arena, &problems), .event = given->event,
		.details_record = &event_details_record, .details = (void *)(uintptr_t)&given->details, .host = &run->host,
		.fuel_of_all = fuel > 0 ? fuel : 1,
	};
	struct digest seed = digest_sha256(text_format(run->arena, "%s:%d", given->file, given->line));
	memcpy(&run->call.seed, seed.bytes, sizeof run->call.seed);
	/* Rules of an event without a subject are given its details. */
	if (given->event && !event_info(given->event)->subject)
		run->call.details = given->subject;
	else if (!given->task)
		run->call.record = given->record, run->call.subject = given->subject;
}

static bool listens(const struct rule *rule, const struct check_case *given, enum rule_moment moment)
{
	if (rule->moment != moment || (given->only && rule != given->only))
		return false;
	for (size_t i = 0; rule->events && rule->events[i] != EVENT_NONE; i++)
		if (rule->events[i] == given->event)
			return true;
	return rule == given->task;
}

static void rules_run(struct case_run *run, enum rule_moment moment)
{
	const struct rule_bundle *bundle = run->call.bundle;
	for (size_t i = 0; i < rule_bundle_count(bundle) && run->outcome == RULE_OK; i++) {
		const struct rule *rule = rule_bundle_at(bundle, i);
		if (!listens(rule, run->given, moment))
			continue;
		run->last = rule;
		if (rule_when_holds(rule, run->given->record, run->given->subject, run->arena))
			run->outcome = rule_run(&run->call, rule);
	}
}

static void event_run(struct case_run *run)
{
	const struct check_case *given = run->given;
	const struct event_side *pre = event_side(given->event, EVENT_SIDE_PRE);
	if (given->side == EVENT_SIDE_ANY || given->side == EVENT_SIDE_PRE) {
		run->call.subject_writable = pre->subject_writable;
		run->call.details_writable = pre->details_writable;
		rules_run(run, RULE_PRE);
	}
	run->call.subject_writable = run->call.details_writable = 0;
	if (given->side != EVENT_SIDE_PRE && run->outcome == RULE_OK)
		rules_run(run, RULE_POST);
}

static struct text answer_text(const struct case_run *run, const struct rule_result *result)
{
	const struct policy_info *info = policy_info(run->given->policy);
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, run->arena, 0);
	json_writer_init(&writer, &out);
	switch (info->result) {
	case POLICY_RESULT_EXACT:
		json_string(&writer, rule_exact_text(run->arena, result->exact));
		break;
	case POLICY_RESULT_MONEY:
		json_string(&writer, money_text(run->arena, result->money));
		break;
	case POLICY_RESULT_TEXT:
		json_string(&writer, result->text);
		break;
	case POLICY_RESULT_RECORD:
		check_record_write(&writer, run->arena, info->result_record, result->record);
		break;
	}
	return builder_text(&out);
}

/* As it is asked in a command: the rule that the check names, else the setting's, the bundle's, the shipped one. */
static void policy_run(struct case_run *run)
{
	struct rule_result result = { .rule = NULL };
	const struct json *policies = json_member(run->call.settings_tree, "policies");
	const struct json *setting = policies ? json_member(policies, policy_info(run->given->policy)->name) : NULL;
	struct text choice = run->given->only ? text_of(run->given->only->name) : setting ? json_text(setting) : TEXT_NONE;
	bool decided = rule_decide(&run->call, run->given->policy, &choice, text_present(choice), &result);
	run->last = result.rule;
	run->outcome = decided ? RULE_OK : RULE_FAILED;
	if (decided)
		run->answer = answer_text(run, &result);
}

/* ------------------------------------------------------------------------------------------------ outcomes */

static void failure_write(const struct case_run *run, struct json_writer *writer)
{
	const struct problem *last = problem_last((struct problems *)(uintptr_t)&run->problems);
	if (run->outcome == RULE_OK || !last)
		return;
	bool rejected = run->outcome == RULE_REJECTED;
	json_name(writer, rejected ? "rejected" : "failed");
	json_string(writer, rejected ? last->detail_code : text_of(last->cause ? last->cause : last->message));
	if (!rejected)
		return;
	json_name(writer, "message");
	json_c(writer, last->message);
}

/* An object with its name before its own members: {"channel": "mail", "to": ...}. */
static void effect_write(const struct case_run *run, struct json_writer *writer, const struct rule_effect *effect)
{
	struct problems problems;
	problems_init(&problems, run->arena);
	if (effect->kind == EFFECT_NOTE) {
		json_string(writer, effect->body);
		return;
	}
	const struct json *body = json_parse(effect->body, run->arena, &problems);
	json_begin_object(writer);
	json_name(writer, effect->kind == EFFECT_SEND ? "channel" : "command");
	json_string(writer, effect->name);
	for (const struct json *member = body ? body->first : NULL; member; member = member->next) {
		json_name_text(writer, member->name);
		json_tree(writer, member);
	}
	json_end_object(writer);
}

static void effects_write(const struct case_run *run, struct json_writer *writer)
{
	static const struct { int kind; const char *name; } kinds[] = {
		{ EFFECT_SEND, "sends" }, { EFFECT_COMMAND, "commands" }, { EFFECT_NOTE, "notes" },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		json_name(writer, kinds[i].name);
		json_begin_array(writer);
		for (const struct rule_effect *effect = run->call.effects; effect; effect = effect->next)
			if ((int)effect->kind == kinds[i].kind)
				effect_write(run, writer, effect);
		json_end_array(writer);
	}
}

static const struct json *outcome_of(const struct case_run *run, struct problems *problems)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, run->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	failure_write(run, &writer);
	if (text_present(run->answer)) {
		json_name(&writer, "answer");
		json_raw(&writer, run->answer);
	}
	if (!run->given->policy) {
		effects_write(run, &writer);
		json_name(&writer, "event");
		check_record_write(&writer, run->arena, &event_details_record, run->call.details);
	}
	if (run->call.record && !run->given->policy) {
		json_name(&writer, run->call.record->name);
		check_record_write(&writer, run->arena, run->call.record, run->call.subject);
	}
	json_end_object(&writer);
	return json_parse(builder_text(&out), run->arena, problems);
}

/* A part of the message is enough. */
static bool failure_is(const struct json *wanted, const struct json *got)
{
	struct text part = json_text(wanted), whole = json_text(got);
	for (size_t i = 0; text_present(part) && i + part.length <= whole.length; i++)
		if (memcmp(whole.data + i, part.data, part.length) == 0)
			return true;
	return false;
}

/* What ended the run is said first: the rest follows from it. */
static bool ends_compare(struct rule_check *check, const struct json *wanted, const struct json *got, struct arena *arena)
{
	static const char *const ends[] = { "rejected", "failed", NULL };
	bool good = true;
	for (size_t i = 0; ends[i]; i++) {
		const struct json *want = json_member(wanted, ends[i]), *found = json_member(got, ends[i]);
		bool same = (!want && !found) || (want && found && (i == 1 ? failure_is(want, found) : text_equals(json_text(want), json_text(found))));
		if (same)
			continue;
		good = false;
		check_differs(arena, check, ends[i], want, found);
		if (i == 0 && found)
			check_differs(arena, check, "message", json_member(wanted, "message"), json_member(got, "message"));
	}
	return good;
}

static const struct json *without_failure(const struct json *wanted, struct arena *arena)
{
	struct text_builder out;
	struct json_writer writer;
	struct problems problems;
	problems_init(&problems, arena);
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	for (const struct json *member = wanted->first; member; member = member->next) {
		if (text_is(member->name, "failed"))
			continue;
		json_name_text(&writer, member->name);
		json_tree(&writer, member);
	}
	json_end_object(&writer);
	return json_parse(builder_text(&out), arena, &problems);
}

static void outcome_compare(const struct case_run *run, struct rule_check *check)
{
	struct problems problems;
	problems_init(&problems, run->arena);
	const struct json *wanted = json_parse(run->given->expect, run->arena, &problems);
	const struct json *got = outcome_of(run, &problems);
	check->passed = wanted && got;
	if (!check->passed)
		check->broken = problems.first ? problems.first->message : "what came out cannot be compared";
	else if (ends_compare(check, wanted, got, run->arena))
		check_compare(without_failure(wanted, run->arena), got, run->arena, check);
}

/* "rules/gold.lua:12" of "rules/gold.lua:12: ...", where the rule failed; else where it is declared. */
static void place_find(const struct case_run *run, struct rule_check *check)
{
	const struct problem *last = problem_last((struct problems *)(uintptr_t)&run->problems);
	struct text file, line, rest;
	if (run->call.last_trace) {
		check->rule = run->call.last_trace->rule;
		check->place = text_format(run->arena, "%s:%d", run->call.last_trace->file, run->call.last_trace->line).data;
	} else if (run->last) {
		check->rule = run->last->name;
		check->place = text_format(run->arena, "%s:%d", run->last->file, run->last->line).data;
	}
	if (run->outcome == RULE_OK || !last || !last->cause || !text_split(text_of(last->cause), ':', &file, &rest) ||
	    !text_split(rest, ':', &line, &rest))
		return;
	check->place = text_format(run->arena, "%.*s:%.*s", TEXT_ARG(file), TEXT_ARG(line)).data;
}

void check_case_run(const struct rule_bundle *bundle, struct check_case *given, const struct json *settings, int64_t *fuel,
                    struct arena *arena, struct rule_check *check)
{
	struct case_run run = { .given = given, .arena = arena };
	*check = (struct rule_check){ .name = given->name, .file = given->file, .line = given->line, .broken = given->broken };
	if (!check->broken && *fuel <= 0)
		check->broken = text_format(arena, "what was run before it used up the fuel of all checks of the bundle, %d units", RULE_CHECK_FUEL).data;
	if (check->broken)
		return;
	call_prepare(&run, bundle, settings, *fuel);
	if (given->policy)
		policy_run(&run);
	else if (given->event)
		event_run(&run);
	else
		rules_run(&run, RULE_TASK);
	*fuel -= run.call.fuel_used;
	if (!given->policy && !run.last) {
		check->broken = text_format(arena, "no rule of the bundle listens to %s", event_info(given->event)->name).data;
		return;
	}
	outcome_compare(&run, check);
	place_find(&run, check);
}

bool rule_checks_run(const struct rule_bundle *bundle, const struct json *settings, struct arena *arena,
                     struct problems *problems, struct rule_check_list *list)
{
	int64_t fuel = RULE_CHECK_FUEL;
	bool good = true;
	*list = (struct rule_check_list){ NULL, 0, 0, 0 };
	for (size_t i = 0; i < bundle->file_count; i++) {
		struct check_case *first;
		if (!text_starts(text_of(bundle->files[i].name), "checks/"))
			continue;
		good = check_file_read(bundle, &bundle->files[i], &fuel, arena, problems, &first) && good;
		for (struct check_case *given = first; given; given = given->next) {
			struct rule_check *check = list_add(arena, list, struct rule_check);
			check_case_run(bundle, given, settings, &fuel, arena, check);
			list->failed += !check->passed;
		}
	}
	return good;
}
