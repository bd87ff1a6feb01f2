/* rule_call.c: one run of one rule: a fresh state, its arguments, its outcome, its result. */
#include "rule_context.h"
#include "rule_declare.h"
#include "rule_library.h"
#include "rule_memory.h"
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
	struct text said;           /* for the trace: a result that is text */
};

/* -------------------------------------------------------------------------------------------- results of policies */

static void result_refuse(lua_State *lua, const struct run *run, const char *needs)
{
	rule_error(lua, "the policy %s returns %s, not %s (%s)", policy_info(run->entry->rule.policy)->name, needs,
	           rule_value_text(lua, -1), rule_type_name(lua, -1));
}

/* NULL when it was asked in none. */
static const struct currency *currency_asked(const struct rule_call *call)
{
	const struct currency *asked = NULL;
	if (call->record && call->record->currency_field >= 0)
		memcpy(&asked, record_field_const_at(&call->record->fields[call->record->currency_field], call->subject),
		       sizeof asked);
	return asked;
}

/* What a policy returns is in the currency that it was asked in. */
static bool currency_fits(const struct rule_call *call, const struct currency *currency)
{
	const struct currency *asked = currency_asked(call);
	return !asked || asked == currency;
}

static void result_currency_check(lua_State *lua, const struct currency *currency)
{
	const struct rule_call *call = rule_state_of(lua)->call;
	if (!currency_fits(call, currency))
		rule_error(lua, "the result is in %s, not in %s", currency->code, currency_asked(call)->code);
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

static void amount_keep(struct run *run, struct exact_money amount)
{
	struct rule_trace *trace = run->state->trace;
	*trace->reads->amount = amount;
	trace->amount = trace->reads->amount;
}

/* The result is on the top of the stack. */
static void result_read(lua_State *lua, struct run *run)
{
	const struct policy_info *info = policy_info(run->entry->rule.policy);
	struct exact_money amount;
	switch (info->result) {
	case POLICY_RESULT_EXACT:
		exact_result(lua, run);
		amount_keep(run, run->result->exact);
		break;
	case POLICY_RESULT_MONEY:
		money_result(lua, run);
		if (exact_money_from_money(run->result->money, &amount))
			amount_keep(run, amount);
		else
			run->said = money_text(run->state->results, run->result->money);
		break;
	case POLICY_RESULT_TEXT:
		text_result(lua, run);
		run->said = run->result->text;
		break;
	case POLICY_RESULT_RECORD:
		record_result(lua, run);
		run->state->trace->result_record = info->result_record;
		run->state->trace->result_value = run->result->record;
		break;
	}
}

static void policy_end(lua_State *lua, struct run *run, int count)
{
	if (count > 1)
		rule_error(lua, "a policy rule returns one value, not %d", count);
	run->passed = count == 0 || lua_isnil(lua, -1);
	if (run->passed)
		run->said = TEXT("nil");
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
		rule_subject_push(lua, call->record, call->subject, "subject", rule_writable_in(lua, call->subject_writable));
	else
		rule_subject_push(lua, call->details_record, call->details, "event", rule_writable_in(lua, call->details_writable));
	return 1;
}

static bool is_straight(const struct rule_state *state, const struct bundle_rule *entry)
{
	const struct rule_image *image = state->image;
	return image && image->file == entry->file && image->straight[entry->ordinal / 64] >> (entry->ordinal % 64) & 1;
}

/* With the least there is it fails at once, and says that it is for want of fuel. */
static int64_t fuel_limit_of(const struct rule_call *call)
{
	int64_t limit = call->fuel_limit > 0 ? call->fuel_limit : RULE_FUEL_DEFAULT;
	int64_t left = call->fuel_of_all - call->fuel_used;
	if (call->fuel_of_all > 0 && left < limit)
		limit = left;
	return limit < 1 ? 1 : limit;
}

/* Fuel is counted from here: what a file does when it is run is not the rule's. */
static void fuel_begin(struct rule_state *state, const struct bundle_rule *entry)
{
	int64_t limit = fuel_limit_of(state->call);
	if (limit < RULE_FUEL_STEP || !is_straight(state, entry)) {
		rule_fuel_start(state, limit);
		return;
	}
	state->fuel_limit = limit;
	state->fuel_used = state->grown_bytes = 0;
}

static int run_undeclared(lua_State *lua)
{
	const struct rule *rule = rule_state_of(lua)->rule;
	return rule_error(lua, "%s:%d: the rule was not declared this time", rule->file, rule->line);
}

/* Pushes `run` and its arguments; returns how many. Nothing here can raise. */
static int run_push(struct rule_state *state, const struct bundle_rule *entry)
{
	lua_State *lua = state->lua;
	fuel_begin(state, entry);
	if (lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_RUNS + entry->ordinal) != LUA_TFUNCTION) {
		lua_pop(lua, 1);
		lua_pushcfunction(lua, run_undeclared);
	}
	int arguments = entry->rule.moment == RULE_TASK ? 0 : subject_push(lua, state->call);
	lua_rawgeti(lua, LUA_REGISTRYINDEX, RULE_SLOT_CONTEXT);
	return arguments + 1;
}

