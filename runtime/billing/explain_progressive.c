/* explain_progressive.c: what was invoiced within a period, and what its own invoice takes off for that, made again. */
#include "explain_work.h"

static bool read_money(const struct explain_work *work, const struct json *kept, const char *name, struct money *amount)
{
	return money_parse(json_text(json_member(kept, name)), work->line->currency, amount);
}

static bool unreadable(struct explain_work *work)
{
	work->exact = work->line->exact;
	explain_differs(work, explain_step(work, "progressive", "What was kept of the usage cannot be read."),
	                "nothing was kept of how it was calculated");
	return true;
}

static bool explain_charge(struct explain_work *work, const struct json *kept)
{
	struct money usage, invoiced, reached, due;
	if (!read_money(work, kept, "usage", &usage) || !read_money(work, kept, "invoiced", &invoiced) ||
	    !read_money(work, kept, "reached", &reached) || !money_subtract(usage, invoiced, &due) ||
	    !exact_money_from_money(due, &work->exact))
		return unreadable(work);
	explain_step(work, "progressive", "Usage has reached %.*s: the period has used %.*s so far",
	             TEXT_ARG(explain_money_text(work, reached)), TEXT_ARG(explain_money_text(work, usage)));
	explain_step(work, "progressive", "Less %.*s of it that is invoiced", TEXT_ARG(explain_money_text(work, invoiced)));
	return true;
}

static bool explain_taken_off(struct explain_work *work, const struct json *kept)
{
	struct money invoiced, left, amount;
	struct text number = json_text(json_member(kept, "invoice"));
	if (!read_money(work, kept, "invoiced", &invoiced) || !read_money(work, kept, "left", &left) ||
	    !money_subtract(money_zero(work->line->currency), left, &amount) || !exact_money_from_money(amount, &work->exact))
		return unreadable(work);
	explain_step(work, "progressive", "Invoice %.*s has charged %.*s of the period", TEXT_ARG(number),
	             TEXT_ARG(explain_money_text(work, invoiced)));
	if (money_compare(invoiced, left) != 0)
		explain_step(work, "progressive", "Of that %.*s is left, the rest was given back", TEXT_ARG(explain_money_text(work, left)));
	return true;
}

bool explain_progressive(struct explain_work *work)
{
	const struct json *kept = explain_member(work, "progressive");
	return json_member(kept, "invoice") ? explain_taken_off(work, kept) : explain_charge(work, kept);
}
