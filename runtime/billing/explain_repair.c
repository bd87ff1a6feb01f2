/* explain_repair.c: repairs: the line that they take from, the share of it, and how much of it was left. */
#include "explain_work.h"

/* ------------------------------------------------------------------------------------------------ the line it takes from */

/* NULL when it is gone. */
static bool find_original(struct explain_work *work, struct invoice **invoice, const struct invoice_line **original)
{
	*original = NULL;
	if (!invoice_find(work->command, work->line->linked_invoice_id, invoice))
		return false;
	for (size_t i = 0; *invoice && i < (*invoice)->lines.count; i++)
		if ((*invoice)->lines.items[i].position == work->line->linked_position)
			*original = &(*invoice)->lines.items[i];
	return true;
}

static void tell_original(struct explain_work *work, const struct invoice *invoice, const struct invoice_line *original)
{
	exact_money_from_money(original->amount, &work->exact);
	explain_step(work, "repair", "Takes from line %lld of invoice %.*s: %.*s", (long long)original->position,
	             TEXT_ARG(invoice->number), TEXT_ARG(explain_money_text(work, original->amount)));
}

/* What the policy took the days of: the price of the period, or what was billed. */
static struct text price_told(const struct json *proration)
{
	const struct json *reads = json_member(proration, "reads");
	const struct json *price = reads ? json_member(reads, "subject.price") : NULL;
	const struct json *paid = reads ? json_member(reads, "subject.paid") : NULL;
	return json_text(price ? price : paid);
}

static struct text share_text(const struct explain_work *work, const struct json *proration)
{
	const struct explanation_line *out = work->out;
	struct text price = price_told(proration);
	if (!out->has_days || !out->has_days_in_period)
		return TEXT("The days that are taken back.");
	struct text days = text_format(work->command->arena, "%lld of %lld days", (long long)out->days,
	                               (long long)out->days_in_period);
	return text_present(price) ? text_format(work->command->arena, "%.*s; all of them cost %.*s", TEXT_ARG(days), TEXT_ARG(price))
	                           : days;
}

static void take_given_back(struct explain_work *work)
{
	const struct json *kept = explain_member(work, "given_back");
	struct exact_money given = { .currency = work->line->currency };
	if (!kept || !fraction_parse(json_text(kept), &given.amount))
		return;
	if (!exact_money_add(work->exact, given, &work->exact)) {
		explain_differs(work, explain_last(work), "it is too large");
		return;
	}
	if (fraction_sign(work->exact.amount) > 0)
		work->exact.amount = (struct fraction){ 0, 1 };
	explain_step(work, "given_back", "Of these days %.*s were given back before.",
	             TEXT_ARG(fraction_text(work->command->arena, given.amount)));
}

static bool take_share(struct explain_work *work, const struct json *proration)
{
	struct policy_replay replay;
	struct fraction minus_one = { -1, 1 };
	if (!explain_policy(work, "proration", POLICY_PRORATION, proration, share_text(work, proration), &replay))
		return false;
	if (!replay.made)
		work->exact = work->line->exact;
	else if (!exact_money_multiply(replay.exact, minus_one, &work->exact))
		explain_differs(work, explain_last(work), "it is too large");
	explain_last(work)->value = work->exact;
	take_given_back(work);
	return true;
}

bool explain_repair(struct explain_work *work)
{
	struct invoice *invoice = NULL;
	const struct invoice_line *original;
	const struct json *proration = explain_member(work, "proration");
	struct fraction minus_one = { -1, 1 };
	if (!find_original(work, &invoice, &original))
		return false;
	if (!original) {
		work->exact = work->line->exact;
		explain_differs(work, explain_step(work, "repair", "Takes from a line that is not there."),
		                "the line that it takes from does not exist");
		return true;
	}
	tell_original(work, invoice, original);
	if (proration)
		return take_share(work, proration);
	if (!exact_money_multiply(work->exact, minus_one, &work->exact))
		explain_differs(work, explain_last(work), "it is too large");
	return true;
}

/* ------------------------------------------------------------------------------------------------ of one line of several */

/* Lines of one run that go back of a window were rated at once. */
static bool is_of_same_rating(const struct invoice_line *line, const struct invoice_line *of)
{
	return invoice_line_returns(line) && line->kind == of->kind && line->subscription_id == of->subscription_id &&
	       text_equals(line->usage_section, of->usage_section) && text_equals(line->decision, of->decision);
}

