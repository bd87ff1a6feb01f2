/* explain_share.c: discounts, taxes and percentages: what they are taken of, and what the policy makes of it. */
#include "explain_work.h"

static const char DISCOUNT[] = "discount", TAX[] = "tax";

static bool negate(struct exact_money *exact)
{
	struct fraction minus_one = { -1, 1 };
	return exact_money_multiply(*exact, minus_one, exact);
}

/* "of" where the percentage of it is the amount; "base" where the rule does more than that. */
static struct text base_kept(const struct explain_work *work)
{
	struct text of = json_text(explain_member(work, "of"));
	return text_present(of) ? of : json_text(explain_member(work, "base"));
}

/* The sum that it is taken of must be the one that the policy was told. */
static void check_base(struct explain_work *work, const struct json *decision)
{
	const struct json *reads = json_member(decision, "reads");
	struct text told = json_text(reads ? json_member(reads, "subject.amount") : NULL);
	struct exact_money of = { .currency = work->line->currency };
	struct text kept = base_kept(work);
	if (!text_present(told) || (fraction_parse(kept, &of.amount) && explain_exact_is(told, of)))
		return;
	explain_differs(work, explain_last(work),
	                text_format(work->command->arena, "the policy was told %.*s, not %.*s", TEXT_ARG(told),
	                            TEXT_ARG(kept)).data);
}

/* *made: work->exact is what the policy answers now; else what the line keeps, and that is told. */
static bool ask(struct explain_work *work, const char *name, enum policy policy, const struct json *decision, bool *made)
{
	struct policy_replay replay;
	struct text percent = json_text(explain_member(work, "percent")), off = json_text(explain_member(work, "off"));
	struct text sentence = text_format(work->command->arena, "%.*s %s %.*s", TEXT_ARG(text_present(percent) ? percent : off),
	                                   text_present(percent) ? "% of" : "off", TEXT_ARG(base_kept(work)));
	if (!explain_policy(work, name, policy, decision, sentence, &replay))
		return false;
	*made = replay.made;
	work->exact = replay.made ? replay.exact : work->line->exact;
	explain_last(work)->value = work->exact;
	check_base(work, decision);
	return true;
}

/* ------------------------------------------------------------------------------------------------ discounts */

/* Discounts before it of the same subscription and plan, as later ones see them; of a coupon "of" is less those already. */
static bool is_earlier(const struct invoice_line *line, const struct invoice_line *discount)
{
	return line->kind == INVOICE_LINE_KIND_DISCOUNT && !discount->coupon_redemption_id &&
	       line->position < discount->position && line->subscription_id == discount->subscription_id && text_equals(line->plan, discount->plan);
}

static bool what_is_left(const struct explain_work *work, struct exact_money *left)
{
	struct rounding_decision rounding;
	bool whole = explain_rounding_kept(work, &rounding) && rounding.place == ROUNDING_DECISION_PLACE_INVOICE;
	left->currency = work->line->currency;
	if (!fraction_parse(json_text(explain_member(work, "of")), &left->amount))
		return false;
	for (size_t i = 0; i < work->invoice->lines.count; i++) {
		const struct invoice_line *line = &work->invoice->lines.items[i];
		struct exact_money value = line->exact;
		if (is_earlier(line, work->line) &&
		    ((!whole && !exact_money_from_money(line->amount, &value)) || !exact_money_add(*left, value, left)))
			return false;
	}
	return true;
}

/* Not less than nothing, and not more than what earlier ones have left. */
static void limit(struct explain_work *work)
{
	struct exact_money left;
	int order;
	if (fraction_sign(work->exact.amount) < 0) {
		work->exact.amount = (struct fraction){ 0, 1 };
		explain_step(work, "limit", "A discount takes nothing less than nothing.");
	} else if (what_is_left(work, &left) && fraction_compare(work->exact.amount, left.amount, &order) && order > 0) {
		work->exact = left;
		explain_step(work, "limit", "Earlier discounts have left %.*s.", TEXT_ARG(explain_exact_text(work, left)));
	}
}

static bool read_member(const struct json *object, const char *name, struct fraction *number)
{
	const struct json *member = object ? json_member(object, name) : NULL;
	return member && fraction_parse(json_text(member), number);
}

/* Several lines bear it: this one by what was left of it. */
static void take_share(struct explain_work *work)
{
	struct fraction left, of, part;
	int order;
	if (!read_member(work->decision, "left", &left) || !read_member(work->decision, "of", &of) ||
	    (fraction_compare(left, of, &order) && order == 0))
		return;
	bool made = fraction_divide(left, of, &part) && exact_money_multiply(work->exact, part, &work->exact);
	struct explanation_step *step = explain_step(work, "share", "%.*s of the %.*s are of this line",
	                                             TEXT_ARG(json_text(explain_member(work, "left"))),
	                                             TEXT_ARG(json_text(explain_member(work, "of"))));
	if (!made)
		explain_differs(work, step, "its share cannot be worked out");
}

