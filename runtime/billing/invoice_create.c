/* invoice_create.c: a calculated invoice gets its number and rows; rules may change its lines before. */
#include "invoice.h"

#include "billing_run.h"
#include "invoice_run.h"
#include "event/dispatch.h"
#include "invoice_unsent.h"
#include "usage.h"

#include <assert.h>

static bool is_draft(const struct command *command, const struct invoice_origin *origin)
{
	enum account_invoicing invoicing = origin->account->invoicing;
	if (origin->waits)
		return true;
	return origin->by_billing_run && !origin->by_hand &&
	       (invoicing == ACCOUNT_INVOICING_DRAFT || invoicing == ACCOUNT_INVOICING_REUSE_DRAFT ||
	        command_setting_integer(command, "billing.draft_days", 0) > 0);
}

/* A draft owes nothing yet, and what gives back never does. */
static void set_total(struct invoice *invoice, struct money total)
{
	bool owes = invoice->status != INVOICE_STATUS_DRAFT && total.minor > 0;
	invoice->total = total;
	invoice->balance = owes ? total : money_zero(invoice->currency);
}

static struct invoice *new_invoice(struct command *command, const struct invoice_origin *origin,
                                   const struct invoice_calculation *calculation)
{
	const struct account *account = origin->account;
	struct invoice *invoice = arena_new(command->arena, struct invoice);
	invoice->id = store_new_id(command->store, "invoice");
	invoice->uuid = uuid_time_ordered();
	invoice->account_id = account->id;
	invoice->currency = account->currency;
	invoice->status = is_draft(command, origin) ? INVOICE_STATUS_DRAFT : INVOICE_STATUS_OPEN;
	invoice->invoice_date = command_today(command, account);
	invoice->due_date =
	        date_add_days(invoice->invoice_date, (int32_t)command_setting_integer(command, "billing.due_days", 0));
	invoice->billing_start = origin->billing.start;
	invoice->billing_end = origin->billing.end;
	invoice->target_date = origin->target;
	set_total(invoice, calculation->total);
	invoice->rounding = calculation->rounding;
	invoice->order_id = origin->order_id;
	invoice->by_billing_run = origin->by_billing_run;
	invoice->wallet_transaction_id = origin->wallet_transaction_id;
	invoice->lines.items = calculation->lines.items;
	invoice->lines.count = calculation->lines.count;
	invoice->lines.capacity = calculation->lines.capacity;
	invoice->created_at = invoice->updated_at = command->now;
	for (size_t i = 0; i < invoice->lines.count; i++)
		invoice->lines.items[i].invoice_id = invoice->id;
	return invoice;
}

/* ------------------------------------------------------------------------------------------------ what rules changed
 */

/* The amounts as they were calculated; a line whose amount differs afterwards was decided by a rule. */
static struct money *copy_amounts(struct command *command, const struct invoice *invoice)
{
	struct money *amounts = arena_new_many(command->arena, struct money, invoice->lines.count + 1);
	for (size_t i = 0; i < invoice->lines.count; i++)
		amounts[i] = invoice->lines.items[i].amount;
	return amounts;
}

/* A line that a rule added gets what it left out. */
static void complete_line(const struct invoice *invoice, struct invoice_line *line)
{
	line->account_id = invoice->account_id;
	line->invoice_id = invoice->id;
	line->currency = invoice->currency;
	line->kind = INVOICE_LINE_KIND_ADJUSTMENT;
	line->quantity = decimal_from_int64(1);
	line->order_id = invoice->order_id;
}

static const char *line_pointer(struct command *command, size_t i)
{
	return text_format(command->arena, "/lines/%zu", i).data;
}

static bool check_line(struct command *command, const struct invoice *invoice, size_t i)
{
	const struct invoice_line *line = &invoice->lines.items[i];
	if (!money_present(line->amount))
		return problem(command->problems, PROBLEM_MISSING_FIELD, line_pointer(command, i),
		               "a line that a rule added has no amount");
	if (line->amount.currency != invoice->currency)
		return problem(command->problems, PROBLEM_CURRENCY_MISMATCH, line_pointer(command, i),
		               "a line of the invoice is in %s, the invoice in %s", line->amount.currency->code,
		               invoice->currency->code);
	if (!text_present(line->description) || line->description.length == 0)
		return problem(command->problems, PROBLEM_MISSING_FIELD, line_pointer(command, i),
		               "a line that a rule added has no description");
	return true;
}

