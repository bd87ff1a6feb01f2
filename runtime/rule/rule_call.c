/* rule_call.c: one run of one rule: a fresh state, its arguments, its outcome, its result. */
#include "rule_context.h"
#include "rule_declare.h"
#include "rule_library.h"
#include "rule_record.h"
#include "rule_state.h"
#include "rule_trace.h"
#include "value/json.h"

enum { RESULT_TEXT_BYTES_MAX = 64 * 1024 };

/* What one run hands to its protected part and back. */
struct run {
	struct rule_state *state;
	const struct bundle_rule *entry;
	struct rule_result *result; /* policies */
	bool passed;                /* the policy returned nil */
	struct text result_text;    /* for the trace */
};

/* -------------------------------------------------------------------------------------------- results of policies */

static void result_refuse(lua_State *lua, const struct run *run, const char *needs)
{
	rule_error(lua, "the policy %s returns %s, not %s (%s)", policy_info(run->entry->rule.policy)->name, needs,
	           rule_value_text(lua, -1), rule_type_name(lua, -1));
}

/* What a policy returns is in the currency that it was asked in. */
static void result_currency_check(lua_State *lua, const struct currency *currency)
{
	const struct rule_call *call = rule_state_of(lua)->call;
	const struct currency *asked = NULL;
	if (call->record && call->record->currency_field >= 0)
		memcpy(&asked, record_field_const_at(&call->record->fields[call->record->currency_field], call->subject),
		       sizeof asked);
	if (asked && asked != currency)
		rule_error(lua, "the result is in %s, not in %s", currency->code, asked->code);
}

static void exact_result(lua_State *lua, struct run *run)
{
	struct money money;
	struct exact_money *exact = &run->result->exact;
	if (rule_to_money(lua, -1, &money)) {
		if (!exact_money_from_money(money, exact))
			rule_error(lua, "the result is too large");
	} else if (!rule_to_exact(lua, -1, exact)) {
		result_refuse(lua, run, "money or an exact amount");
	}
	result_currency_check(lua, exact->currency);
}

static void money_result(lua_State *lua, struct run *run)
{
	if (!rule_to_money(lua, -1, &run->result->money))
		result_refuse(lua, run, "money");
	result_currency_check(lua, run->result->money.currency);
}

static void text_result(lua_State *lua, struct run *run)
{
	struct text text;
	if (lua_type(lua, -1) != LUA_TSTRING)
		result_refuse(lua, run, "a text");
	text.data = lua_tolstring(lua, -1, &text.length);
	if (text.length == 0 || text.length > RESULT_TEXT_BYTES_MAX || !text_utf8_valid(text))
		rule_error(lua, "the policy %s returns UTF-8 text of 1 to %d bytes", policy_info(run->entry->rule.policy)->name,
		           RESULT_TEXT_BYTES_MAX);
	run->result->text = text_copy(run->state->results, text);
}

static void record_result(lua_State *lua, struct run *run)
{
	const struct record *record = policy_info(run->entry->rule.policy)->result_record;
	if (lua_type(lua, -1) != LUA_TTABLE)
		result_refuse(lua, run, text_format(run->state->arena, "a table with the fields of %s", record->name).data);
	void *value = arena_alloc(run->state->results, record->size);
	rule_record_decode(lua, -1, record, value, false);
	struct problems problems;
	problems_init(&problems, run->state->arena);
	if (!record_check(record, value, "", &problems))
		rule_error(lua, "the %s is not complete: %s", record->name, problems.first->message);
	run->result->record = value;
}

/* The result is on the top of the stack. */
static void result_read(lua_State *lua, struct run *run)
{
	struct arena *arena = run->state->results;
	switch (policy_info(run->entry->rule.policy)->result) {
	case POLICY_RESULT_EXACT:
		exact_result(lua, run);
		rule_value_to_text(lua, -1, arena, &run->result_text);
		break;
	case POLICY_RESULT_MONEY:
		money_result(lua, run);
		run->result_text = money_text(arena, run->result->money);
		break;
	case POLICY_RESULT_TEXT:
		text_result(lua, run);
		run->result_text = run->result->text;
		break;
	case POLICY_RESULT_RECORD:
		record_result(lua, run);
		run->result_text = json_record_text(arena, policy_info(run->entry->rule.policy)->result_record, run->result->record);
		break;
	}
}

static void policy_end(lua_State *lua, struct run *run, int count)
{
	if (count > 1)
		rule_error(lua, "a policy rule returns one value, not %d", count);
	run->passed = count == 0 || lua_isnil(lua, -1);
	if (run->passed)
		run->result_text = TEXT("nil");
	else
		result_read(lua, run);
}

