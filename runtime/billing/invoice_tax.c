/* invoice_tax.c: the taxes of an invoice's lines: bases, places of rounding, what they come to. */
#include "invoice_tax.h"

#include "invoice_calculate.h"

bool invoice_tax_same_rate(const struct tax_rate *a, const struct tax_rate *b)
{
	return text_equals(a->name, b->name) && decimal_compare(a->percent, b->percent) == 0 &&
	       (a->has_inclusive && a->inclusive) == (b->has_inclusive && b->inclusive) &&
	       (a->has_compound && a->compound) == (b->has_compound && b->compound);
}

bool invoice_taxes_sum(const struct invoice_tax *taxes, size_t count, const struct currency *currency,
                       struct exact_money *sum)
{
	if (!exact_money_from_money(money_zero(currency), sum))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!exact_money_add(*sum, taxes[i].exact, sum))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ asking */

static bool inclusive_percent(const struct invoice_tax *taxes, size_t count, struct decimal *sum)
{
	*sum = decimal_from_int64(0);
	for (size_t i = 0; i < count; i++)
		if (taxes[i].rate->has_inclusive && taxes[i].rate->inclusive &&
		    !decimal_add(*sum, taxes[i].rate->percent, sum))
			return false;
	return true;
}

bool invoice_tax_ask(const struct invoice_tax *taxes, size_t first, size_t at, size_t count, struct tax_request *request)
{
	const struct invoice_tax *tax = &taxes[at];
	*request = (struct tax_request){
		.currency = tax->base.currency,
		.amount = tax->base,
		.percent = tax->rate->percent,
		.name = tax->rate->name,
		.has_inclusive = tax->rate->has_inclusive,
		.inclusive = tax->rate->inclusive,
		.has_compound = tax->rate->has_compound,
		.compound = tax->rate->compound,
		.has_inclusive_percent = true,
	};
	return invoice_taxes_sum(taxes + first, at - first, tax->base.currency, &request->before) &&
	       inclusive_percent(taxes + first, count - first, &request->inclusive_percent);
}

struct text invoice_tax_included_text(struct arena *arena, struct text name, struct decimal percent, struct money amount)
{
	struct text number = decimal_canonical_text(arena, percent), within = money_text(arena, amount);
	return text_format(arena, "%.*s %.*s %%, %.*s included", TEXT_ARG(name), TEXT_ARG(number), TEXT_ARG(within));
}

/* ------------------------------------------------------------------------------------------------ rounding */

/* invoice_round_together works on lines; only their exact amounts and amounts are used. */
static bool round_group(struct arena *arena, struct invoice_tax *const *group, size_t count, enum rounding mode)
{
	struct invoice_line *lines = arena_new_many(arena, struct invoice_line, count + 1);
	struct invoice_line **pointers = arena_new_many(arena, struct invoice_line *, count + 1);
	for (size_t i = 0; i < count; i++) {
		lines[i].exact = group[i]->exact;
		pointers[i] = &lines[i];
	}
	if (!invoice_round_together(arena, pointers, count, mode))
		return false;
	for (size_t i = 0; i < count; i++)
		group[i]->amount = lines[i].amount;
	return true;
}

static bool round_each(struct invoice_tax *taxes, size_t count, const struct rounding_decision *decision)
{
	for (size_t i = 0; i < count; i++)
		if (!invoice_round_exact(decision, taxes[i].exact, &taxes[i].amount))
			return false;
	return true;
}

static bool round_rates(struct arena *arena, struct invoice_tax *taxes, size_t count, enum rounding mode)
{
	struct invoice_tax **group = arena_new_many(arena, struct invoice_tax *, count + 1);
	for (size_t i = 0; i < count; i++) {
		size_t members = 0;
		if (money_present(taxes[i].amount))
			continue;
		for (size_t j = i; j < count; j++)
			if (!money_present(taxes[j].amount) && invoice_tax_same_rate(taxes[i].rate, taxes[j].rate))
				group[members++] = &taxes[j];
		if (!round_group(arena, group, members, mode))
			return false;
	}
	return true;
}

static bool round_all(struct arena *arena, struct invoice_tax *taxes, size_t count, enum rounding mode)
{
	struct invoice_tax **group = arena_new_many(arena, struct invoice_tax *, count + 1);
	for (size_t i = 0; i < count; i++)
		group[i] = &taxes[i];
	return round_group(arena, group, count, mode);
}

bool invoice_taxes_round(struct arena *arena, struct invoice_tax *taxes, size_t count,
                         const struct rounding_decision *decision)
{
	for (size_t i = 0; i < count; i++)
		taxes[i].amount = (struct money){ 0, NULL };
	switch (invoice_rounding_place(decision, INVOICE_LINE_KIND_TAX)) {
	case ROUNDING_DECISION_PLACE_RATE:
		return round_rates(arena, taxes, count, invoice_rounding_mode(decision));
	case ROUNDING_DECISION_PLACE_INVOICE:
		return round_all(arena, taxes, count, invoice_rounding_mode(decision));
	default:
		return round_each(taxes, count, decision);
	}
}

/* ------------------------------------------------------------------------------------------------ effective rate */

/* *weight = sum of weights, *percent = their weighted sum of percentages; each line weighs 1 when `by_number`. */
static bool weigh_percents(const struct invoice_taxed_line *lines, size_t count, bool by_number, struct fraction *weight,
                           struct fraction *percent)
{
	*weight = *percent = (struct fraction){ 0, 1 };
	for (size_t i = 0; i < count; i++) {
		struct fraction of = by_number ? (struct fraction){ 1, 1 } : lines[i].net.amount, part;
		if (!fraction_multiply(of, lines[i].percent, &part) || !fraction_add(*percent, part, percent) ||
		    !fraction_add(*weight, of, weight))
			return false;
	}
	return true;
}

bool invoice_tax_effective_percent(const struct invoice_taxed_line *lines, size_t count, struct fraction *percent)
{
	struct fraction weight, sum;
	*percent = (struct fraction){ 0, 1 };
	if (count == 0)
		return true;
	if (!weigh_percents(lines, count, false, &weight, &sum))
		return false;
	if (fraction_sign(weight) == 0 && !weigh_percents(lines, count, true, &weight, &sum))
		return false;
	return fraction_divide(sum, weight, percent);
}
