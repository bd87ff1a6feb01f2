/* tax_back.c: what goes back of a charged tax with each part of its line that goes back. */
#include "tax_back.h"

/* In cents of their own: what goes back is part of a tax that was shared out already. */
static bool round_sum(const struct rounding_decision *rounding, struct exact_money sum, struct money *amount)
{
	if (invoice_rounding_place(rounding, INVOICE_LINE_KIND_TAX) == ROUNDING_DECISION_PLACE_LINE)
		return invoice_round_exact(rounding, sum, amount);
	return exact_money_round(sum, invoice_rounding_mode(rounding), amount);
}

static int64_t between(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

bool tax_back_amount(const struct tax_back *back, const struct rounding_decision *rounding, struct exact_money *exact,
                     struct money *amount)
{
	struct exact_money sum;
	struct money all, left;
	if (!exact_money_multiply(back->tax, back->part, exact) || !exact_money_add(back->before, *exact, &sum) || !round_sum(rounding, sum, &all) ||
	    !money_subtract(all, back->given, amount) || !money_add(back->charged, back->given, &left))
		return false;
	if (back->charged.minor >= 0)
		amount->minor = between(amount->minor, left.minor > 0 ? -left.minor : 0, 0);
	else
		amount->minor = between(amount->minor, 0, left.minor < 0 ? -left.minor : 0);
	if (back->rest)
		amount->minor = -left.minor;
	return true;
}

void tax_back_write(struct json_writer *writer, struct arena *arena, const struct tax_back *back)
{
	json_name(writer, "back");
	json_begin_object(writer);
	json_name(writer, "invoice");
	json_integer(writer, back->invoice_id);
	json_name(writer, "position");
	json_integer(writer, back->position);
	json_name(writer, "tax");
	json_string(writer, fraction_text(arena, back->tax.amount));
	json_name(writer, "charged");
	json_string(writer, money_amount_text(arena, back->charged));
	json_name(writer, "part");
	json_string(writer, fraction_text(arena, back->part));
	json_name(writer, "before");
	json_string(writer, fraction_text(arena, back->before.amount));
	json_name(writer, "given");
	json_string(writer, money_amount_text(arena, back->given));
	if (back->rest) {
		json_name(writer, "rest");
		json_boolean(writer, true);
	}
	json_end_object(writer);
}

bool tax_back_read(const struct json *decision, const struct currency *currency, struct tax_back *back)
{
	const struct json *kept = json_member(decision, "back");
	const struct json *position = kept ? json_member(kept, "position") : NULL, *invoice = kept ? json_member(kept, "invoice") : NULL;
	*back = (struct tax_back){ .tax = { .currency = currency }, .before = { .currency = currency } };
	if (!position || !text_to_int64(position->text, &back->position))
		return false;
	if (invoice && !text_to_int64(invoice->text, &back->invoice_id))
		return false;
	back->rest = json_member(kept, "rest");
	return fraction_parse(json_text(json_member(kept, "tax")), &back->tax.amount) &&
	       money_parse(json_text(json_member(kept, "charged")), currency, &back->charged) &&
	       fraction_parse(json_text(json_member(kept, "part")), &back->part) &&
	       fraction_parse(json_text(json_member(kept, "before")), &back->before.amount) &&
	       money_parse(json_text(json_member(kept, "given")), currency, &back->given);
}
