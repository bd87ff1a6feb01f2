/* invoice_charge.c: the lines of one-time and recurring charges. */
#include "invoice_work.h"

#include "billable.h"
#include "catalog.h"
#include "charge_amount.h"
#include "proration.h"

static bool prorate(struct invoice_work *work, const struct charge *charge, const struct billing_part *part,
                    struct exact_money whole, struct rule_result *result)
{
	struct proration_change change = proration_change_of(whole, billing_part_reason(part), part->cycle, part->service);
	change.plan = work->at->basis->plan->code;
	change.price_code = charge->price_code;
	proration_change_zone(&change, command_zone(work->command, work->account));
	return work_decide(work, POLICY_PRORATION, &change, result);
}

/* `part` NULL: a one-time charge. */
static bool add_charge_line(struct invoice_work *work, const struct charge *charge, struct decimal quantity,
                            const struct billing_part *part)
{
	struct exact_money whole;
	if (!charge_amount(charge, quantity, work->at->basis->tier_mode, work->account->currency, &whole) || !billable_exact(whole))
		return work_overflow(work);
	enum invoice_line_kind kind = part ? INVOICE_LINE_KIND_RECURRING : INVOICE_LINE_KIND_ONE_TIME;
	struct invoice_line *line = work_add_line(work, kind, charge->price_code,
	                                          text_present(charge->name) ? charge->name : charge->price_code);
	line->quantity = quantity;
	line->has_unit_price = charge->has_amount;
	line->unit_price = charge->amount;
	line->exact = whole;
	struct text_builder out;
	struct json_writer memory, *writer = decision_begin(work, &out, &memory);
	decision_price(work, writer, charge, quantity, whole);
	if (part) {
		line->period_start = part->service.start;
		line->period_end = part->service.end;
		decision_period(work, writer, "cycle", part->cycle);
		decision_period(work, writer, "served", part->service);
	}
	if (part && charge->has_prorated && charge->prorated && !billing_part_is_whole(part)) {
		struct rule_result result;
		if (!prorate(work, charge, part, whole, &result))
			return false;
		line->exact = result.exact;
		decision_policy(work, writer, "proration", &result);
	}
	line->decision = decision_end(work, writer);
	return work_round_line(work, line) && work_add_value(work, line, &work->at->discountable);
}

static bool add_charge_lines(struct invoice_work *work, const struct charge *charge,
                             const struct subscription_charge *in_force)
{
	const struct invoice_basis *basis = work->at->basis;
	if (charge->kind == CHARGE_KIND_ONE_TIME)
		return (in_force->has_billed_once && in_force->billed_once) ||
		       add_charge_line(work, charge, in_force->quantity, NULL);
	if (charge->kind != CHARGE_KIND_RECURRING)
		return true;
	for (size_t i = 0; i < basis->part_count; i++)
		if (!add_charge_line(work, charge, in_force->quantity, &basis->parts[i]))
			return false;
	return true;
}

bool work_add_charges(struct invoice_work *work)
{
	const struct invoice_basis *basis = work->at->basis;
	for (size_t i = 0; i < basis->charge_count; i++) {
		const struct charge *charge = plan_charge(basis->plan, basis->charges[i].price_code);
		/* A charge that a later catalog took away is billed no more. */
		if (charge && charge->kind != CHARGE_KIND_PERCENT &&
		    !add_charge_lines(work, charge, &basis->charges[i]))
			return false;
	}
	return true;
}
