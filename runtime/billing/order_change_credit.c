/* order_change_credit.c: what was charged for and will not be served becomes a credit. */
#include "order_change_credit.h"

#include "catalog.h"
#include "coupon.h"
#include "credit_note_taken.h"
#include "event/dispatch.h"
#include "invoice.h"
#include "line_price.h"
#include "proration.h"

/* A line that was invoiced and what of it is given back. */
struct credited_line {
	const struct invoice_line *line;
	struct exact_money charged, credit;
	struct exact_money left;       /* credit notes and adjustments have left; below zero of a discount */
	struct exact_money given_back; /* notes of unused time have, of the days that are not served */
};

/* The credit of one order in the making. */
struct crediting {
	struct command *command;
	struct { struct credited_line *items; size_t count, capacity; } coupons; /* discounts that are given back */
	const struct account *account;
	struct date from;              /* first day no longer served */
	const struct plan *plan;       /* of the subscription at hand; NULL when the catalog lost it */
	struct note_taken taken;       /* of the invoice at hand */
	struct exact_money sum;
	struct text_builder decision;
	struct text_builder brief;     /* the same in short */
	size_t line_count;             /* of the decision */
	struct json_writer writer;
};

static bool overflow(struct crediting *work)
{
	return problem(work->command->problems, PROBLEM_OVERFLOW, "",
	               "an amount of account %lld is too large to be credited", (long long)work->account->id);
}

static bool is_base(const struct invoice_line *line)
{
	return line->kind == INVOICE_LINE_KIND_RECURRING || line->kind == INVOICE_LINE_KIND_ONE_TIME ||
	       line->kind == INVOICE_LINE_KIND_USAGE;
}

static const struct charge *charge_of(const struct crediting *work, const struct invoice_line *line)
{
	return work->plan && text_present(line->price_code) ? plan_charge(work->plan, line->price_code) : NULL;
}

/* ------------------------------------------------------------------------------------------------ explaining */

/* The lines that a discount or percentage was taken of, where it follows them. */
struct followed {
	const int64_t *positions;
	size_t count;
};

static void put_followed(struct json_writer *writer, const struct followed *followed)
{
	json_name(writer, "of");
	json_begin_array(writer);
	for (size_t i = 0; i < followed->count; i++)
		json_integer(writer, followed->positions[i]);
	json_end_array(writer);
}

static void put_line(struct crediting *work, const struct credited_line *credited, const struct rule_result *result,
                     const struct followed *followed)
{
	struct json_writer *writer = &work->writer;
	work->line_count++;
	json_begin_object(writer);
	json_name(writer, "invoice_id");
	json_integer(writer, credited->line->invoice_id);
	json_name(writer, "position");
	json_integer(writer, credited->line->position);
	json_name(writer, "charged");
	json_string(writer, fraction_text(work->command->arena, credited->charged.amount));
	json_name(writer, "credit");
	json_string(writer, fraction_text(work->command->arena, credited->credit.amount));
	json_name(writer, "left");
	json_string(writer, fraction_text(work->command->arena, credited->left.amount));
	json_name(writer, "given_back");
	json_string(writer, fraction_text(work->command->arena, credited->given_back.amount));
	if (result) {
		json_name(writer, "proration");
		json_raw(writer, policy_decision_text(work->command, result));
	}
	if (followed)
		put_followed(writer, followed);
	json_end_object(writer);
}

/* One that is too long keeps what was given back of which line of each invoice: later notes and changes must know. */
static struct text decision_kept(struct crediting *work)
{
	struct text decision = builder_text(&work->decision), brief = builder_text(&work->brief);
	bool fits = decision.length <= (size_t)credit_record.fields[CREDIT_FIELD_DECISION].max && work->line_count <= JSON_ITEMS_MAX;
	return fits ? decision
	            : text_format(work->command->arena, "{\"too_long\":%zu,\"invoices\":[%.*s]}", decision.length, TEXT_ARG(brief));
}

/* [position, credit] of each line. */
static void put_brief(struct crediting *work, const struct credited_line *lines, size_t count)
{
	builder_format(&work->brief, "%s{\"invoice_id\":%lld,\"credits\":[", work->brief.length ? "," : "", (long long)lines[0].line->invoice_id);
	bool first = true;
	for (size_t i = 0; i < count; i++) {
		struct text credit = fraction_text(work->command->arena, lines[i].credit.amount);
		if (fraction_sign(lines[i].credit.amount) == 0)
			continue;
		builder_format(&work->brief, "%s[%lld,\"%.*s\"]", first ? "" : ",", (long long)lines[i].line->position, TEXT_ARG(credit));
		first = false;
	}
	builder_c(&work->brief, "]}");
}

/* ------------------------------------------------------------------------------------------------ recurring lines */