/* A tax whose line a rule took away goes with it; others go on pointing at their lines, which may have moved. */
static void keep_links(struct command *command, struct invoice *invoice, size_t count_before)
{
	int64_t *places = arena_new_many(command->arena, int64_t, count_before + 1);
	size_t kept = 0;
	for (size_t i = 0; i < invoice->lines.count; i++) {
		struct invoice_line line = invoice->lines.items[i];
		bool lies_on_another = line.position > 0 && line.has_linked_position && !line.linked_invoice_id;
		if (lies_on_another) {
			assert(line.linked_position < line.position);
			line.linked_position = places[line.linked_position];
			if (line.linked_position == 0)
				continue;
		}
		if (line.position > 0)
			places[line.position] = (int64_t)kept + 1;
		invoice->lines.items[kept++] = line;
	}
	invoice->lines.count = kept;
}

/* What a rule took off a charge, its discounts do not take off again. Places are those of keep_links. */
static void hold_discounts(struct command *command, struct invoice *invoice)
{
	int64_t *left = arena_new_many(command->arena, int64_t, invoice->lines.count + 1);
	for (size_t i = 0; i < invoice->lines.count; i++) {
		struct invoice_line *line = &invoice->lines.items[i];
		left[i] = line->amount.minor;
		if (!line->coupon_redemption_id || line->linked_invoice_id || line->amount.minor >= 0)
			continue;
		int64_t *of = &left[line->linked_position - 1];
		if (*of + line->amount.minor < 0)
			line->amount.minor = *of > 0 ? -*of : 0;
		*of += line->amount.minor;
	}
}

/* Positions, exact amounts and the total after pre rules ran; `before` holds the calculated amounts by position, which
 * a line that a rule added does not have. */
static bool settle_lines(struct command *command, struct invoice *invoice, const struct money *before, bool may_give_back)
{
	struct money total = money_zero(invoice->currency);
	for (size_t i = 0; i < invoice->lines.count; i++) {
		struct invoice_line *line = &invoice->lines.items[i];
		bool added = line->position == 0;
		if (added)
			complete_line(invoice, line);
		if (!check_line(command, invoice, i))
			return false;
		bool by_rule = added || line->amount.minor != before[line->position - 1].minor;
		line->position = (int64_t)i + 1;
		invoice_line_place(line, invoice->id);
		if (by_rule) {
			line->decision = TEXT("{\"by\":\"a rule before invoice.create\"}");
			if (!exact_money_from_money(line->amount, &line->exact))
				return problem(command->problems, PROBLEM_OVERFLOW, "/lines", "an amount is too large");
		}
		if (!money_add(total, line->amount, &total))
			return problem(command->problems, PROBLEM_OVERFLOW, "/lines",
			               "the sum of the lines is too large");
	}
	if (total.minor < 0 && !may_give_back)
		return problem(command->problems, PROBLEM_OUT_OF_RANGE, "/lines",
		               "the invoice would come to %s, less than nothing",
		               text_c(command->arena, money_text(command->arena, total)));
	set_total(invoice, total);
	return true;
}

/* ------------------------------------------------------------------------------------------------ number and rows */

/* `decided`: by which rule. */
static bool take_number(struct command *command, struct invoice *invoice, struct rule_result *decided)
{
	struct invoice_number_request request = { .account_id = invoice->account_id,
		                                  .invoice_date = invoice->invoice_date,
		                                  .prefix = command_setting(command, "invoice_number.prefix"),
		                                  .digits = command_setting_integer(command, "invoice_number.digits", 0) };
	request.has_digits = request.digits > 0;
	if (!store_next_number(command->store, "invoice_number", &request.counter) ||
	    !policy_decide(command, POLICY_INVOICE_NUMBER, &request, NULL, 0, false, decided))
		return false;
	size_t max = (size_t)invoice_record.fields[INVOICE_FIELD_NUMBER].max;
	if (decided->text.length == 0 || decided->text.length > max)
		return problem_value(command->problems, PROBLEM_RULE_FAILED, "/number", decided->text, NULL,
		                     "rule '%s' (%s:%d) must answer with 1 to %zu bytes", decided->trace->rule,
		                     decided->trace->file, decided->trace->line, max);
	invoice->number = decided->text;
	return true;
}

