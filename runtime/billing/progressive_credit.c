/* progressive_credit.c: the invoice of a period takes off what was invoiced within it. */
#include "progressive_work.h"

#include "subscription.h"

#include "value/json.h"

static bool find(struct command *command, const struct subscription *subscription, struct progressive_billing **billing)
{
	*billing = NULL;
	return !subscription->progressive_billing_id ||
	       store_find(command->store, &progressive_billing_record, subscription->progressive_billing_id, (void **)billing);
}

/* ------------------------------------------------------------------------------------------------ lines */

static bool in_window(const struct progressive_closing *closing, const struct invoice_line *line)
{
	for (size_t i = 0; i < closing->windows->count; i++) {
		const struct usage_closed *window = &closing->windows->items[i];
		if (text_equals(window->section, line->usage_section) && period_contains(window->period, line->period_start))
			return true;
	}
	return false;
}

/* Is the period over that the line is for, by what is known now of where periods end? */
static bool is_closed(const struct progressive_closing *closing, const struct invoice_line *line)
{
	bool billed = line->component_id ? closing->components : in_window(closing, line);
	return billed || closing->stops || date_compare(line->period_end, closing->target) <= 0;
}

static struct text decision_of(struct command *command, const struct progressive_line *open)
{
	struct text_builder out;
	struct json_writer writer;
	builder_init(&out, command->arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "progressive");
	json_begin_object(&writer);
	json_name(&writer, "invoice");
	json_string(&writer, open->invoice_number);
	json_name(&writer, "invoiced");
	json_string(&writer, money_amount_text(command->arena, open->line.amount));
	json_name(&writer, "left");
	json_string(&writer, money_amount_text(command->arena, open->left));
	json_end_object(&writer);
	json_end_object(&writer);
	return builder_text(&out);
}

static bool add_credit(struct command *command, const struct progressive_line *open, struct invoice_line_list *lines)
{
	struct money amount;
	if (open->left.minor <= 0)
		return true;
	if (!money_subtract(money_zero(open->left.currency), open->left, &amount))
		return problem(command->problems, PROBLEM_OVERFLOW, "", "what was invoiced within a period is too large");
	struct invoice_line *line = list_add(command->arena, lines, struct invoice_line);
	*line = open->line;
	line->invoice_id = 0;
	line->position = (int64_t)lines->count;
	line->description = text_format(command->arena, "Less invoice %.*s: %.*s", TEXT_ARG(open->invoice_number),
	                                TEXT_ARG(text_front(open->line.description, 400)));
	line->quantity = decimal_from_int64(1);
	line->has_unit_price = false;
	line->amount = amount;
	line->linked_invoice_id = open->line.invoice_id;
	line->linked_position = open->line.position;
	line->has_linked_position = true;
	line->decision = decision_of(command, open);
	return exact_money_from_money(amount, &line->exact);
}

bool progressive_credit_lines(struct command *command, const struct progressive_closing *closing,
                              struct invoice_line_list *lines, struct progressive_run *run)
{
	struct progressive_lines open;
	*run = (struct progressive_run){ .open_from = DATE_NONE };
	if (!find(command, closing->subscription, &run->billing))
		return false;
	if (!run->billing)
		return true;
	if (!progressive_lines_open(command, closing->subscription, run->billing->open_from, &open))
		return false;
	for (size_t i = 0; i < open.count; i++) {
		if (!is_closed(closing, &open.items[i].line))
			run->open_from = date_min(run->open_from, open.items[i].line.period_start);
		else if (!add_credit(command, &open.items[i], lines))
			return false;
	}
	return true;
}