static bool prorate_line(struct crediting *work, struct credited_line *credited, struct rule_result *result)
{
	const struct invoice_line *line = credited->line;
	struct proration_change change;
	if (!line_price_change(work->command->arena, line, (struct period){ work->from, line->period_end }, &change))
		return overflow(work);
	proration_change_zone(&change, command_zone(work->command, work->account));
	const struct plan *plan = work->plan;
	if (!policy_decide(work->command, POLICY_PRORATION, &change, plan ? plan->policies.items : NULL,
	                   plan ? plan->policies.count : 0, true, result))
		return false;
	if (result->exact.currency != line->currency)
		return problem(work->command->problems, PROBLEM_CURRENCY_MISMATCH, "",
		               "policy proration must answer in %s", line->currency->code);
	credited->credit = result->exact;
	return true;
}

/* Less what was given back, never less than nothing, never more than is left. */
static bool hold(struct crediting *work, struct credited_line *credited)
{
	const struct exact_money zero = { { 0, 1 }, credited->line->currency };
	const int sign = money_sign(credited->line->amount);
	int order;
	if (!fraction_subtract(credited->credit.amount, credited->given_back.amount, &credited->credit.amount) ||
	    !fraction_compare(credited->credit.amount, credited->left.amount, &order))
		return overflow(work);
	if (fraction_sign(credited->credit.amount) != sign)
		credited->credit = zero;
	else if (order == sign)
		credited->credit = credited->left;
	return true;
}

static bool credit_recurring(struct crediting *work, struct credited_line *credited)
{
	const struct invoice_line *line = credited->line;
	const struct charge *charge = charge_of(work, line);
	struct rule_result result;
	if (date_compare(line->period_end, work->from) <= 0)
		return true;
	if (date_compare(line->period_start, work->from) >= 0) {
		credited->credit = credited->charged;
		if (!hold(work, credited))
			return false;
		put_line(work, credited, NULL, NULL);
		return true;
	}
	if (charge && !(charge->has_prorated && charge->prorated))
		return true;
	if (!prorate_line(work, credited, &result) || !hold(work, credited))
		return false;
	put_line(work, credited, &result, NULL);
	return true;
}

/* ------------------------------------------------------------------------------------------------ what goes with them
 */

static bool follows(const struct crediting *work, const struct invoice_line *follower, const struct invoice_line *base)
{
	if (follower->coupon_redemption_id)
		return follower->linked_position == base->position;
	if (!is_base(base))
		return false;
	const struct charge *percentage = charge_of(work, follower), *charge = charge_of(work, base);
	if (follower->kind == INVOICE_LINE_KIND_DISCOUNT)
		return base->kind != INVOICE_LINE_KIND_USAGE;
	if (!percentage || !charge)
		return true;
	return charge_has_target(percentage, charge);
}

/* Percentages were taken of lines less what coupons took off them. */
static bool follows_of(const struct crediting *work, const struct invoice_line *follower, const struct credited_line *lines,
                       size_t count, size_t i)
{
	const struct invoice_line *base = lines[i].line;
	if (!base->coupon_redemption_id)
		return follows(work, follower, base);
	for (size_t j = 0; j < count && follower->kind != INVOICE_LINE_KIND_DISCOUNT; j++)
		if (lines[j].line->position == base->linked_position)
			return follows(work, follower, lines[j].line);
	return false;
}

/* A discount or percentage is given back in the proportion of the lines that it was taken of. */
static bool credit_follower(struct crediting *work, struct credited_line *follower, const struct credited_line *lines,
                            size_t count)
{
	struct fraction charged = { 0, 1 }, credit = { 0, 1 }, share;
	int64_t *positions = arena_new_many(work->command->arena, int64_t, count + 1);
	struct followed followed = { .positions = positions };
	for (size_t i = 0; i < count; i++) {
		if (!follows_of(work, follower->line, lines, count, i))
			continue;
		positions[followed.count++] = lines[i].line->position;
		if (!fraction_add(charged, lines[i].charged.amount, &charged) ||
		    !fraction_add(credit, lines[i].credit.amount, &credit))
			return overflow(work);
	}
	if (fraction_sign(charged) == 0 || fraction_sign(credit) == 0)
		return true;
	if (!fraction_divide(credit, charged, &share) ||
	    !exact_money_multiply(follower->charged, share, &follower->credit))
		return overflow(work);
	if (!hold(work, follower))
		return false;
	put_line(work, follower, NULL, &followed);
	return true;
}

static bool is_follower(const struct invoice_line *line)
{
	return line->kind == INVOICE_LINE_KIND_DISCOUNT || line->kind == INVOICE_LINE_KIND_PERCENT ||
	       line->kind == INVOICE_LINE_KIND_TAX;
}

static bool begin_line(struct crediting *work, const struct invoice_line *line, struct credited_line *credited)
{
	const struct period unserved = { work->from, line->period_end };
	struct money left;
	*credited = (struct credited_line){ .line = line };
	if (!exact_money_from_money(line->amount, &credited->charged) || !note_taken_left(&work->taken, line, &left) ||
	    !exact_money_from_money(left, &credited->left) ||
	    !exact_money_from_money(money_zero(line->currency), &credited->given_back))
		return overflow(work);
	credited->credit = credited->given_back;
	return line->kind != INVOICE_LINE_KIND_RECURRING ||
	       note_taken_of_days(work->command->arena, &work->taken, line, unserved, NULL, &credited->given_back) || overflow(work);
}

