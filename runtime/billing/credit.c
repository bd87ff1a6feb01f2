/* credit.c: money the tenant owes an account, used up by its next invoices. */
#include "credit.h"

#include "invoice.h"

#include <assert.h>

bool credit_find(struct command *command, int64_t id, struct credit **credit)
{
	return store_find(command->store, &credit_record, id, (void **)credit) &&
	       (!*credit || store_all(command->store, STATEMENT_CREDIT_USE_OF_CREDIT,
	                              BINDS(bind_id((*credit)->account_id), bind_id(id)), &credit_use_record,
	                              LIST(&(*credit)->uses)));
}

bool credit_page(struct command *command, const struct object_filter *filter, struct credit_list *credits)
{
	return store_all(command->store, filter->account_id ? STATEMENT_CREDIT_PAGE_OF_ACCOUNT : STATEMENT_CREDIT_PAGE,
	                 BINDS(bind_id(filter->account_id), bind_instant(filter->created_from),
	                       bind_instant(filter->created_until), bind_id(filter->before_id),
	                       bind_integer(filter->offset > 0 ? filter->offset : 0),
	                       bind_integer(object_page_rows(filter))),
	                 &credit_record, LIST(credits));
}

bool credit_balance(struct command *command, const struct account *account, struct money *balance)
{
	*balance = money_zero(account->currency);
	return store_integer(command->store, STATEMENT_CREDIT_SUM,
	                     BINDS(bind_id(account->id), bind_c(account->currency->code)), &balance->minor, NULL);
}

bool credit_create(struct command *command, const struct credit *template, struct credit **credit)
{
	assert(template->amount.minor > 0);
	struct credit *made = arena_new(command->arena, struct credit);
	*made = *template;
	made->id = store_new_id(command->store, "credit");
	made->remaining = made->amount;
	made->created_at = command->now;
	*credit = made;
	return made->id != 0 && store_insert(command->store, &credit_record, made);
}

static bool use_credit(struct command *command, struct credit *credit, struct invoice *invoice)
{
	struct money amount = money_min(credit->remaining, invoice->balance);
	struct credit_use use = {
		.id = store_new_id(command->store, "credit_use"),
		.account_id = credit->account_id,
		.credit_id = credit->id,
		.invoice_id = invoice->id,
		.currency = credit->currency,
		.amount = amount,
		.created_at = command->now,
	};
	credit->remaining.minor -= amount.minor;
	assert(credit->remaining.minor >= 0);
	return use.id != 0 && store_update(command->store, &credit_record, credit) &&
	       store_insert(command->store, &credit_use_record, &use) && invoice_reduce(command, invoice, amount);
}

/* Of an invoice that was there before, what it owes now is told; one that becomes open tells itself. */
static bool apply(struct command *command, const struct account *account, struct invoice *invoice, bool was_there)
{
	struct credit_list credits = { 0 };
	const struct money before = invoice->balance;
	assert(invoice->status == INVOICE_STATUS_OPEN);
	if (!store_all(command->store, STATEMENT_CREDIT_LEFT, BINDS(bind_id(account->id)), &credit_record,
	               LIST(&credits)))
		return false;
	for (size_t i = 0; i < credits.count && invoice->status == INVOICE_STATUS_OPEN; i++)
		if (credits.items[i].currency == invoice->currency && !use_credit(command, &credits.items[i], invoice))
			return false;
	if (was_there && invoice->balance.minor != before.minor &&
	    !invoice_announce_balance(command, invoice, before, "credit_used"))
		return false;
	return invoice_announce_reduced(command, invoice, NULL);
}

bool credit_apply(struct command *command, const struct account *account, struct invoice *invoice)
{
	return apply(command, account, invoice, false);
}

bool credit_spend(struct command *command, const struct account *account)
{
	struct invoice_list open = { 0 };
	struct money left;
	if (!credit_balance(command, account, &left) || (left.minor > 0 && !invoices_open(command, account->id, &open)))
		return false;
	for (size_t i = 0; i < open.count; i++)
		if (!apply(command, account, &open.items[i], true))
			return false;
	return true;
}

/* ------------------------------------------------------------------------------------------------ a withdrawn invoice */

static bool give_back(struct command *command, const struct invoice *invoice)
{
	struct credit template = {
		.account_id = invoice->account_id,
		.currency = invoice->currency,
		.amount = money_zero(invoice->currency),
		.reason = CREDIT_REASON_REPAIR,
		.invoice_id = invoice->id,
	};
	struct credit *credit;
	return store_integer(command->store, STATEMENT_CREDIT_USE_SUM,
	                     BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &template.amount.minor, NULL) &&
	       (template.amount.minor == 0 || credit_create(command, &template, &credit));
}

bool credit_use_up(struct command *command, struct credit *credit, int64_t invoice_id)
{
	struct credit_use use = {
		.id = store_new_id(command->store, "credit_use"),
		.account_id = credit->account_id,
		.credit_id = credit->id,
		.invoice_id = invoice_id,
		.currency = credit->currency,
		.amount = credit->remaining,
		.created_at = command->now,
	};
	credit->remaining = money_zero(credit->currency);
	return use.id != 0 && store_update(command->store, &credit_record, credit) &&
	       store_insert(command->store, &credit_use_record, &use);
}

bool credit_take_away(struct command *command, struct credit *credit)
{
	return credit_use_up(command, credit, credit->invoice_id);
}

bool credit_undo(struct command *command, const struct invoice *invoice)
{
	struct credit_list own = { 0 };
	if (!store_all(command->store, STATEMENT_CREDIT_OF_INVOICE,
	               BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &credit_record, LIST(&own)) ||
	    !give_back(command, invoice))
		return false;
	for (size_t i = 0; i < own.count; i++)
		if (!money_is_zero(own.items[i].remaining) && !credit_take_away(command, &own.items[i]))
			return false;
	return true;
}
