/* coupon_return.c: what was never served is not discounted: lines that take back give back their share of discounts. */
#include "coupon_work.h"

#include "value/json.h"
#include "value/record.h"

/* A discount that lines bore, by redemption and period. */
struct borne {
	int64_t redemption_id;
	struct period days;
	struct text description;
	struct money left; /* of it, above zero: less what was given back */
};
/* What a line takes back from. */
struct taken_from {
	struct money charged; /* less what was taken back of it before */
	struct { struct borne *items; size_t count, capacity; } discounts;
};

static bool add_borne(struct coupon_work *work, struct taken_from *from, const struct invoice_line *line)
{
	struct period days = { line->coupon_period_start, line->coupon_period_end };
	for (size_t i = 0; i < from->discounts.count; i++) {
		struct borne *borne = &from->discounts.items[i];
		if (borne->redemption_id == line->coupon_redemption_id &&
		    date_compare(borne->days.start, days.start) == 0 && date_compare(borne->days.end, days.end) == 0)
			return money_subtract(borne->left, line->amount, &borne->left) || coupon_overflow(work);
	}
	*list_add(work->command->arena, &from->discounts, struct borne) =
	        (struct borne){ line->coupon_redemption_id, days, line->description,
		                money_of(-line->amount.minor, line->amount.currency) };
	return true;
}

static bool add_charged(struct coupon_work *work, struct taken_from *from, struct money amount)
{
	return money_add(from->charged, amount, &from->charged) || coupon_overflow(work);
}

static bool is_linked(const struct invoice_line *line, const struct invoice_line *to)
{
	return line->linked_invoice_id == to->invoice_id && line->linked_position == to->position;
}

/* A discount less what credit notes took back with the charge. */
static bool add_discount(struct coupon_work *work, struct taken_from *from, const struct invoice_line_list *taken,
                         const struct invoice_line *discount)
{
	struct invoice_line left = *discount;
	for (size_t i = 0; i < taken->count; i++)
		if (!taken->items[i].coupon_redemption_id && is_linked(&taken->items[i], discount) &&
		    !money_add(left.amount, taken->items[i].amount, &left.amount))
			return coupon_overflow(work);
	return add_borne(work, from, &left);
}

/* A charge, what was taken back of it, the discounts that lie on it. */
static bool add_stored(struct coupon_work *work, struct taken_from *from, const struct invoice_line *charge)
{
	struct invoice_line_list taken = { 0 };
	if (!add_charged(work, from, charge->amount) ||
	    !store_all(work->command->store, STATEMENT_INVOICE_LINE_TAKEN,
	               BINDS(bind_id(charge->account_id), bind_id(charge->invoice_id)), &invoice_line_record, LIST(&taken)))
		return false;
	for (size_t i = 0; i < taken.count; i++) {
		const struct invoice_line *line = &taken.items[i];
		if (!is_linked(line, charge))
			continue;
		if (!(line->coupon_redemption_id ? add_discount(work, from, &taken, line) : add_charged(work, from, line->amount)))
			return false;
	}
	return true;
}

static bool add_repaired(struct coupon_work *work, struct taken_from *from, const struct invoice_line *repair)
{
	struct invoice_line_list lines = { 0 };
	if (!store_all(work->command->store, STATEMENT_INVOICE_LINE_OF_INVOICE,
	               BINDS(bind_id(repair->account_id), bind_id(repair->linked_invoice_id)), &invoice_line_record,
	               LIST(&lines)))
		return false;
	for (size_t i = 0; i < lines.count; i++)
		if (lines.items[i].position == repair->linked_position)
			return add_stored(work, from, &lines.items[i]);
	return true;
}

static bool takes_from_same(const struct invoice_line *a, const struct invoice_line *b)
{
	return invoice_line_returns(b) && a->linked_invoice_id == b->linked_invoice_id && a->linked_position == b->linked_position;
}

/* Is the discount line, which this run made, one that gives back for that line? */
static bool is_given_for(const struct invoice_line *discount, const struct invoice_line *line)
{
	return discount->linked_invoice_id == line->linked_invoice_id && discount->linked_position == line->linked_position &&
	       date_compare(discount->period_start, line->period_start) == 0;
}