static void hook_end(lua_State *lua, const struct run *run, int count)
{
	static const char *const remedies[] = {
		[RULE_PRE] = "assign to the fields or use ctx:reject", [RULE_POST] = "use ctx:send, ctx:command or ctx:note",
		[RULE_TASK] = "use ctx:send, ctx:command or ctx:note",
	};
	enum rule_moment moment = run->entry->rule.moment;
	if (count > 0 && !(count == 1 && lua_isnil(lua, -1)))
		rule_error(lua, "a %s rule returns nothing; %s", rule_moment_name(moment), remedies[moment]);
}

/* -------------------------------------------------------------------------------------------- the protected part */

static int subject_push(lua_State *lua, struct rule_call *call)
{
	if (call->record)
		rule_record_push(lua, call->record, call->subject, "subject", 0, rule_writable_in(lua, call->subject_writable));
	else
		rule_record_push(lua, call->details_record, call->details, "event", 0, rule_writable_in(lua, call->details_writable));
	return 1;
}

/* Fuel is counted anew from here: what a file does when it is run is not the rule's. */
static void fuel_restart(struct rule_state *state)
{
	state->fuel_limit = state->call->fuel_limit > 0 ? state->call->fuel_limit : RULE_FUEL_DEFAULT;
	rule_fuel_start(state);
}

static int run_protected(lua_State *lua)
{
	struct run *run = lua_touserdata(lua, 1);
	struct rule_state *state = run->state;
	enum rule_moment moment = run->entry->rule.moment;
	rule_run_prepare(lua, run->entry);
	state->moment = moment;
	state->rule = &run->entry->rule;
	lua_settop(lua, 0);
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_RUN);
	int arguments = moment == RULE_TASK ? 0 : subject_push(lua, state->call);
	rule_context_push(lua);
	fuel_restart(state);
	lua_call(lua, arguments + 1, LUA_MULTRET);
	if (moment == RULE_POLICY)
		policy_end(lua, run, lua_gettop(lua));
	else
		hook_end(lua, run, lua_gettop(lua));
	return 0;
}

/* ------------------------------------------------------------------------------------------------ outcomes */

static void rejection_report(struct rule_state *state)
{
	struct problems *problems = state->call->problems;
	problem(problems, PROBLEM_REJECTED, "", "%.*s", TEXT_ARG(state->reject_message));
	struct problem *last = problem_last(problems);
	if (last) {
		last->detail_code = text_copy(problems->arena, state->reject_code);
		last->cause = text_format(problems->arena, "%s: rule '%s'", state->doom_place, state->rule->name).data;
	}
}

static const char *failure_remedy(enum rule_doom doom)
{
	if (doom == RULE_DOOM_FUEL)
		return problem_info(PROBLEM_RULE_FUEL)->remedy;
	if (doom == RULE_DOOM_MEMORY || doom == RULE_DOOM_RESULTS)
		return problem_info(PROBLEM_RULE_MEMORY)->remedy;
	return doom == RULE_DOOM_TIME ? "Try again; when it happens often let the rule do less." : NULL;
}

static void failure_report(struct rule_state *state, const char *failure)
{
	struct problems *problems = state->call->problems;
	problem(problems, PROBLEM_RULE_FAILED, "", "rule '%s' failed", state->rule->name);
	struct problem *last = problem_last(problems);
	if (last) {
		last->cause = text_c(problems->arena, text_of(failure));
		last->remedy = failure_remedy(state->doom);
	}
}

static enum rule_outcome failure_end(struct rule_state *state)
{
	if (state->doom == RULE_DOOM_REJECTED) {
		rejection_report(state);
		rule_trace_end(state, TRACE_REJECTED, state->reject_code);
		return RULE_REJECTED;
	}
	const char *failure = rule_failure_text(state);
	failure_report(state, failure);
	rule_trace_end(state, TRACE_FAILED, text_of(failure));
	return RULE_FAILED;
}

/* The effects of a run that failed are taken back; `last` was the last one before it. */
static void effects_cut(struct rule_call *call, struct rule_effect *last, size_t count)
{
	if (last)
		last->next = NULL;
	else
		call->effects = NULL;
	call->last_effect = last;
	call->effect_count = count;
}

/* A state that could not even be made: the machine has no memory. */
static enum rule_outcome begin_failed(struct rule_call *call, const struct rule *rule)
{
	problem(call->problems, PROBLEM_OUT_OF_MEMORY, "", "there was no memory to run rule '%s'", rule->name);
	return RULE_FAILED;
}

