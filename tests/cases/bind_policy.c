/* bind_policy.c: asks a shipped policy, as the core does, for cases about a rule alone. */
#include "bind.h"

#include "rule/rule.h"
#include "value/catalogue.h"

static int push_result(lua_State *L, struct arena *arena, const struct policy_info *info, const struct rule_result *result)
{
	switch (info->result) {
	case POLICY_RESULT_EXACT:
		case_push_text(L, fraction_text(arena, result->exact.amount));
		return 1;
	case POLICY_RESULT_MONEY:
		case_push_text(L, money_amount_text(arena, result->money));
		return 1;
	case POLICY_RESULT_TEXT:
		case_push_text(L, result->text);
		return 1;
	case POLICY_RESULT_RECORD: {
		struct problems problems;
		problems_init(&problems, arena);
		case_push_json(L, json_parse(json_record_text(arena, info->result_record, result->record), arena, &problems));
		return 1;
	}
	}
	return 0;
}

static bool ask(struct arena *arena, struct problems *problems, enum policy policy, struct text choice, void *subject,
                struct text settings, struct rule_result *result)
{
	struct rule_call call = {
		.bundle = rule_bundle_shipped(), .arena = arena, .problems = problems, .settings = settings,
		.record = policy_info(policy)->input, .subject = subject,
	};
	date_make(2026, 1, 1, &call.today);
	call.now = timezone_start_of_date(timezone_utc(), call.today);
	return rule_decide(&call, policy, &choice, 1, result);
}

void case_decide(lua_State *L, struct arena *arena, enum policy policy, struct text choice, void *input,
                 struct rule_result *result)
{
	struct problems problems;
	problems_init(&problems, arena);
	if (ask(arena, &problems, policy, choice, input, TEXT_NONE, result) && text_is(choice, result->rule->name))
		return;
	luaL_error(L, "policy %s: %s", policy_info(policy)->name,
	           problems.first ? problems.first->message : "another rule decided");
}

/* policy(kind, choice, input as JSON, settings as JSON or nil) -> result | nil, message
 * Exact results are fractions, records tables. */
static int policy_ask(lua_State *L)
{
	struct text kind = case_text(L, 1), choice = case_text(L, 2), input = case_text(L, 3);
	struct text settings = case_text_or_none(L, 4);
	enum policy policy = policy_find(kind);
	if (policy == POLICY_NONE || !policy_info(policy)->input)
		return luaL_error(L, "'%s' is not a policy that the core asks", lua_tostring(L, 1));
	const struct policy_info *info = policy_info(policy);

	struct arena *arena = case_arena(L);
	struct problems problems;
	problems_init(&problems, arena);
	const struct json *json = json_parse(input, arena, &problems);
	void *subject = arena_alloc(arena, info->input->size);
	if (!json || !json_decode(json, info->input, subject, "", arena, &problems))
		return case_refuse_problems(L, &problems);

	struct rule_result result = { .rule = NULL };
	if (!ask(arena, &problems, policy, choice, subject, settings, &result))
		return case_refuse_problems(L, &problems);
	if (!text_is(choice, result.rule->name))
		return case_refuse(L, "'%s' did not decide, '%s' did", lua_tostring(L, 2), result.rule->name);
	return push_result(L, arena, info, &result);
}

int bind_policy_open(lua_State *L)
{
	lua_pushcfunction(L, policy_ask);
	return 1;
}
