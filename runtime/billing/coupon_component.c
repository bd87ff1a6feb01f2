/* coupon_component.c: what is given back of components bears the percentage that it was charged with.
 *
 * Unused time and credits of allocations go back for all that a period was charged of a component, of several lines. Where a
 * percentage was taken off that period's charges, as much is taken off what goes back, and in all not more than the coupon took
 * off the period: so a period that is charged and given back comes to nothing. Fixed amounts discount nothing that can
 * be given back so (coupon_covers_component).
 */
#include "coupon_work.h"

#include "value/json.h"

static bool gives_back(const struct invoice_line *line)
{
	return line->component_id && line->catalog_plan_id && line->amount.minor < 0 && !invoice_line_returns(line);
}

static struct text decision_of(struct coupon_work *work, const struct coupon *coupon, struct money of, struct money at_most)
{
	struct arena *arena = work->command->arena;
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "coupon");
	json_string(&writer, coupon->code);
	json_name(&writer, "given_back");
	json_begin_object(&writer);
	json_name(&writer, "percent");
	json_string(&writer, decimal_canonical_text(arena, coupon->percent));
	json_name(&writer, "of");
	json_string(&writer, money_amount_text(arena, of));
	json_name(&writer, "at_most");
	json_string(&writer, money_amount_text(arena, at_most));
	json_end_object(&writer);
	json_name(&writer, "rounding");
	json_raw(&writer, work->rounding_decision);
	json_end_object(&writer);
	return builder_text(&out);
}

/* *exact = percent of `of`, not more than `at_most`. */
static bool share_of(struct decimal percent, struct money of, struct money at_most, struct exact_money *exact)
{
	struct fraction part;
	struct exact_money most;
	int order;
	if (!exact_money_from_money(of, exact) || !exact_money_from_money(at_most, &most) || !fraction_from_decimal(percent, &part) ||
	    !fraction_divide(part, (struct fraction){ 100, 1 }, &part) || !exact_money_multiply(*exact, part, exact) ||
	    !fraction_compare(exact->amount, most.amount, &order))
		return false;
	if (order > 0)
		*exact = most;
	return true;
}

/* *left: what of the line earlier coupons have left, above zero. */
static bool return_by(struct coupon_work *work, size_t i, struct coupon_use *use, struct coupon_period *period, struct money *left)
{
	struct exact_money exact;
	if (!share_of(use->coupon->percent, *left, period->taken, &exact))
		return coupon_overflow(work);
	struct invoice_line *line = coupon_add_line(work, i, use->redemption->id, period->days);
	struct text name = text_present(use->coupon->name) ? use->coupon->name : use->coupon->code;
	line->description = text_format(work->command->arena, "%.*s %.*s %%, given back", TEXT_ARG(name),
	                                TEXT_ARG(decimal_canonical_text(work->command->arena, use->coupon->percent)));
	line->exact = exact;
	if (!coupon_round(work, line))
		return false;
	line->decision = decision_of(work, use->coupon, *left, period->taken);
	if (!money_subtract(period->taken, line->amount, &period->taken) || !money_subtract(*left, line->amount, left))
		return coupon_overflow(work);
	if (money_is_zero(line->amount))
		work->calculation->lines.count--;
	return true;
}

static bool return_one(struct coupon_work *work, size_t i)
{
	const struct invoice_line *line = &work->calculation->lines.items[i];
	const struct period days = { line->period_start, line->period_end };
	struct money left = money_of(-line->amount.minor, line->amount.currency);
	for (size_t k = 0; k < work->uses->count; k++) {
		struct coupon_use *use = &work->uses->items[k];
		bool covers;
		/* Adding a line may move the others. */
		if (!coupon_use_covers(work->command, use, &work->calculation->lines.items[i], days, &covers))
			return false;
		size_t at = covers && use->coupon->has_percent ? coupon_use_used_period(use, days) : SIZE_MAX;
		work->use = use;
		if (at != SIZE_MAX && use->periods.items[at].taken.minor > 0 &&
		    !return_by(work, i, use, &use->periods.items[at], &left))
			return false;
	}
	return true;
}

bool coupon_return_components(struct coupon_work *work)
{
	for (size_t i = work->first; i < work->count; i++)
		if (gives_back(&work->calculation->lines.items[i]) && !return_one(work, i))
			return false;
	work->use = NULL;
	return true;
}