static enum rule_outcome run_in_state(struct rule_call *call, const struct rule *rule, const struct rule_bundle *owner,
                                      struct run *run)
{
	struct rule_effect *last_effect = call->last_effect;
	size_t effect_count = call->effect_count;
	struct rule_reads reads;
	struct rule_state state = {
		.bundle = owner, .results = call->arena, .problems = call->problems, .call = call, .reads = &reads, .rule = rule,
		.moment = rule->moment,
	};
	rule_trace_begin(&reads, call->arena);
	size_t memory_bytes = call->memory_limit_bytes ? call->memory_limit_bytes : RULE_MEMORY_BYTES_DEFAULT;
	if (!rule_state_begin(&state, memory_bytes, RULE_LOAD_FUEL))
		return begin_failed(call, rule);
	run->state = &state;
	run->entry = bundle_rule_of(rule);
	enum rule_outcome outcome = RULE_OK;
	if (rule_protected(&state, run_protected, run)) {
		const struct rule_trace *trace = rule_trace_end(&state, TRACE_OK, run->result_text);
		if (run->result)
			run->result->trace = trace;
	} else {
		outcome = failure_end(&state);
		effects_cut(call, last_effect, effect_count);
	}
	rule_state_end(&state);
	return outcome;
}

enum rule_outcome rule_run(struct rule_call *call, const struct rule *rule)
{
	struct run run = { .result_text = TEXT_NONE };
	if (rule->moment == RULE_POLICY)
		BUG("policy rule '%s' is decided, not run", rule->name);
	return run_in_state(call, rule, call->bundle, &run);
}

/* ------------------------------------------------------------------------------------------------ decisions */

enum decision { DECISION_MADE, DECISION_PASSED, DECISION_FAILED };

static enum decision rule_ask(struct rule_call *call, const struct rule *rule, const struct rule_bundle *owner,
                              struct rule_result *result)
{
	struct run run = { .result = result };
	if (!rule_when_holds(rule, call->record, call->subject, call->arena))
		return DECISION_PASSED;
	*result = (struct rule_result){ .rule = rule };
	if (run_in_state(call, rule, owner, &run) != RULE_OK)
		return DECISION_FAILED;
	return run.passed ? DECISION_PASSED : DECISION_MADE;
}

static enum decision choice_ask(struct rule_call *call, enum policy policy, struct text choice,
                                struct rule_result *result)
{
	const struct rule_bundle *owner;
	const struct rule *rule = rule_policy_by_choice(call->bundle, policy, choice, &owner);
	if (rule)
		return rule_ask(call, rule, owner, result);
	problem_value(call->problems, PROBLEM_UNKNOWN_POLICY, "", choice, NULL, "there is no %s rule or shipped policy '%.*s'",
	              policy_info(policy)->name, TEXT_ARG(choice));
	return DECISION_FAILED;
}

static enum decision choices_ask(struct rule_call *call, enum policy policy, const struct text *choices, size_t count,
                                 struct rule_result *result)
{
	enum decision decision = DECISION_PASSED;
	for (size_t i = 0; i < count && decision == DECISION_PASSED; i++)
		if (choices[i].length > 0)
			decision = choice_ask(call, policy, choices[i], result);
	return decision;
}

static enum decision bundle_ask(struct rule_call *call, enum policy policy, struct rule_result *result)
{
	enum decision decision = DECISION_PASSED;
	size_t count = call->bundle ? rule_bundle_count(call->bundle) : 0;
	for (size_t i = 0; i < count && decision == DECISION_PASSED; i++) {
		const struct rule *rule = rule_bundle_at(call->bundle, i);
		if (rule->moment == RULE_POLICY && rule->policy == policy)
			decision = rule_ask(call, rule, call->bundle, result);
	}
	return decision;
}

bool rule_decide(struct rule_call *call, enum policy policy, const struct text *choices, size_t choice_count,
                 struct rule_result *result)
{
	const struct policy_info *info = policy_info(policy);
	if (info->input && call->record != info->input)
		BUG("policy %s is asked with a %s", info->name, info->input->name);
	enum decision decision = choices_ask(call, policy, choices, choice_count, result);
	if (decision == DECISION_PASSED)
		decision = bundle_ask(call, policy, result);
	if (decision == DECISION_PASSED && info->default_choice)
		decision = choice_ask(call, policy, text_of(info->default_choice), result);
	if (decision == DECISION_PASSED)
		problem(call->problems, PROBLEM_RULE_FAILED, "", "no %s rule decided", info->name);
	return decision == DECISION_MADE;
}