static bool read_taken(struct crediting *work, int64_t invoice_id)
{
	struct invoice *invoice = NULL;
	if (!invoice_find(work->command, invoice_id, &invoice))
		return false;
	if (!invoice)
		BUG("a line of an invoice that there is not");
	return note_taken_read(work->command, invoice, &work->taken);
}

/* The lines of one subscription on one invoice. */
static bool credit_invoice(struct crediting *work, const struct invoice_line *lines, size_t count)
{
	struct credited_line *credited = arena_new_many(work->command->arena, struct credited_line, count);
	if (!read_taken(work, lines[0].invoice_id))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!begin_line(work, &lines[i], &credited[i]))
			return false;
		if (lines[i].kind == INVOICE_LINE_KIND_RECURRING && !credit_recurring(work, &credited[i]))
			return false;
	}
	for (size_t i = 0; i < count; i++)
		if (is_follower(&lines[i]) && !credit_follower(work, &credited[i], credited, count))
			return false;
	for (size_t i = 0; i < count; i++) {
		if (!exact_money_add(work->sum, credited[i].credit, &work->sum))
			return overflow(work);
		if (lines[i].coupon_redemption_id && fraction_sign(credited[i].credit.amount) < 0)
			*list_add(work->command->arena, &work->coupons, struct credited_line) = credited[i];
	}
	put_brief(work, credited, count);
	return true;
}

static bool credit_subscription(struct crediting *work, const struct subscription *subscription,
                                struct date change_date)
{
	struct { struct invoice_line *items; size_t count, capacity; } lines = { 0 };
	struct plan *plan = NULL;
	work->from = date_max(change_date, subscription->start_date);
	if (date_compare(subscription->charged_through, work->from) <= 0)
		return true;
	if (!plan_find(work->command, subscription->plan_id, &plan) ||
	    !store_all(work->command->store, STATEMENT_INVOICE_LINE_OF_SUBSCRIPTION_AFTER,
	               BINDS(bind_id(subscription->account_id), bind_id(subscription->id),
	                     bind_date(work->command->arena, work->from)),
	               &invoice_line_record, LIST(&lines)))
		return false;
	work->plan = plan;
	for (size_t first = 0, next; first < lines.count; first = next) {
		for (next = first; next < lines.count && lines.items[next].invoice_id == lines.items[first].invoice_id;)
			next++;
		if (!credit_invoice(work, &lines.items[first], next - first))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ the credit */

static bool round_credit(struct crediting *work, struct money *amount)
{
	struct rounding_request request = { .currency = work->account->currency, .account_id = work->account->id };
	struct rule_result result;
	if (!policy_decide(work->command, POLICY_ROUNDING, &request, NULL, 0, true, &result))
		return false;
	json_name(&work->writer, "rounding");
	json_raw(&work->writer, policy_decision_text(work->command, &result));
	return exact_money_round(work->sum, invoice_rounding_mode(result.record), amount) || overflow(work);
}

static bool give_back_coupons(struct crediting *work, const struct credit *credit)
{
	const struct fraction minus_one = { -1, 1 };
	for (size_t i = 0; i < work->coupons.count; i++) {
		struct exact_money share;
		if (!exact_money_multiply(work->coupons.items[i].credit, minus_one, &share))
			return overflow(work);
		if (!coupon_give_back(work->command, credit, work->coupons.items[i].line, share))
			return false;
	}
	return true;
}

bool order_change_credit(struct command *command, const struct account *account, const struct order *order,
                         const struct subscription_list *subscriptions, struct date change_date, struct credit **credit)
{
	struct crediting work = { .command = command, .account = account };
	struct credit template = { .account_id = account->id, .currency = account->currency,
		                   .reason = CREDIT_REASON_PLAN_CHANGE, .order_id = order->id };
	*credit = NULL;
	if (!exact_money_from_money(money_zero(account->currency), &work.sum))
		return overflow(&work);
	builder_init(&work.decision, command->arena, 0);
	builder_init(&work.brief, command->arena, 0);
	json_writer_init(&work.writer, &work.decision);
	json_begin_object(&work.writer);
	json_name(&work.writer, "lines");
	json_begin_array(&work.writer);
	for (size_t i = 0; i < subscriptions->count; i++)
		if (!credit_subscription(&work, &subscriptions->items[i], change_date))
			return false;
	json_end_array(&work.writer);
	if (!round_credit(&work, &template.amount))
		return false;
	json_end_object(&work.writer);
	template.decision = decision_kept(&work);
	return (template.amount.minor <= 0 || credit_create(command, &template, credit)) && give_back_coupons(&work, *credit);
}