static bool number_is_taken(struct command *command, const struct rule_result *decided)
{
	return problem_value(command->problems, PROBLEM_DUPLICATE, "/number", decided->text,
	                     "Let the policy's number contain its counter.",
	                     "invoice number %.*s is taken by another invoice: it is what rule '%s' (%s:%d) answered",
	                     TEXT_ARG(decided->text), decided->trace->rule, decided->trace->file, decided->trace->line);
}

/* Of an invoice nothing but its number is unique beside its key. */
static bool insert_rows(struct command *command, struct invoice *invoice)
{
	struct money sum = money_zero(invoice->currency);
	struct rule_result decided;
	bool taken;
	if (!take_number(command, invoice, &decided) ||
	    !store_insert_untaken(command->store, &invoice_record, invoice, &taken))
		return false;
	if (taken)
		return number_is_taken(command, &decided);
	for (size_t i = 0; i < invoice->lines.count; i++) {
		sum.minor += invoice->lines.items[i].amount.minor;
		if (!store_insert(command->store, &invoice_line_record, &invoice->lines.items[i]))
			return false;
	}
	assert(sum.minor == invoice->total.minor);
	return true;
}

static bool bill_usage(struct command *command, const struct invoice_origin *origin, const struct invoice *invoice)
{
	for (size_t i = 0; i < origin->basis_count; i++)
		if (!usage_bill(command, invoice, &origin->bases[i]))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ drafts */

/* The draft that the account's runs add to, the newest unless it is full; NULL: none. */
static bool find_draft(struct command *command, const struct invoice_origin *origin, struct invoice **draft)
{
	*draft = NULL;
	if (origin->account->invoicing != ACCOUNT_INVOICING_REUSE_DRAFT || !is_draft(command, origin))
		return true;
	if (!invoice_run_draft(command, origin->account->id, draft))
		return false;
	if (*draft && (*draft)->lines.count >= INVOICE_RUN_LINES_MAX)
		*draft = NULL;
	return true;
}

static bool add_to_draft(struct command *command, const struct invoice_origin *origin,
                         const struct invoice_calculation *calculation, struct invoice *draft)
{
	draft->target_date = date_max(draft->target_date, origin->target);
	draft->billing_start = date_min(draft->billing_start, origin->billing.start);
	draft->billing_end = date_max(draft->billing_end, origin->billing.end);
	draft->rounding = invoice_rounding_both(draft->rounding, calculation->rounding);
	return invoice_append(command, draft, calculation->lines.items, calculation->lines.count) &&
	       bill_usage(command, origin, draft);
}

static bool plan_commit(struct command *command, const struct invoice_origin *origin, const struct invoice *invoice)
{
	int64_t days = command_setting_integer(command, "billing.draft_days", 0);
	if (days <= 0)
		return true;
	struct date due = date_add_days(invoice->invoice_date, (int32_t)days);
	return job_add(command, "invoice.commit", invoice->account_id, invoice->id,
	               billing_run_instant(command, origin->account, due), TEXT_NONE);
}

bool invoice_create(struct command *command, const struct invoice_origin *origin,
                    const struct invoice_calculation *calculation, struct invoice **created)
{
	if (!find_draft(command, origin, created))
		return false;
	if (*created)
		return add_to_draft(command, origin, calculation, *created);
	struct invoice *invoice = new_invoice(command, origin, calculation);
	struct money *before = copy_amounts(command, invoice);
	size_t count_before = invoice->lines.count;
	bool may_give_back = date_present(origin->target) || origin->by_hand;
	struct occurrence creation =
	        occurrence_of(EVENT_INVOICE_CREATE, &invoice_record, invoice, invoice->id, invoice->account_id);
	creation.details.has_append_to_unsent = creation.details.has_appended = true;
	if (invoice->id == 0 || !event_pre(command, &creation))
		return false;
	keep_links(command, invoice, count_before);
	hold_discounts(command, invoice);
	if (!settle_lines(command, invoice, before, may_give_back))
		return false;
	creation.details.appended = false;
	if (creation.details.append_to_unsent && !origin->wallet_transaction_id && !invoice_append_to_unsent(command, origin, invoice, created))
		return false;
	if (*created) {
		creation.subject = *created;
		creation.object_id = (*created)->id;
		creation.details.appended = true;
		return event_post(command, &creation);
	}
	if (!insert_rows(command, invoice) || !bill_usage(command, origin, invoice) || !event_post(command, &creation))
		return false;
	*created = invoice;
	if (invoice->status == INVOICE_STATUS_DRAFT)
		return origin->waits || plan_commit(command, origin, invoice);
	return invoice_owe(command, origin->account, invoice);
}
