/* progressive_invoice.c: usage has reached a threshold: what is used so far is invoiced. */
#include "progressive_work.h"

#include "account.h"
#include "coupon.h"
#include "coupon_lines.h"
#include "event/dispatch.h"
#include "invoice_run.h"
#include "invoice_tax_lines.h"
#include "subscription.h"

#include "value/json.h"

/* ------------------------------------------------------------------------------------------------ lines */

static void tell_money(struct command *command, struct json_writer *writer, const char *name, struct money amount)
{
	json_name(writer, name);
	json_string(writer, money_amount_text(command->arena, amount));
}

static const struct json *kept_period(struct command *command, const struct invoice_line *line)
{
	struct problems ignored;
	problems_init(&ignored, command->arena);
	const struct json *decision = text_present(line->decision) ? json_parse(line->decision, command->arena, &ignored) : NULL;
	return decision ? json_member(decision, "period") : NULL;
}

/* What was used, by the decision of the line that its period's invoice would have now, and what of that is invoiced. */
static struct text decision_of(struct command *command, const struct progressive_billing *billing,
                               const struct progressive_measure *measure)
{
	struct text_builder out;
	struct json_writer writer;
	const struct json *period = kept_period(command, &measure->line);
	builder_init(&out, command->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	if (period) {
		json_name(&writer, "period");
		json_tree(&writer, period);
	}
	json_name(&writer, "progressive");
	json_begin_object(&writer);
	json_name(&writer, "id");
	json_integer(&writer, billing->id);
	tell_money(command, &writer, "reached", billing->passed);
	tell_money(command, &writer, "usage", measure->line.amount);
	tell_money(command, &writer, "invoiced", measure->invoiced);
	if (measure->line_count == 1) {
		json_name(&writer, "rated");
		json_raw(&writer, measure->line.decision);
	}
	json_end_object(&writer);
	json_end_object(&writer);
	return builder_text(&out);
}

static bool add_line(struct command *command, const struct progressive_billing *billing, const struct progressive_measure *measure,
                     struct invoice_calculation *calculation)
{
	struct money due;
	if (!money_subtract(measure->line.amount, measure->invoiced, &due))
		return problem(command->problems, PROBLEM_OVERFLOW, "", "the usage is too large to be billed");
	if (due.minor <= 0)
		return true;
	struct invoice_line *line = list_add(command->arena, &calculation->lines, struct invoice_line);
	*line = measure->line;
	line->kind = INVOICE_LINE_KIND_PROGRESSIVE;
	line->position = (int64_t)calculation->lines.count;
	line->amount = due;
	line->description = TEXT_JOIN(command->arena, billing->name, TEXT(": "), measure->line.description);
	if (measure->line_count > 1 || measure->invoiced.minor != 0) {
		line->quantity = decimal_from_int64(1);
		line->has_unit_price = false;
	}
	line->has_rate = false;
	line->decision = decision_of(command, billing, measure);
	return exact_money_from_money(due, &line->exact) && (money_add(calculation->total, due, &calculation->total) ||
	       problem(command->problems, PROBLEM_OVERFLOW, "", "the usage is too large to be billed"));
}

/* ------------------------------------------------------------------------------------------------ the invoice */

static bool sum_up(struct command *command, struct invoice_calculation *calculation)
{
	calculation->total = money_zero(calculation->total.currency);
	for (size_t i = 0; i < calculation->lines.count; i++)
		if (!money_add(calculation->total, calculation->lines.items[i].amount, &calculation->total))
			return problem(command->problems, PROBLEM_OVERFLOW, "", "the sum of the lines is too large");
	return true;
}

static void keep_open(struct progressive_billing *billing, const struct invoice_line_list *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		if (lines->items[i].kind == INVOICE_LINE_KIND_PROGRESSIVE)
			billing->open_from = date_min(billing->open_from, lines->items[i].period_start);
}

/* *charged: before discounts and taxes. */
static bool make_invoice(struct item_amount *amount, struct progressive_billing *billing, const struct progressive_measures *measures,
                         struct money *charged, struct invoice **invoice)
{
	struct command *command = amount->command;
	struct invoice_calculation calculation = { .rounding = TEXT_NONE, .total = money_zero(billing->currency) };
	for (size_t i = 0; i < measures->count; i++)
		if (!add_line(command, billing, &measures->items[i], &calculation))
			return false;
	*charged = calculation.total;
	if (calculation.lines.count == 0)
		return true;
	calculation.rounding = item_amount_rounding(amount);
	struct invoice_origin origin = { .account = amount->account, .by_hand = true };
	if (!coupon_lines_add(amount, 0, &calculation) || !invoice_tax_lines_add(command, amount->account, 0, &calculation) ||
	    !sum_up(command, &calculation))
		return false;
	origin.billing = invoice_lines_period(&calculation.lines, command_today(command, amount->account));
	keep_open(billing, &calculation.lines);
	return invoice_create(command, &origin, &calculation, invoice) && coupon_redemptions_settle(command, *invoice) &&
	       invoice_collect_payment(command, amount->account, *invoice);
}

/* ------------------------------------------------------------------------------------------------ a look */

static bool announce(struct command *command, struct progressive_billing *billing, struct money charged, const struct invoice *invoice)
{
	struct occurrence reached = occurrence_of(EVENT_PROGRESSIVE_BILLING_REACH, &progressive_billing_record, billing, billing->id,
	                                          billing->account_id);
	if (invoice) {
		reached.details.currency = billing->currency;
		reached.details.amount = charged;
		reached.details.invoice_id = invoice->id;
	}
	return event_post(command, &reached);
}

static bool look(struct item_amount *amount, struct progressive_billing *billing, const struct subscription *subscription)
{
	struct command *command = amount->command;
	struct usage_thresholds thresholds;
	struct progressive_measures measures;
	struct invoice *invoice = NULL;
	struct money charged, lifetime;
	if (!progressive_thresholds(command, billing, subscription, &thresholds))
		return false;
	if (thresholds.fixed_count == 0 && thresholds.step_minor == 0)
		return true;
	if (!progressive_measure(amount, subscription, billing->open_from, &measures))
		return false;
	if (!money_add(billing->billed_usage, measures.usage, &lifetime))
		return problem(command->problems, PROBLEM_OVERFLOW, "", "the usage of subscription %lld is too large",
		               (long long)subscription->id);
	int64_t reached = threshold_reached(&thresholds, lifetime.minor);
	if (reached <= billing->passed.minor)
		return true;
	billing->passed = money_of(reached, billing->currency);
	billing->passed_at = command->now;
	return make_invoice(amount, billing, &measures, &charged, &invoice) && progressive_billing_save(command, billing) &&
	       announce(command, billing, charged, invoice);
}

bool progressive_look_job(struct command *command, const struct job *job)
{
	struct subscription *subscription = NULL;
	void *found;
	if (!store_find(command->store, &progressive_billing_record, job->object_id, &found))
		return false;
	struct progressive_billing *billing = found;
	if (!billing || billing->status == PROGRESSIVE_BILLING_STATUS_ENDED)
		return true;
	command_object(command, "progressive_billing", billing->id, billing->account_id);
	struct account *account = account_need(command, billing->account_id, "");
	if (!account || !subscription_find(command, billing->subscription_id, &subscription))
		return false;
	if (!subscription || account->invoicing == ACCOUNT_INVOICING_OFF || subscription_is_uninvoiced(subscription))
		return true;
	struct item_amount amount = item_amount_of(command, account);
	return look(&amount, billing, subscription);
}
