/* explain_round.c: exact amounts made cents once more, each by itself or together with others of the invoice. */
#include "explain_work.h"

bool explain_rounding_kept(const struct explain_work *work, struct rounding_decision *decision)
{
	struct line_roundings one = { 0 };
	line_roundings_add(work->command->arena, &one, work->line, work->decision);
	*decision = one.items[0].decision;
	return one.items[0].known;
}

/* ------------------------------------------------------------------------------------------------ together */

/* A rule took its exact amount away, or it is within another price and was not kept. */
static bool hides_exact(const struct invoice_line *line, const struct json *kept, const struct line_rounding *rounding)
{
	return !rounding->exact.currency || (json_member(kept, "by") && line->kind != INVOICE_LINE_KIND_ADJUSTMENT);
}

static void gather(const struct explain_work *work)
{
	struct explain_together *together = work->together;
	for (size_t i = 0; i < work->invoice->lines.count; i++) {
		const struct invoice_line *line = &work->invoice->lines.items[i];
		const struct json *kept = explain_decision(work->command, line);
		line_roundings_add(work->command->arena, &together->roundings, line, kept);
		together->hides_exact = together->hides_exact || hides_exact(line, kept, &together->roundings.items[i]);
	}
}

/* Once, of all lines of the invoice that are not rounded by themselves. */
static bool round_together(const struct explain_work *work)
{
	struct line_roundings *roundings = &work->together->roundings;
	if (roundings->count > 0)
		return work->together->fits;
	gather(work);
	work->together->fits = line_roundings_again(work->command->arena, roundings);
	return work->together->fits;
}

/* Without the exact amount of one of a group nobody can say who got the cents that were left over: either share of them
 * is in order. */
static bool is_either_cent(const struct explain_work *work)
{
	struct money floor;
	return exact_money_round(work->exact, ROUNDING_FLOOR, &floor) &&
	       (work->line->amount.minor == floor.minor || work->line->amount.minor == floor.minor + 1);
}

/* A tax within its price: the line is of nothing, what it tells was rounded with others. */
static void check_included(struct explain_work *work, struct money amount)
{
	struct text included = json_text(explain_member(work, "included")), found = explain_money_text(work, amount);
	work->amount = money_zero(work->line->currency);
	if (!work->together->hides_exact && !text_equals(included, found))
		explain_differs(work, explain_last(work), text_format(work->command->arena, "%.*s are within the price, not %.*s.",
		                                                      TEXT_ARG(found), TEXT_ARG(included)).data);
}

static bool amount_together(struct explain_work *work)
{
	if (!round_together(work))
		return false;
	const struct line_rounding *rounding = &work->together->roundings.items[work->line - work->invoice->lines.items];
	if (explain_member(work, "included")) {
		check_included(work, rounding->amount);
		return true;
	}
	work->amount = rounding->amount;
	if (work->together->hides_exact && is_either_cent(work)) {
		work->amount = work->line->amount;
		explain_last(work)->note = TEXT("The exact amount of a line that it was rounded together with is not known any more.");
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ the amount */

static void tell_amount(struct explain_work *work, const struct line_rounding *rounding)
{
	const char *const *places = rounding_decision_record.fields[ROUNDING_DECISION_FIELD_PLACE].words;
	struct text exact = explain_exact_text(work, work->exact), amount = explain_money_text(work, work->amount);
	explain_last(work)->text = text_format(work->command->arena, "%.*s becomes %.*s, %s per %s", TEXT_ARG(exact),
	                                       TEXT_ARG(amount), rounding_name(invoice_rounding_mode(&rounding->decision)),
	                                       places[rounding->place]);
}

static void make_amount(struct explain_work *work, const struct line_rounding *rounding)
{
	bool alone = !text_present(rounding->key);
	if (explain_member(work, "back")) {
		if (!explain_tax_back_round(work, &rounding->decision))
			explain_differs(work, explain_last(work), "the amount is too large to be rounded");
		return;
	}
	if (alone ? invoice_round_exact(&rounding->decision, work->exact, &work->amount) : amount_together(work))
		tell_amount(work, rounding);
	else
		explain_differs(work, explain_last(work), "the amount is too large to be rounded");
}

bool explain_round(struct explain_work *work)
{
	const struct json *rounding = explain_member(work, "rounding");
	struct line_roundings kept = { 0 };
	struct policy_replay replay;
	if (!rounding)
		return true;
	if (!explain_policy(work, "rounding", POLICY_ROUNDING, rounding, TEXT("How it becomes cents."), &replay))
		return false;
	line_roundings_add(work->command->arena, &kept, work->line, work->decision);
	if (replay.made)
		kept.items[0].decision = *(const struct rounding_decision *)replay.record;
	if (replay.made || kept.items[0].known)
		make_amount(work, &kept.items[0]);
	return true;
}