/* What earlier lines of this run took back and gave back of the same. */
static bool add_of_run(struct coupon_work *work, struct taken_from *from, size_t i)
{
	const struct invoice_line_list *lines = &work->calculation->lines;
	for (size_t j = work->first; j < i; j++) {
		if (!takes_from_same(&lines->items[i], &lines->items[j]))
			continue;
		if (!add_charged(work, from, lines->items[j].amount))
			return false;
		for (size_t k = work->count; k < lines->count; k++)
			if (is_given_for(&lines->items[k], &lines->items[j]) && !add_borne(work, from, &lines->items[k]))
				return false;
	}
	return true;
}

static bool find_taken_from(struct coupon_work *work, size_t i, struct taken_from *from)
{
	const struct invoice_line *line = &work->calculation->lines.items[i];
	*from = (struct taken_from){ .charged = money_zero(work->account->currency) };
	return add_repaired(work, from, line) && add_of_run(work, from, i);
}

/* ------------------------------------------------------------------------------------------------ lines */

static struct text decision_of(struct coupon_work *work, const struct borne *borne, struct money charged, struct money taken)
{
	struct arena *arena = work->command->arena;
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "given_back");
	json_begin_object(&writer);
	json_name(&writer, "of");
	json_string(&writer, money_amount_text(arena, borne->left));
	json_name(&writer, "taken");
	json_string(&writer, money_amount_text(arena, taken));
	json_name(&writer, "charged");
	json_string(&writer, money_amount_text(arena, charged));
	json_end_object(&writer);
	json_name(&writer, "rounding");
	json_raw(&writer, work->rounding_decision);
	json_end_object(&writer);
	return builder_text(&out);
}

static bool share_of(struct money left, struct money taken, struct money charged, struct exact_money *share)
{
	struct fraction part;
	return exact_money_from_money(left, share) && fraction_make(taken.minor, charged.minor, &part) &&
	       exact_money_multiply(*share, part, share);
}

/* `taken` of `charged` is taken back: as much of the discount is. */
static bool give_back(struct coupon_work *work, size_t i, const struct borne *borne, struct money charged,
                      struct money taken)
{
	struct exact_money exact;
	if (!share_of(borne->left, taken, charged, &exact))
		return coupon_overflow(work);
	struct invoice_line *line = coupon_add_line(work, i, borne->redemption_id, borne->days);
	const struct invoice_line *on = &work->calculation->lines.items[i];
	line->linked_invoice_id = on->linked_invoice_id;
	line->linked_position = on->linked_position;
	line->description = text_format(work->command->arena, "%.*s, given back", TEXT_ARG(borne->description));
	line->exact = exact;
	if (!coupon_round(work, line))
		return false;
	line->decision = decision_of(work, borne, charged, taken);
	struct coupon_period *period = coupon_uses_find(work->uses, borne->redemption_id, borne->days);
	return !period || money_subtract(period->taken, line->amount, &period->taken) || coupon_overflow(work);
}

static bool takes_back(const struct invoice_line *line)
{
	return line->amount.minor < 0 && invoice_line_returns(line);
}

static bool give_back_for(struct coupon_work *work, size_t i)
{
	struct taken_from from;
	struct money taken = money_of(-work->calculation->lines.items[i].amount.minor, work->account->currency);
	if (!find_taken_from(work, i, &from))
		return false;
	taken = money_min(taken, from.charged);
	for (size_t k = 0; k < from.discounts.count; k++)
		if (from.discounts.items[k].left.minor > 0 && taken.minor > 0 &&
		    !give_back(work, i, &from.discounts.items[k], from.charged, taken))
			return false;
	return true;
}

bool coupon_return_lines(struct coupon_work *work)
{
	for (size_t i = work->first; i < work->count; i++)
		if (takes_back(&work->calculation->lines.items[i]) && !give_back_for(work, i))
			return false;
	return true;
}