size_t progressive_line_of(const struct invoice_line_list *lines, size_t credit)
{
	const struct invoice_line *line = &lines->items[credit];
	if (line->kind != INVOICE_LINE_KIND_PROGRESSIVE || line->amount.minor >= 0)
		return credit;
	for (size_t i = 0; i < lines->count; i++) {
		const struct invoice_line *usage = &lines->items[i];
		bool same = line->component_id ? usage->kind == INVOICE_LINE_KIND_COMPONENT_USAGE && usage->component_id == line->component_id
		                               : usage->kind == INVOICE_LINE_KIND_USAGE && usage->amount.minor > 0 &&
		                                         text_equals(usage->usage_section, line->usage_section);
		if (same && usage->subscription_id == line->subscription_id)
			return i;
	}
	return credit;
}

/* ------------------------------------------------------------------------------------------------ counters */

/* The subscription's usage on one invoice. */
static bool usage_on(struct command *command, const struct progressive_billing *billing, int64_t invoice_id, int64_t *minor)
{
	*minor = 0;
	return store_integer(command->store, STATEMENT_PROGRESSIVE_USAGE_OF_INVOICE,
	                     BINDS(bind_id(billing->account_id), bind_id(invoice_id), bind_id(billing->subscription_id)), minor, NULL);
}

/* A draft that runs add to is counted anew with each of them. */
static bool count(struct command *command, struct progressive_billing *billing, const struct invoice *invoice)
{
	int64_t minor, before = billing->counted_invoice_id == invoice->id ? billing->counted.minor : 0;
	if (!usage_on(command, billing, invoice->id, &minor))
		return false;
	billing->counted_invoice_id = invoice->id;
	billing->counted = money_of(minor, billing->currency);
	return !__builtin_add_overflow(billing->billed_usage.minor, minor - before, &billing->billed_usage.minor) ||
	       problem(command->problems, PROBLEM_OVERFLOW, "", "the usage of subscription %lld is too large",
	               (long long)billing->subscription_id);
}

static bool is_same(const struct progressive_billing *a, const struct progressive_billing *b)
{
	return date_compare(a->open_from, b->open_from) == 0 && a->billed_usage.minor == b->billed_usage.minor &&
	       a->counted_invoice_id == b->counted_invoice_id && a->counted.minor == b->counted.minor;
}

bool progressive_settle(struct command *command, const struct progressive_run *run, const struct invoice *invoice)
{
	struct progressive_billing *billing = run->billing;
	if (!billing)
		return true;
	const struct progressive_billing before = *billing;
	billing->open_from = run->open_from;
	if (invoice && !count(command, billing, invoice))
		return false;
	return (is_same(&before, billing) || progressive_billing_save(command, billing)) &&
	       (billing->status == PROGRESSIVE_BILLING_STATUS_ENDED ||
	        job_move(command, PROGRESSIVE_LOOK, billing->account_id, billing->id, command->now));
}

/* ------------------------------------------------------------------------------------------------ the way back */

static bool is_first_of(const struct invoice *invoice, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (invoice->lines.items[j].subscription_id == invoice->lines.items[i].subscription_id)
			return false;
	return invoice->lines.items[i].subscription_id != 0;
}

static bool return_of(struct command *command, const struct invoice *invoice, int64_t subscription_id)
{
	struct subscription *subscription = NULL;
	struct progressive_billing *billing = NULL;
	int64_t minor;
	if (!subscription_find(command, subscription_id, &subscription) || (subscription && !find(command, subscription, &billing)))
		return false;
	if (!billing)
		return true;
	bool counted = invoice->id > billing->from_invoice_id;
	if (!usage_on(command, billing, invoice->id, &minor))
		return false;
	if (counted)
		billing->billed_usage.minor -= minor;
	if (billing->counted_invoice_id == invoice->id)
		billing->counted_invoice_id = billing->counted.minor = 0;
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		if (line->kind == INVOICE_LINE_KIND_PROGRESSIVE && line->linked_invoice_id && line->subscription_id == subscription_id)
			billing->open_from = date_min(billing->open_from, line->period_start);
	}
	return progressive_billing_save(command, billing);
}

bool progressive_return(struct command *command, const struct invoice *invoice)
{
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (is_first_of(invoice, i) && !return_of(command, invoice, invoice->lines.items[i].subscription_id))
			return false;
	return true;
}