/* What the rule returned, and behind it the run. */
static int end_protected(lua_State *lua)
{
	struct run *run = lua_touserdata(lua, -1);
	lua_pop(lua, 1);
	if (run->entry->rule.moment == RULE_POLICY)
		policy_end(lua, run, lua_gettop(lua));
	else
		hook_end(lua, run, lua_gettop(lua));
	return 0;
}

/* The answer of most policies and hooks, in which there is nothing to refuse: one amount in the currency that it was asked in, or
 * nothing. */
static bool ends_plainly(lua_State *lua, struct run *run, int count)
{
	const struct rule *rule = &run->entry->rule;
	if (!run->result) /* a hook decides nothing */
		return count == 0;
	if (count != 1 || policy_info(rule->policy)->result != POLICY_RESULT_EXACT ||
	    !rule_to_exact(lua, -1, &run->result->exact) || !currency_fits(run->state->call, run->result->exact.currency))
		return false;
	amount_keep(run, run->result->exact);
	return true;
}

static bool rule_call_protected(struct rule_state *state, struct run *run)
{
	lua_State *lua = state->lua;
	lua_pushcfunction(lua, rule_note_error);
	int base = lua_gettop(lua);
	if (lua_pcall(lua, run_push(state, run->entry), LUA_MULTRET, base) != LUA_OK || state->doom)
		return false;
	int count = lua_gettop(lua) - base;
	if (ends_plainly(lua, run, count))
		return true;
	if (!lua_checkstack(lua, LUA_MINSTACK)) { /* as many results as there is memory for */
		state->doom = RULE_DOOM_MEMORY;
		return false;
	}
	lua_pushcfunction(lua, end_protected);
	lua_insert(lua, base + 1);
	lua_pushlightuserdata(lua, run);
	return lua_pcall(lua, count + 1, 0, base) == LUA_OK && !state->doom;
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
	/* A shipped rule fails only where a number does not fit: that is nobody's fault but the number's. */
	bool does_not_fit = state->doom == RULE_ALIVE && state->bundle != state->call->bundle;
	problem(problems, does_not_fit ? PROBLEM_OVERFLOW : PROBLEM_RULE_FAILED, "", "rule '%s' failed", state->rule->name);
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

static enum rule_outcome run_in_state(struct rule_call *call, const struct rule *rule, const struct rule_bundle *owner,
                                      struct run *run)
{
	struct rule_effect *last_effect = call->last_effect;
	size_t effect_count = call->effect_count;
	struct rule_trace *trace = rule_trace_begin(call, rule, owner);
	struct rule_state state = {
		.bundle = owner, .results = call->arena, .problems = call->problems, .call = call, .trace = trace,
		.reads = trace->reads, .rule = rule, .moment = rule->moment,
	};
	size_t memory_bytes = call->memory_limit_bytes ? call->memory_limit_bytes : RULE_MEMORY_BYTES_DEFAULT;
	run->state = &state;
	run->entry = bundle_rule_of(rule);
	enum rule_beginning beginning = rule_state_begin_file(&state, memory_bytes, run->entry->file);
	if (beginning == RULE_BEGINNING_NONE) {
		problem(call->problems, PROBLEM_OUT_OF_MEMORY, "", "there was no memory to run rule '%s'", rule->name);
		run->state = NULL;
		return RULE_FAILED;
	}
	enum rule_outcome outcome = RULE_OK;
	if (beginning == RULE_BEGINNING_READY && rule_call_protected(&state, run)) {
		rule_trace_end(&state, TRACE_OK, run->said);
		if (run->result)
			run->result->trace = trace;
	} else {
		outcome = failure_end(&state);
		effects_cut(call, last_effect, effect_count);
	}
	call->fuel_used += rule_fuel_of_command(&state);
	rule_state_end(&state);
	run->state = NULL;
	return outcome;
}

enum rule_outcome rule_run(struct rule_call *call, const struct rule *rule)
{
	struct run run = { .said = TEXT_NONE };
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
	const struct bundle_rule *entry = call->bundle ? call->bundle->policies[policy] : NULL;
	for (; entry && decision == DECISION_PASSED; entry = entry->next_of_policy)
		decision = rule_ask(call, &entry->rule, call->bundle, result);
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
	if (decision == DECISION_PASSED && text_present(call->last_choice))
		decision = choice_ask(call, policy, call->last_choice, result);
	if (decision == DECISION_PASSED && info->default_choice)
		decision = choice_ask(call, policy, text_of(info->default_choice), result);
	if (decision == DECISION_PASSED)
		problem(call->problems, PROBLEM_RULE_FAILED, "", "no %s rule decided", info->name);
	return decision == DECISION_MADE;
}
