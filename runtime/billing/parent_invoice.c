/* parent_invoice.c: invoices of children that their parent pays. */
#include "parent_invoice.h"

#include "account.h"
#include "credit.h"
#include "invoice_run.h"

bool parent_pays(const struct account *account)
{
	return account->parent_id && account->has_parent_pays && account->parent_pays;
}

bool parent_check(struct command *command, const struct account *account)
{
	struct account *parent = NULL;
	if (!account->parent_id)
		return true;
	if (!account_find(command, account->parent_id, &parent))
		return false;
	struct text id = text_from_int64(command->arena, account->parent_id);
	if (!parent || parent->id == account->id)
		return problem_value(command->problems, PROBLEM_NOT_FOUND, "/parent_id", id, NULL,
		                     "account %.*s cannot be the parent", TEXT_ARG(id));
	if (parent->parent_id)
		return problem_value(command->problems, PROBLEM_WRONG_STATE, "/parent_id", id, "Name the parent's parent.",
		                     "account %.*s has a parent itself", TEXT_ARG(id));
	return parent->currency == account->currency ||
	       problem_value(command->problems, PROBLEM_CURRENCY_MISMATCH, "/parent_id", id, NULL,
	                     "the parent is in %s, the account in %s", parent->currency->code, account->currency->code);
}

/* ------------------------------------------------------------------------------------------------ gathering */

static bool gathers(const struct invoice *invoice)
{
	return invoice->lines.count > 0 && invoice->lines.items[0].kind == INVOICE_LINE_KIND_PARENT_SUMMARY;
}

/* The draft of the parent's day; NULL: none yet. */
static bool find_draft(struct command *command, const struct account *parent, struct invoice **draft)
{
	struct invoice_list drafts = { 0 };
	struct date today = command_today(command, parent);
	*draft = NULL;
	if (!store_all(command->store, STATEMENT_INVOICE_DRAFT, BINDS(bind_id(parent->id)), &invoice_record, LIST(&drafts)))
		return false;
	for (size_t i = 0; i < drafts.count && !*draft; i++) {
		if (date_compare(drafts.items[i].invoice_date, today) != 0)
			continue;
		if (!invoice_load_lines(command, &drafts.items[i]))
			return false;
		if (gathers(&drafts.items[i]))
			*draft = &drafts.items[i];
	}
	return true;
}

/* 23:59:59.999, as Kill Bill does it. */
static struct instant end_of_day(struct instant now)
{
	const int64_t day_us = INT64_C(24) * 3600 * US_PER_S;
	return (struct instant){ now.us - now.us % day_us + day_us - US_PER_S / 1000 };
}

static bool open_draft(struct command *command, const struct account *parent, struct invoice_line *line)
{
	struct invoice_calculation calculation = { .rounding = TEXT_NONE, .total = line->amount };
	struct invoice_origin origin = { .account = parent, .by_hand = true, .waits = true };
	struct invoice *draft = NULL;
	line->account_id = parent->id;
	line->currency = parent->currency;
	line->position = 1;
	*list_add(command->arena, &calculation.lines, struct invoice_line) = *line;
	origin.billing = invoice_lines_period(&calculation.lines, command_today(command, parent));
	return invoice_create(command, &origin, &calculation, &draft) &&
	       job_add(command, "invoice.commit", parent->id, draft->id, end_of_day(command->now), TEXT_NONE);
}

bool parent_gather(struct command *command, const struct account *child, const struct invoice *invoice)
{
	struct account *parent = NULL;
	struct invoice *draft;
	if (!parent_pays(child) || invoice->status != INVOICE_STATUS_OPEN)
		return true;
	if (!account_find(command, child->parent_id, &parent) || !parent)
		return !store_failed(command->store);
	struct invoice_line line = {
		.kind = INVOICE_LINE_KIND_PARENT_SUMMARY,
		.child_account_id = child->id,
		.linked_invoice_id = invoice->id,
		.description = text_format(command->arena, "%.*s, invoice %.*s", TEXT_ARG(child->name), TEXT_ARG(invoice->number)),
		.quantity = decimal_from_int64(1),
		.period_start = command_today(command, parent),
		.amount = invoice->balance,
		.decision = TEXT("{\"by\":\"the invoices of children\"}"),
	};
	if (!exact_money_from_money(line.amount, &line.exact) || !find_draft(command, parent, &draft))
		return false;
	return draft ? invoice_append(command, draft, &line, 1) : open_draft(command, parent, &line);
}

/* ------------------------------------------------------------------------------------------------ settling */

/* The parent's payment reaches the child as a credit that its invoice uses. */
static bool settle_child(struct command *command, const struct invoice_line *line)
{
	struct invoice *invoice = NULL;
	if (!invoice_find(command, line->linked_invoice_id, &invoice) || !invoice || invoice->status != INVOICE_STATUS_OPEN)
		return !store_failed(command->store);
	struct account *child = account_need(command, invoice->account_id, "/account_id");
	struct credit template = {
		.account_id = invoice->account_id,
		.currency = invoice->currency,
		.amount = money_min(invoice->balance, line->amount),
		.reason = CREDIT_REASON_GOODWILL,
	};
	struct credit *credit;
	return child && credit_create(command, &template, &credit) && credit_apply(command, child, invoice);
}

bool parent_settle(struct command *command, const struct invoice *invoice)
{
	struct invoice lines = *invoice;
	bool may_gather = !invoice->by_billing_run && !invoice->order_id;
	if (!may_gather)
		return true;
	lines.lines.items = NULL;
	lines.lines.count = lines.lines.capacity = 0;
	if (!invoice_load_lines(command, &lines))
		return false;
	for (size_t i = 0; i < lines.lines.count; i++)
		if (lines.lines.items[i].kind == INVOICE_LINE_KIND_PARENT_SUMMARY &&
		    !settle_child(command, &lines.lines.items[i]))
			return false;
	return true;
}
