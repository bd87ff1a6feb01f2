/* item_amount.c: the amounts of proposed items and repairs by the policies in force. */
#include "item_amount.h"

#include "catalog_plan.h"
#include "convention.h"
#include "invoice_calculate.h"
#include "item_change.h"
#include "proration.h"

#include "value/catalogue.h"

struct item_amount item_amount_of(struct command *command, const struct account *account)
{
	return (struct item_amount){
		.command = command,
		.account = account,
		.fixed_days = (int)command_setting_integer(command, "billing.fixed_days_in_month", 0),
	};
}

static bool too_large(const struct item_amount *amount, struct text plan)
{
	return problem(amount->command->problems, PROBLEM_OVERFLOW, "",
	               "an amount of plan %.*s is too large, or too fine, to be exact", TEXT_ARG(plan));
}

/* Whom to ask for the plan: its own choices, its convention's, the tenant's. Kept: neighbours are of one plan. */
static bool choices_of(struct item_amount *amount, int64_t catalog_plan_id)
{
	struct catalog_plan *plan = NULL;
	if (amount->catalog_plan_id == catalog_plan_id && catalog_plan_id)
		return true;
	if (catalog_plan_id && !catalog_plan_find(amount->command, catalog_plan_id, &plan))
		return false;
	struct text name = plan ? plan->convention : TEXT_NONE;
	const struct convention *convention;
	if (!convention_need(amount->command, name, &convention))
		return false;
	amount->catalog_plan_id = catalog_plan_id;
	amount->plan = plan;
	amount->tells_seconds = convention->unit == CONVENTION_UNIT_SECOND;
	return convention_choices(amount->command, plan ? plan->policies.items : NULL, plan ? plan->policies.count : 0, name,
	                          &amount->choices);
}

bool item_amount_plan(struct item_amount *amount, int64_t catalog_plan_id, const struct catalog_plan **plan)
{
	bool found = choices_of(amount, catalog_plan_id);
	*plan = found ? amount->plan : NULL;
	return found;
}

static bool ask(struct item_amount *amount, enum policy policy, int64_t catalog_plan_id, const void *input,
                struct rule_result *result)
{
	return choices_of(amount, catalog_plan_id) &&
	       policy_decide_among(amount->command, policy, input, &amount->choices, true, result);
}

/* ------------------------------------------------------------------------------------------------ proration */

static bool portion(struct item_amount *amount, struct proration_change *change, struct billing_item *item)
{
	struct rule_result result;
	if (!choices_of(amount, item->catalog_plan_id))
		return false;
	if (amount->tells_seconds)
		proration_change_zone(change, command_zone(amount->command, amount->account));
	if (!ask(amount, POLICY_PRORATION, item->catalog_plan_id, change, &result))
		return false;
	if (result.exact.currency != amount->account->currency)
		return problem(amount->command->problems, PROBLEM_CURRENCY_MISMATCH, "", "policy %s must answer in %s",
		               policy_info(POLICY_PRORATION)->name, amount->account->currency->code);
	item->exact = result.exact;
	item->decision = policy_decision_text(amount->command, &result);
	return true;
}

static bool prorate(void *context, const struct billing_event *event, struct billing_item *item)
{
	struct item_amount *amount = context;
	struct proration_change change;
	(void)event;
	return (item_change_of_part(item, amount->fixed_days, amount->account->currency, &change) ||
	        too_large(amount, item->plan)) &&
	       portion(amount, &change, item);
}

static bool repair(void *context, const struct billing_item *original, struct billing_item *item)
{
	struct item_amount *amount = context;
	struct proration_change change;
	if (!item_change_of_repair(original, item, amount->fixed_days, &change))
		return too_large(amount, item->plan);
	if (!portion(amount, &change, item))
		return false;
	item->exact.amount.numerator = -item->exact.amount.numerator;
	return true;
}

/* ------------------------------------------------------------------------------------------------ rounding */

static bool decide_rounding(struct item_amount *amount, int64_t catalog_plan_id)
{
	struct rounding_request request = { .currency = amount->account->currency, .account_id = amount->account->id };
	struct rule_result result;
	if (amount->asked_rounding)
		return true;
	if (!ask(amount, POLICY_ROUNDING, catalog_plan_id, &request, &result))
		return false;
	amount->rounding = *(const struct rounding_decision *)result.record;
	amount->rounding_decision = policy_decision_text(amount->command, &result);
	amount->asked_rounding = true;
	return true;
}

bool item_amount_round(struct item_amount *amount, struct billing_item *item)
{
	return decide_rounding(amount, item->catalog_plan_id) &&
	       (invoice_round_exact(&amount->rounding, item->exact, &item->amount) || too_large(amount, item->plan));
}

static bool round_item(void *context, struct billing_item *item)
{
	return item_amount_round(context, item);
}

struct billing_hooks item_amount_hooks(struct item_amount *amount)
{
	return (struct billing_hooks){ amount, prorate, repair, round_item };
}

struct text item_amount_rounding(struct item_amount *amount)
{
	if (!amount->asked_rounding)
		return TEXT_NONE;
	return invoice_rounding_text(amount->command->arena, &amount->rounding);
}
