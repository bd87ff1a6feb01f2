/* coupon_take.c: what one redemption takes off the charges of one day and billing period. */
#include "coupon_work.h"

#include "value/json.h"
#include "value/record.h"

bool coupon_overflow(struct coupon_work *work)
{
	if (work->use)
		return problem_value(work->command->problems, PROBLEM_OVERFLOW, "/coupon", work->use->coupon->code,
		                     "Let the policy discount answer with fewer decimals, or remove the redemption.",
		                     "what coupon '%.*s' takes off account %lld is too large, or too fine, to be exact",
		                     TEXT_ARG(work->use->coupon->code), (long long)work->account->id);
	return problem(work->command->problems, PROBLEM_OVERFLOW, "", "a discount of account %lld is too large, or too fine, to be exact",
	               (long long)work->account->id);
}

struct invoice_line *coupon_add_line(struct coupon_work *work, size_t on, int64_t redemption_id, struct period days)
{
	struct invoice_line *line = list_add(work->command->arena, &work->calculation->lines, struct invoice_line);
	const struct invoice_line *charge = &work->calculation->lines.items[on];
	*line = (struct invoice_line){
		.account_id = work->account->id,
		.position = (int64_t)work->calculation->lines.count,
		.kind = INVOICE_LINE_KIND_DISCOUNT,
		.plan = charge->plan,
		.phase = charge->phase,
		.subscription_id = charge->subscription_id,
		.order_id = charge->order_id,
		.catalog_plan_id = charge->catalog_plan_id,
		.convention = charge->convention,
		.convention_by = charge->convention_by,
		.quantity = decimal_from_int64(1),
		.currency = work->account->currency,
		.has_linked_position = true,
		.linked_position = charge->position,
		.period_start = charge->period_start,
		.period_end = charge->period_end,
		.coupon_redemption_id = redemption_id,
		.coupon_period_start = days.start,
		.coupon_period_end = days.end,
	};
	return line;
}

/* ------------------------------------------------------------------------------------------------ how much */

static bool decide(struct coupon_discount *discount, struct exact_money *taken)
{
	struct coupon_work *work = discount->work;
	const struct coupon *coupon = discount->use->coupon;
	struct discount_request request = {
		.currency = work->account->currency, .amount = discount->of, .coupon = coupon->code,
		.has_percent = coupon->has_percent, .percent = coupon->percent,
	};
	size_t i = 0;
	while (!discount->shares[i].eligible)
		i++;
	if (!coupon->has_percent && !exact_money_from_money(discount->off, &request.off))
		return coupon_overflow(work);
	return coupon_decide(work, &discount->charges[i], &request, taken, &discount->said);
}

/* Not less than nothing and not more than what is left. */
static bool clamp(const struct coupon_discount *discount, struct exact_money *taken)
{
	int order;
	if (fraction_sign(taken->amount) < 0)
		return exact_money_from_money(money_zero(taken->currency), taken);
	if (!fraction_compare(taken->amount, discount->of.amount, &order))
		return false;
	if (order > 0)
		*taken = discount->of;
	return true;
}

static struct text description_of(struct arena *arena, const struct coupon *coupon)
{
	struct text name = text_present(coupon->name) ? coupon->name : coupon->code;
	if (!coupon->has_percent)
		return name;
	struct text percent = decimal_canonical_text(arena, coupon->percent);
	return text_format(arena, "%.*s %.*s %%", TEXT_ARG(name), TEXT_ARG(percent));
}

static void write_amount(struct json_writer *writer, const char *name, struct text amount)
{
	json_name(writer, name);
	json_string(writer, amount);
}

/* "of": what is left of all that is discounted together; "left": of this line, where there are more. */
static struct text decision_of(const struct coupon_discount *discount, struct exact_money left, bool together)
{
	struct arena *arena = discount->work->command->arena;
	const struct coupon *coupon = discount->use->coupon;
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	write_amount(&writer, "coupon", coupon->code);
	if (coupon->has_percent)
		write_amount(&writer, "percent", decimal_canonical_text(arena, coupon->percent));
	else
		write_amount(&writer, "off", money_amount_text(arena, discount->off));
	write_amount(&writer, "of", fraction_text(arena, discount->of.amount));
	write_amount(&writer, "left", fraction_text(arena, left.amount));
	if (together)
		write_amount(&writer, "together", text_format(arena, "redemption %lld, period %.*s, due %.*s",
		                                              (long long)discount->use->redemption->id,
		                                              TEXT_ARG(date_text(arena, discount->period->days.start)),
		                                              TEXT_ARG(date_text(arena, discount->due))));
	json_name(&writer, "discount");
	json_raw(&writer, discount->said);
	json_name(&writer, "rounding");
	json_raw(&writer, discount->work->rounding_decision);
	json_end_object(&writer);
	return builder_text(&out);
}

