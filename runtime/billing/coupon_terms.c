/* coupon_terms.c: whom discounts ask, and how they become cents: as the charge that they lie on. */
#include "catalog_plan.h"
#include "convention_choice.h"
#include "coupon_work.h"

/* ------------------------------------------------------------------------------------------------ how much */

static bool ask_directly(struct coupon_work *work, const struct coupon_charge *charge,
                         const struct discount_request *request, struct rule_result *result)
{
	const struct invoice_line *line = &work->calculation->lines.items[charge->line];
	struct catalog_plan *plan = NULL;
	struct convention_choice counts;
	struct policy_choices choices;
	if (!catalog_plan_find(work->command, line->catalog_plan_id, &plan) ||
	    !convention_of_line(work->command, work->account, line, &counts))
		return false;
	convention_policies(work->command, plan ? plan->policies.items : NULL, plan ? plan->policies.count : 0, counts, &choices);
	return policy_decide_among(work->command, POLICY_DISCOUNT, request, &choices, true, result);
}

bool coupon_decide(struct coupon_work *work, const struct coupon_charge *charge, const struct discount_request *request,
                   struct exact_money *taken, struct text *said)
{
	struct rule_result result;
	const struct plan *plan = charge->plan;
	if (!(plan ? policy_decide(work->command, POLICY_DISCOUNT, request, plan->policies.items, plan->policies.count, true, &result)
	           : ask_directly(work, charge, request, &result)))
		return false;
	if (result.exact.currency != work->account->currency)
		return problem(work->command->problems, PROBLEM_CURRENCY_MISMATCH, "", "policy discount must answer in %s",
		               work->account->currency->code);
	*said = policy_decision_text(work->command, &result);
	*taken = result.exact;
	return true;
}

/* ------------------------------------------------------------------------------------------------ cents */

static bool round_directly(struct coupon_work *work, struct invoice_line *line)
{
	struct billing_item item = { .catalog_plan_id = line->catalog_plan_id, .plan = line->plan, .exact = line->exact,
		                     .start = line->period_start };
	struct billing_event event = { .catalog_plan_id = line->catalog_plan_id, .date = line->period_start };
	struct billing_event_list events = { &event, 1, 1 };
	const struct billing_event_list *before = work->amount->events;
	if (!convention_of_line(work->command, work->account, line, &event.counts))
		return false;
	work->amount->events = &events;
	bool rounded = item_amount_round(work->amount, &item);
	work->amount->events = before;
	work->rounding = work->amount->rounding;
	work->rounding_decision = work->amount->rounding_decision;
	line->amount = item.amount;
	return rounded;
}

bool coupon_round(struct coupon_work *work, struct invoice_line *line)
{
	if (work->amount)
		return round_directly(work, line);
	work->rounding = work->orders->rounding;
	work->rounding_decision = work->orders->rounding_decision;
	return invoice_round_exact(&work->rounding, line->exact, &line->amount) || coupon_overflow(work);
}