/* What is given back of a component bears the percentage that it was charged with, up to what that took off. */
static void explain_percent_back(struct explain_work *work, const struct json *kept)
{
	struct fraction percent, most, part;
	int order = 0;
	work->exact.currency = work->line->currency;
	bool made = read_member(kept, "of", &work->exact.amount) && read_member(kept, "percent", &percent) &&
	            read_member(kept, "at_most", &most) && fraction_divide(percent, (struct fraction){ 100, 1 }, &part) &&
	            exact_money_multiply(work->exact, part, &work->exact) && fraction_compare(work->exact.amount, most, &order);
	if (made && order > 0)
		work->exact.amount = most;
	struct explanation_step *step = explain_step(work, "share", "%.*s %% of %.*s, at most the %.*s that the period was discounted by",
	                                             TEXT_ARG(json_text(json_member(kept, "percent"))),
	                                             TEXT_ARG(json_text(json_member(kept, "of"))),
	                                             TEXT_ARG(json_text(json_member(kept, "at_most"))));
	if (!made)
		explain_differs(work, step, "its share cannot be worked out");
}

/* What is taken back of a charge was never discounted. */
static void explain_given_back(struct explain_work *work, const struct json *kept)
{
	struct fraction taken, charged, part;
	work->exact.currency = work->line->currency;
	bool made = read_member(kept, "of", &work->exact.amount) && read_member(kept, "taken", &taken) &&
	            read_member(kept, "charged", &charged) && fraction_divide(taken, charged, &part) &&
	            exact_money_multiply(work->exact, part, &work->exact);
	struct explanation_step *step = explain_step(work, "share", "Of the discount %.*s are left; of the charge %.*s of %.*s are taken back",
	                                             TEXT_ARG(json_text(json_member(kept, "of"))),
	                                             TEXT_ARG(json_text(json_member(kept, "taken"))),
	                                             TEXT_ARG(json_text(json_member(kept, "charged"))));
	if (!made)
		explain_differs(work, step, "its share cannot be worked out");
}

static bool explain_discount(struct explain_work *work, const struct json *decision)
{
	bool made;
	if (!ask(work, DISCOUNT, POLICY_DISCOUNT, decision, &made))
		return false;
	if (!made)
		return true;
	limit(work);
	if (work->line->coupon_redemption_id)
		take_share(work);
	if (!negate(&work->exact))
		explain_differs(work, explain_last(work), "it is too large");
	return true;
}

/* ------------------------------------------------------------------------------------------------ taxes */

/* The price has it in it already: the line adds nothing. */
static void explain_included(struct explain_work *work, struct text included)
{
	struct money amount, floor;
	bool read = money_parse(included, work->line->currency, &amount) &&
	            exact_money_round(work->exact, ROUNDING_FLOOR, &floor) &&
	            (amount.minor == floor.minor || amount.minor == floor.minor + 1);
	work->exact.amount = (struct fraction){ 0, 1 };
	struct explanation_step *step = explain_step(work, "limit", "%.*s are within the price: the line adds nothing.",
	                                             TEXT_ARG(included));
	if (!read)
		explain_differs(work, step, "that is not what the tax comes to");
}

static bool explain_tax(struct explain_work *work, const struct json *decision)
{
	const struct json *rates = explain_member(work, "tax_rates");
	struct text included = json_text(explain_member(work, "included"));
	struct policy_replay replay;
	bool made;
	if (rates && !explain_policy(work, "tax_rates", POLICY_TAX_RATES, rates, TEXT("Which taxes lie on the line."), &replay))
		return false;
	if (!ask(work, TAX, POLICY_TAX, decision, &made))
		return false;
	if (made && text_present(included))
		explain_included(work, included);
	return true;
}

bool explain_percentage(struct explain_work *work)
{
	const struct json *discount = explain_member(work, DISCOUNT), *tax = explain_member(work, TAX);
	const struct json *given_back = explain_member(work, "given_back");
	if (given_back) {
		(json_member(given_back, "percent") ? explain_percent_back : explain_given_back)(work, given_back);
		return true;
	}
	if (tax)
		return explain_tax(work, tax);
	if (discount)
		return explain_discount(work, discount);
	work->exact = work->line->exact;
	explain_differs(work, explain_step(work, "given", "A share of another amount."),
	                "the policy's decision was not kept");
	return true;
}
