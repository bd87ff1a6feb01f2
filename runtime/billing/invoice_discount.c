/* invoice_discount.c: what is taken off a first invoice, as lines of their own. */
#include "invoice_work.h"

static struct text discount_text(struct invoice_work *work, const struct order_discount *discount)
{
	if (text_present(discount->text) && discount->text.length > 0)
		return discount->text;
	struct text percent = decimal_canonical_text(work->command->arena, discount->percent);
	return text_format(work->command->arena, "Discount %.*s %%", TEXT_ARG(percent));
}

/* Not less than nothing and not more than what earlier discounts have left. */
static bool clamp_discount(struct invoice_work *work, struct exact_money *amount)
{
	struct fraction left;
	int order;
	if (fraction_sign(amount->amount) < 0)
		return work_zero(amount->currency, amount);
	if (!fraction_subtract(work->at->discountable.amount, work->at->discounts.amount, &left) ||
	    !fraction_compare(amount->amount, left, &order))
		return work_overflow(work);
	if (order > 0)
		amount->amount = left;
	return true;
}

static bool add_discount(struct invoice_work *work, const struct order_discount *discount)
{
	struct discount_request request = {
		.currency = work->account->currency, .amount = work->at->discountable, .percent = discount->percent,
		.has_percent = true,
	};
	struct rule_result result;
	if (!work_decide(work, POLICY_DISCOUNT, &request, &result) || !clamp_discount(work, &result.exact))
		return false;
	struct fraction minus_one = { -1, 1 };
	struct invoice_line *line =
	        work_add_line(work, INVOICE_LINE_KIND_DISCOUNT, TEXT_NONE, discount_text(work, discount));
	if (!exact_money_multiply(result.exact, minus_one, &line->exact))
		return work_overflow(work);
	struct text_builder out;
	struct json_writer memory, *writer = decision_begin(work, &out, &memory);
	decision_decimal(work, writer, "percent", discount->percent);
	decision_fraction(work, writer, "of", work->at->discountable.amount);
	decision_policy(work, writer, "discount", &result);
	line->decision = decision_end(work, writer);
	struct exact_money value;
	if (!work_round_line(work, line))
		return false;
	return (work_line_value(line, &value) && exact_money_multiply(value, minus_one, &value) &&
	        exact_money_add(work->at->discounts, value, &work->at->discounts)) ||
	       work_overflow(work);
}

bool work_add_discounts(struct invoice_work *work)
{
	if (fraction_sign(work->at->discountable.amount) <= 0)
		return true;
	for (size_t i = 0; i < work->at->basis->discount_count; i++) {
		const struct order_discount *discount = &work->at->basis->discounts[i];
		if (discount->has_percent && decimal_sign(discount->percent) > 0 && !add_discount(work, discount))
			return false;
	}
	return true;
}
