/* explain_commitment.c: what a period is short of a commitment, made again. */
#include "explain_work.h"

#include "commitment.h"
#include "price_bound.h"

static bool read_money(const struct explain_work *work, const struct json *kept, const char *name, struct money *amount)
{
	return money_parse(json_text(json_member(kept, name)), work->line->currency, amount);
}

static bool read_count(const struct json *kept, const char *name, int64_t *count)
{
	const struct json *member = json_member(kept, name);
	return member && member->type == JSON_NUMBER && text_to_int64(member->text, count) && *count > 0;
}

/* Each plan's days, or those of the subscription's own. */
static bool explain_parts(struct explain_work *work, const struct json *kept, struct money *least)
{
	const struct json *parts = json_member(kept, "parts");
	int64_t days, of_days;
	*least = money_zero(work->line->currency);
	for (const struct json *part = parts ? parts->first : NULL; part; part = part->next) {
		struct money amount, of_part;
		struct text plan = json_text(json_member(part, "plan"));
		if (!read_money(work, part, "amount", &amount) || !read_count(part, "days", &days) ||
		    !read_count(kept, "period_days", &of_days) || !commitment_part(amount, days, of_days, &of_part) ||
		    !money_add(*least, of_part, least))
			return false;
		explain_step(work, "commitment", "%.*s for %lld of %lld days%s%.*s", TEXT_ARG(explain_money_text(work, amount)),
		             (long long)days, (long long)of_days, text_present(plan) ? " by plan " : "", TEXT_ARG(plan));
	}
	return parts != NULL;
}

bool explain_commitment(struct explain_work *work)
{
	const struct json *kept = explain_member(work, "commitment");
	struct money charged, least;
	struct exact_money exact, billed, none = { { 0, 1 }, work->line->currency };
	if (!read_money(work, kept, "charged", &charged) || !explain_parts(work, kept, &least) ||
	    !exact_money_from_money(least, &exact) || !exact_money_from_money(charged, &billed)) {
		work->exact = work->line->exact;
		explain_differs(work, explain_step(work, "commitment", "What was kept of the commitment cannot be read."),
		                "nothing was kept of how it was calculated");
		return true;
	}
	work->exact = exact;
	if (!price_top_up(exact, none, billed, &work->exact))
		return false;
	explain_step(work, "commitment", "Less %.*s that the period was charged", TEXT_ARG(explain_money_text(work, charged)));
	return true;
}
