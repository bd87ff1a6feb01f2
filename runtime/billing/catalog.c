/* catalog.c: plans and their charges: made, found, listed. */
#include "catalog.h"

#include "catalog_check.h"
#include "code_list.h"

#include <assert.h>

/* ---- found ---- */

bool plan_find(struct command *command, int64_t id, struct plan **plan)
{
	return store_find(command->store, &plan_record, id, (void **)plan);
}

bool plan_by_code(struct command *command, struct text code, struct plan **plan)
{
	return store_one(command->store, STATEMENT_PLAN_BY_CODE, BINDS(bind_text(code)), &plan_record, (void **)plan);
}

struct plan *plan_need(struct command *command, struct text code, const char *pointer)
{
	struct plan *plan;
	if (!plan_by_code(command, code, &plan) || plan)
		return store_failed(command->store) ? NULL : plan;
	struct code_list list = { .arena = command->arena };
	if (!store_each(command->store, STATEMENT_PLAN_CODES, NO_BINDS, code_list_row, &list))
		return NULL;
	problem_value(command->problems, PROBLEM_UNKNOWN_PLAN, pointer, code, NULL, "there is no plan '%.*s'%s",
	              TEXT_ARG(code), code_list_nearest(&list, code));
	return NULL;
}

bool plan_page(struct command *command, struct page_query page, struct plan_list *plans)
{
	return store_all(command->store, STATEMENT_PLAN_PAGE,
	                 BINDS(bind_integer(page.after_id), bind_integer(page_limit(page))), &plan_record, LIST(plans));
}

/* ---- inside a plan ---- */

const struct charge *plan_charge(const struct plan *plan, struct text price_code)
{
	for (size_t i = 0; i < plan->charges.count; i++)
		if (text_equals(plan->charges.items[i].price_code, price_code))
			return &plan->charges.items[i];
	return NULL;
}

struct charge_names {
	const struct plan *plan;
	struct arena *arena;
};

static const char *charge_candidate(const void *context, size_t i)
{
	const struct charge_names *names = context;
	return i < names->plan->charges.count ? text_c(names->arena, names->plan->charges.items[i].price_code) : NULL;
}

const struct charge *plan_charge_need(const struct plan *plan, struct text price_code, const char *pointer,
                                      struct arena *arena, struct problems *problems)
{
	const struct charge *charge = plan_charge(plan, price_code);
	if (charge)
		return charge;
	struct charge_names names = { plan, arena };
	problem_value(problems, PROBLEM_UNKNOWN_CHARGE, pointer, price_code, NULL, "plan '%.*s' has no charge '%.*s'%s",
	              TEXT_ARG(plan->code), TEXT_ARG(price_code),
	              text_did_you_mean(arena, price_code, charge_candidate, &names));
	return NULL;
}

bool charge_has_target(const struct charge *percentage, const struct charge *charge)
{
	if (charge->kind == CHARGE_KIND_PERCENT)
		return false;
	for (size_t i = 0; i < percentage->targets.count; i++)
		if (text_equals(percentage->targets.items[i].price_code, charge->price_code))
			return true;
	return percentage->targets.count == 0;
}

struct text plan_policy(const struct plan *plan, const char *policy)
{
	for (size_t i = 0; i < plan->policies.count; i++)
		if (text_is(plan->policies.items[i].policy, policy))
			return plan->policies.items[i].rule;
	return TEXT_NONE;
}

/* ---- made ---- */

static void plan_fill(struct command *command, struct plan *plan, const struct plan_create *input, struct text bundle)
{
	plan->code = input->code;
	plan->name = text_present(input->name) ? input->name : input->code;
	plan->currency = input->currency ? input->currency : command->tenant->currency;
	plan->billing_period = input->billing_period ? (enum plan_billing_period)input->billing_period
	                                             : PLAN_BILLING_PERIOD_MONTHLY;
	*LIST(&plan->charges) = *(const struct record_list *)(const void *)&input->charges;
	*LIST(&plan->policies) = *(const struct record_list *)(const void *)&input->policies;
	plan->active = !input->has_active || input->active;
	plan->provisioning = (enum plan_provisioning)input->provisioning;
	plan->renewing = (enum plan_renewing)input->renewing;
	plan->terms = input->terms;
	plan->bundle = bundle;
	plan->updated_at = command->now;
}

bool plan_put(struct command *command, const struct plan_create *input, struct text bundle, struct plan **made)
{
	struct plan *plan;
	if (!plan_by_code(command, input->code, &plan))
		return false;
	const struct currency *currency = input->currency ? input->currency : command->tenant->currency;
	if (plan && plan->currency != currency)
		return problem(command->problems, PROBLEM_CURRENCY_MISMATCH, "/currency",
		               "plan '%.*s' is in %s; a plan cannot change its currency", TEXT_ARG(plan->code),
		               plan->currency->code);
	*made = plan;
	if (plan) {
		plan_fill(command, plan, input, bundle);
		return store_update(command->store, &plan_record, plan);
	}
	*made = plan = arena_new(command->arena, struct plan);
	plan->id = store_new_id(command->store, "plan");
	plan->uuid = uuid_time_ordered();
	plan->created_at = command->now;
	plan_fill(command, plan, input, bundle);
	return store_insert(command->store, &plan_record, plan);
}

static bool policies_check(struct command *command, const struct plan_create *input)
{
	bool good = true;
	for (size_t i = 0; i < input->policies.count; i++) {
		const struct policy_choice *choice = &input->policies.items[i];
		const struct rule_bundle *owner;
		if (rule_policy_by_choice(command->bundle, policy_find(choice->policy), choice->rule, &owner))
			continue;
		good = problem_value(command->problems, PROBLEM_UNKNOWN_POLICY,
		                     text_format(command->arena, "/policies/%zu/rule", i).data, choice->rule,
		                     "Name a rule of the bundle, or a shipped file as \"proration/inclusive_days\".",
		                     "there is no %.*s rule '%.*s'", TEXT_ARG(choice->policy), TEXT_ARG(choice->rule));
	}
	return good;
}

static bool plan_create_perform(struct command *command, const void *data, void **output)
{
	const struct plan_create *input = data;
	struct plan *plan;
	if (!catalog_check(input, "", command->arena, command->problems) || !policies_check(command, input) ||
	    !plan_by_code(command, input->code, &plan))
		return false;
	if (plan)
		return problem_value(command->problems, PROBLEM_DUPLICATE, "/code", input->code, NULL,
		                     "there is a plan '%.*s' already", TEXT_ARG(input->code));
	if (!plan_put(command, input, TEXT_NONE, &plan))
		return false;
	assert(plan);
	command_object(command, "plan", plan->id, 0);
	*output = plan;
	return true;
}

const struct command_type catalog_commands[] = {
	{ .name = "plan.create", .scope = "write", .input = &plan_create_record, .output = &plan_record,
	  .perform = plan_create_perform, .doc = "Makes a plan with its charges." },
	{ .name = NULL },
};