/* ------------------------------------------------------------------------------------------------ cents */

/* Of the lines from number `first` on: by largest remainder; each by itself where the policy takes larger steps. */
static bool round_lines(struct coupon_work *work, size_t first, bool together)
{
	struct invoice_line_list *lines = &work->calculation->lines;
	struct invoice_line **group = arena_new_many(work->command->arena, struct invoice_line *, lines->count - first + 1);
	for (size_t i = first; i < lines->count; i++) {
		group[i - first] = &lines->items[i];
		if (!coupon_round(work, &lines->items[i]))
			return false;
	}
	return !together ||
	       invoice_round_together(work->command->arena, group, lines->count - first,
	                              invoice_rounding_mode(&work->rounding)) ||
	       coupon_overflow(work);
}

/* A line for each share, with what it takes of it. `lefts`: what was left of the shares before. */
static bool add_lines(struct coupon_discount *discount, const struct exact_money *lefts)
{
	struct coupon_work *work = discount->work;
	size_t first = work->calculation->lines.count;
	const struct fraction minus_one = { -1, 1 };
	for (size_t i = 0; i < discount->count; i++) {
		struct exact_money taken, *exact;
		if (!discount->shares[i].eligible || fraction_sign(lefts[i].amount) <= 0)
			continue;
		struct invoice_line *line = coupon_add_line(work, discount->charges[i].line, discount->use->redemption->id,
		                                            discount->period->days);
		line->period_start = discount->charges[i].days.start;
		line->period_end = discount->charges[i].days.end;
		exact = &line->exact;
		taken.currency = exact->currency = lefts[i].currency;
		if (!fraction_subtract(lefts[i].amount, discount->shares[i].left.amount, &taken.amount) ||
		    !exact_money_multiply(taken, minus_one, exact))
			return coupon_overflow(work);
		line->description = description_of(work->command->arena, discount->use->coupon);
	}
	bool together = work->calculation->lines.count - first > 1 && !work->rounding.has_step;
	if (!round_lines(work, first, together))
		return false;
	size_t next = first;
	for (size_t i = 0; i < discount->count; i++)
		if (discount->shares[i].eligible && fraction_sign(lefts[i].amount) > 0)
			work->calculation->lines.items[next++].decision = decision_of(discount, lefts[i], together);
	return true;
}

/* From here on the shares are what the lines made of them; a line of nothing alone is none. */
static bool settle_shares(struct coupon_discount *discount, size_t first, const struct exact_money *lefts)
{
	struct coupon_work *work = discount->work;
	struct invoice_line_list *lines = &work->calculation->lines;
	size_t next = first;
	for (size_t i = 0; i < discount->count; i++) {
		struct exact_money amount;
		if (!discount->shares[i].eligible || fraction_sign(lefts[i].amount) <= 0)
			continue;
		const struct invoice_line *line = &lines->items[next++];
		if (!exact_money_from_money(line->amount, &amount) ||
		    !exact_money_add(lefts[i], amount, &discount->shares[i].left) ||
		    !money_subtract(discount->period->taken, line->amount, &discount->period->taken))
			return coupon_overflow(work);
	}
	if (lines->count - first == 1 && money_is_zero(lines->items[first].amount))
		lines->count = first;
	return true;
}

/* ------------------------------------------------------------------------------------------------ all of it */

static bool left_of_amount(struct coupon_discount *discount)
{
	struct money zero = money_zero(discount->work->account->currency);
	if (discount->use->coupon->has_percent)
		return true;
	if (!money_subtract(discount->use->off, discount->period->taken, &discount->off))
		return coupon_overflow(discount->work);
	if (discount->off.minor < 0)
		discount->off = zero;
	return true;
}

bool coupon_take(struct coupon_discount *discount)
{
	struct coupon_work *work = discount->work;
	struct exact_money taken;
	if (!left_of_amount(discount))
		return false;
	if (!discount_left(discount->shares, discount->count, work->account->currency, &discount->of))
		return coupon_overflow(work);
	bool nothing = fraction_sign(discount->of.amount) <= 0 ||
	               (!discount->use->coupon->has_percent && discount->off.minor == 0);
	if (nothing)
		return true;
	if (!decide(discount, &taken))
		return false;
	if (!clamp(discount, &taken))
		return coupon_overflow(work);
	if (fraction_sign(taken.amount) == 0)
		return true;
	struct exact_money *lefts = arena_new_many(work->command->arena, struct exact_money, discount->count + 1);
	for (size_t i = 0; i < discount->count; i++)
		lefts[i] = discount->shares[i].left;
	size_t first = work->calculation->lines.count;
	if (!discount_spread_exact(discount->shares, discount->count, taken))
		return coupon_overflow(work);
	return add_lines(discount, lefts) && settle_shares(discount, first, lefts);
}