/* What went back of other lines before this one; below zero. */
static bool sum_before(const struct explain_work *work, struct exact_money *before)
{
	const struct invoice_line_list *lines = (const void *)&work->invoice->lines;
	*before = (struct exact_money){ { 0, 1 }, work->line->currency };
	for (size_t i = 0; i < lines->count; i++) {
		const struct invoice_line *line = &lines->items[i];
		if (line->position < work->line->position && is_of_same_rating(line, work->line) &&
		    !exact_money_add(*before, line->exact, before))
			return false;
	}
	return true;
}

bool explain_usage_return(struct explain_work *work)
{
	struct exact_money before;
	struct invoice *invoice = NULL;
	const struct invoice_line *original;
	if (!find_original(work, &invoice, &original))
		return false;
	bool fits = sum_before(work, &before) && fraction_subtract(work->exact.amount, before.amount, &work->exact.amount);
	struct explanation_step *step =
	        original ? explain_step(work, "repair", "Takes from line %lld of invoice %.*s: %.*s", (long long)original->position,
	                                TEXT_ARG(invoice->number), TEXT_ARG(explain_money_text(work, original->amount)))
	                 : explain_step(work, "repair", "Takes from a line that is not there.");
	if (!original)
		explain_differs(work, step, "the line that it takes from does not exist");
	else if (!fits)
		explain_differs(work, step, "it is too large");
	return true;
}

/* ------------------------------------------------------------------------------------------------ what was left of it */

static bool is_before(const struct invoice_line *line, const struct invoice_line *repair)
{
	if (line->invoice_id != repair->invoice_id)
		return line->invoice_id < repair->invoice_id;
	return line->position < repair->position;
}

struct taken {
	struct money left; /* of the original, before this repair */
	int64_t count;     /* of repairs and adjustments, this one included */
};

/* Of those before it, or of all others that hold. */
static bool find_left(struct explain_work *work, const struct invoice_line *original, bool all, struct taken *taken)
{
	struct invoice_line_list lines = { 0 };
	const struct invoice_line *repair = work->line;
	*taken = (struct taken){ .left = original->amount, .count = 1 };
	if (!store_all(work->command->store, STATEMENT_INVOICE_LINE_TAKEN,
	               BINDS(bind_id(repair->account_id), bind_id(repair->linked_invoice_id)), &invoice_line_record,
	               LIST(&lines)))
		return false;
	for (size_t i = 0; i < lines.count; i++) {
		const struct invoice_line *line = &lines.items[i];
		bool self = line->invoice_id == repair->invoice_id && line->position == repair->position;
		if (line->linked_position != repair->linked_position || self || line->coupon_redemption_id || !(all || is_before(line, repair)))
			continue;
		taken->count++;
		if (!money_add(taken->left, line->amount, &taken->left))
			break; /* then it is not what the line says, and that is told */
	}
	return true;
}

/* What the share comes to in cents, had nothing been taken before. */
static bool round_share(const struct explain_work *work, struct money *share)
{
	struct rounding_decision rounding;
	return explain_rounding_kept(work, &rounding) ? invoice_round_exact(&rounding, work->exact, share)
	                                              : exact_money_round(work->exact, ROUNDING_HALF_UP, share);
}

/* A repair takes all that is left when its share is more than that, or when so few cents are short that rounding the
 * repairs before it must have left them. */
static bool takes_all(const struct explain_work *work, const struct invoice_line *original, const struct taken *taken,
                      struct money share)
{
	int64_t sign = money_sign(original->amount), left = sign * taken->left.minor;
	if (left < 0)
		left = 0;
	int64_t short_of = left + sign * share.minor;
	return sign * work->line->amount.minor == -left && short_of != 0 && short_of <= taken->count;
}

static void take_what_is_left(struct explain_work *work, const struct taken *taken)
{
	work->exact = work->line->exact;
	if (money_is_zero(work->line->amount))
		explain_step(work, "limit", "Nothing was left of the line.");
	else
		explain_step(work, "limit", "Of the line %.*s were left: it takes them all.",
		             TEXT_ARG(explain_money_text(work, taken->left)));
}

/* Once all was taken nothing more is: where a draft that was made before other invoices got the line after them, what the
 * others took tells what was left. */
bool explain_repair_limit(struct explain_work *work)
{
	struct invoice *invoice = NULL;
	const struct invoice_line *original;
	struct taken taken;
	struct money share;
	int order;
	bool same = fraction_compare(work->exact.amount, work->line->exact.amount, &order) && order == 0;
	if (same || !round_share(work, &share))
		return true;
	if (!find_original(work, &invoice, &original))
		return false;
	for (int all = 0; original && all <= 1; all++) {
		if (!find_left(work, original, all, &taken))
			return false;
		if (!takes_all(work, original, &taken, share))
			continue;
		take_what_is_left(work, &taken);
		return true;
	}
	return true;
}
