/* explain_price.c: what a quantity costs for a whole period, and which part of it is due. */
#include "explain_work.h"

#include "charge_amount.h"

/* ------------------------------------------------------------------------------------------------ the price */

static void read_brackets(struct explain_work *work, const struct json *brackets, struct charge *charge)
{
	struct problems ignored;
	problems_init(&ignored, work->command->arena);
	for (const struct json *bracket = brackets ? brackets->first : NULL; bracket; bracket = bracket->next)
		json_decode(bracket, &charge_tier_record,
		            list_add(work->command->arena, &charge->tiers, struct charge_tier), "", work->command->arena,
		            &ignored);
}

/* The charge as it was when the line was made. */
static struct charge charge_of(struct explain_work *work, struct decimal *quantity)
{
	struct charge charge = { .has_amount = false };
	struct text mode = json_text(explain_member(work, "tiers"));
	*quantity = work->line->quantity;
	decimal_parse(json_text(explain_member(work, "quantity")), quantity);
	charge.has_amount = decimal_parse(json_text(explain_member(work, "unit_price")), &charge.amount);
	charge.tier_mode = text_is(mode, "graduated") ? CHARGE_TIER_MODE_GRADUATED : CHARGE_TIER_MODE_VOLUME;
	if (!charge.has_amount)
		read_brackets(work, explain_member(work, "brackets"), &charge);
	return charge;
}

static struct explanation_step *tell_price(struct explain_work *work, const struct charge *charge,
                                           struct decimal quantity)
{
	struct arena *arena = work->command->arena;
	struct text units = decimal_canonical_text(arena, quantity), whole = explain_exact_text(work, work->exact);
	if (charge->has_amount)
		return explain_step(work, "price", "%.*s x %.*s = %.*s", TEXT_ARG(units),
		                    TEXT_ARG(decimal_canonical_text(arena, charge->amount)), TEXT_ARG(whole));
	return explain_step(work, "tiers", "%.*s units by %zu %s tiers = %.*s", TEXT_ARG(units), charge->tiers.count,
	                    charge->tier_mode == CHARGE_TIER_MODE_GRADUATED ? "graduated" : "volume", TEXT_ARG(whole));
}

static void find_price(struct explain_work *work)
{
	struct decimal quantity;
	struct charge charge = charge_of(work, &quantity);
	struct text kept = json_text(explain_member(work, "whole"));
	bool known = charge.has_amount || charge.tiers.count > 0;
	bool found = known && charge_amount(&charge, quantity, CHARGE_TIER_MODE_NONE, work->line->currency, &work->exact);
	if (!found)
		fraction_parse(kept, &work->exact.amount);
	struct explanation_step *step = tell_price(work, &charge, quantity);
	if (!found)
		explain_differs(work, step, "the price, or its tiers, were not kept");
	else if (!explain_exact_is(kept, work->exact))
		explain_differs(work, step, text_format(work->command->arena, "%.*s was kept", TEXT_ARG(kept)).data);
}

/* ------------------------------------------------------------------------------------------------ the part of a period */

/* What the policy was told must be what the price came to. */
static void check_told(struct explain_work *work, const struct json *proration)
{
	const struct json *reads = json_member(proration, "reads");
	struct text price = json_text(reads ? json_member(reads, "subject.price") : NULL);
	if (!text_present(price) || explain_exact_is(price, work->exact))
		return;
	explain_differs(work, explain_last(work),
	                text_format(work->command->arena, "the proration was told a price of %.*s", TEXT_ARG(price)).data);
}

static struct text part_text(struct explain_work *work)
{
	const struct explanation_line *out = work->out;
	if (!out->has_days || !out->has_days_in_period)
		return TEXT("The part of the period that is served.");
	return text_format(work->command->arena, "%lld of %lld days", (long long)out->days, (long long)out->days_in_period);
}

static bool prorate(struct explain_work *work, const struct json *proration)
{
	struct policy_replay replay;
	if (!explain_policy(work, "proration", POLICY_PRORATION, proration, part_text(work), &replay))
		return false;
	if (replay.made)
		work->exact = replay.exact;
	else
		work->exact = work->line->exact; /* told already that it could not be made again */
	explain_last(work)->value = work->exact;
	return true;
}

bool explain_price(struct explain_work *work)
{
	const struct json *proration = explain_member(work, "proration");
	find_price(work);
	if (!proration)
		return true;
	check_told(work, proration);
	return prorate(work, proration);
}

/* ------------------------------------------------------------------------------------------------ catalog plans */

/* What is left of an amount when the days before, or other days, were charged apart. */
static bool explain_rest(struct explain_work *work, const struct json *rest)
{
	struct fraction of, less;
	struct text of_text = json_text(json_member(rest, "of")), less_text = json_text(json_member(rest, "less"));
	bool read = fraction_parse(of_text, &of) && fraction_parse(less_text, &less) &&
	            fraction_subtract(of, less, &work->exact.amount);
	struct explanation_step *step = explain_step(work, "rest", "%.*s less %.*s for days that are charged apart",
	                                             TEXT_ARG(of_text), TEXT_ARG(less_text));
	if (!read)
		explain_differs(work, step, "what it is the rest of was not kept");
	return true;
}

static void find_rate(struct explain_work *work)
{
	const struct invoice_line *line = work->line;
	struct arena *arena = work->command->arena;
	struct text rate = decimal_canonical_text(arena, line->rate), units = decimal_canonical_text(arena, line->quantity);
	bool fits = exact_money_from_decimal(line->rate, line->currency, &work->exact);
	struct text price = decimal_canonical_text(arena, line->unit_price);
	struct explanation_step *step = line->has_unit_price
	                                        ? explain_step(work, "price", "%.*s x %.*s = %.*s", TEXT_ARG(units),
	                                                       TEXT_ARG(price), TEXT_ARG(rate))
	                                        : explain_step(work, "price", "%.*s units cost %.*s", TEXT_ARG(units),
	                                                       TEXT_ARG(rate));
	if (!fits)
		explain_differs(work, step, "the rate does not fit into an exact amount");
}

bool explain_rate(struct explain_work *work)
{
	const struct json *proration = explain_member(work, "proration");
	find_rate(work);
	if (!proration)
		return true;
	return json_member(proration, "rule") ? prorate(work, proration) : explain_rest(work, proration);
}
