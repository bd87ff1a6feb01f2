/* invoice_percentage.c: the lines of percentage charges, taken of other lines less their discounts. */
#include "invoice_work.h"

#include "catalog.h"

/* The share of the basis' discounts that falls on `of`, a part of the discountable sum. */
static bool take_discounts_off(struct invoice_work *work, struct exact_money of, struct exact_money *amount)
{
	struct fraction share;
	struct exact_money off;
	struct fraction minus_one = { -1, 1 };
	if (fraction_sign(work->at->discounts.amount) == 0 || fraction_sign(of.amount) == 0)
		return true;
	return (fraction_divide(of.amount, work->at->discountable.amount, &share) &&
	        exact_money_multiply(work->at->discounts, share, &off) && exact_money_multiply(off, minus_one, &off) &&
	        exact_money_add(*amount, off, amount)) ||
	       work_overflow(work);
}

static bool is_target(const struct invoice_work *work, const struct charge *percentage, const struct invoice_line *line)
{
	const struct charge *charge = text_present(line->price_code) ? plan_charge(work->at->basis->plan, line->price_code) : NULL;
	return charge && charge->kind != CHARGE_KIND_PERCENT && charge_has_target(percentage, charge);
}

static bool take_coupons_off(struct invoice_work *work, const struct charge *percentage, struct exact_money *amount)
{
	for (size_t i = work->first_coupon; i < work->end_coupon; i++) {
		const struct invoice_line *coupon = &work->out->lines.items[i];
		size_t on = (size_t)coupon->linked_position - 1;
		if (on >= work->at->first_line && on < work->at->end_line &&
		    is_target(work, percentage, &work->out->lines.items[on]) && !work_add_value(work, coupon, amount))
			return false;
	}
	return true;
}

/* What the percentage is taken of, and its days; *found = false when none of its targets is on this invoice. */
static bool percentage_base(struct invoice_work *work, const struct charge *percentage, struct exact_money *amount,
                            struct period *period, bool *found)
{
	struct exact_money discountable;
	*found = false;
	*period = (struct period){ DATE_NONE, DATE_NONE };
	if (!work_zero(work->account->currency, amount) || !work_zero(work->account->currency, &discountable))
		return work_overflow(work);
	for (size_t i = work->at->first_line; i < work->at->end_line; i++) {
		const struct invoice_line *line = &work->out->lines.items[i];
		if (!is_target(work, percentage, line))
			continue;
		*found = true;
		period->start = date_min(period->start, line->period_start);
		period->end = date_max(period->end, line->period_end);
		if (!work_add_value(work, line, amount) ||
		    (line_is_discountable(line) && !work_add_value(work, line, &discountable)))
			return false;
	}
	return take_discounts_off(work, discountable, amount) && take_coupons_off(work, percentage, amount);
}

static bool ask_tax(struct invoice_work *work, const struct charge *percentage, struct exact_money base,
                    struct rule_result *result)
{
	const struct address *address = work->account->address;
	struct tax_request request = {
		.currency = work->account->currency,
		.amount = base,
		.percent = percentage->percent,
		.plan = work->at->basis->plan->code,
		.price_code = percentage->price_code,
		.country_code = address ? address->country_code : TEXT_NONE,
		.state = address ? address->state : TEXT_NONE,
	};
	return work_decide(work, POLICY_TAX, &request, result);
}

static bool is_first_of_code(const struct invoice_work *work, size_t i)
{
	for (size_t j = work->at->first_line; j < i; j++)
		if (text_equals(work->out->lines.items[j].price_code, work->out->lines.items[i].price_code))
			return false;
	return true;
}

/* The charges whose lines it lies on: what is taken back of these later takes its part of it. */
static void decision_targets(struct invoice_work *work, struct json_writer *writer, const struct charge *percentage)
{
	json_name(writer, "targets");
	json_begin_array(writer);
	for (size_t i = work->at->first_line; i < work->at->end_line; i++)
		if (is_target(work, percentage, &work->out->lines.items[i]) && is_first_of_code(work, i))
			json_string(writer, work->out->lines.items[i].price_code);
	json_end_array(writer);
}

static bool add_percentage(struct invoice_work *work, const struct charge *percentage)
{
	struct exact_money base;
	struct rule_result result;
	struct period period;
	bool found;
	if (!percentage_base(work, percentage, &base, &period, &found))
		return false;
	if (!found)
		return true;
	if (!ask_tax(work, percentage, base, &result))
		return false;
	bool tax = percentage->has_tax && percentage->tax;
	struct invoice_line *line =
	        work_add_line(work, tax ? INVOICE_LINE_KIND_TAX : INVOICE_LINE_KIND_PERCENT, percentage->price_code,
	                      text_present(percentage->name) ? percentage->name : percentage->price_code);
	line->exact = result.exact;
	struct text_builder out;
	struct json_writer memory, *writer = decision_begin(work, &out, &memory);
	decision_decimal(work, writer, "percent", percentage->percent);
	decision_fraction(work, writer, "of", base.amount);
	decision_targets(work, writer, percentage);
	decision_policy(work, writer, "tax", &result);
	line->decision = decision_end(work, writer);
	const struct billing_part *parts = work->at->basis->parts;
	bool dated = date_present(period.start); /* one-time charges have no days */
	line->period_start = dated ? period.start : parts[0].service.start;
	line->period_end = dated ? period.end : parts[work->at->basis->part_count - 1].service.end;
	return invoice_rounding_place(&work->rounding, line->kind) != ROUNDING_DECISION_PLACE_LINE ||
	       work_round_line(work, line);
}

bool work_add_percentages(struct invoice_work *work)
{
	const struct invoice_basis *basis = work->at->basis;
	for (size_t i = 0; i < basis->charge_count; i++) {
		const struct charge *charge = plan_charge(basis->plan, basis->charges[i].price_code);
		if (charge && charge->kind == CHARGE_KIND_PERCENT && !add_percentage(work, charge))
			return false;
	}
	return true;
}
