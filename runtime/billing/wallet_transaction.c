/* wallet_transaction.c: what comes into a wallet and goes out of it, and which grants each debit takes from. */
#include "wallet_work.h"

#include "account.h"
#include "event/dispatch.h"
#include "invoice_run.h"
#include "wallet_burn.h"

#include <assert.h>

/* ------------------------------------------------------------------------------------------------ reading */

bool wallet_transaction_find(struct command *command, int64_t id, struct wallet_transaction **transaction)
{
	if (!store_find(command->store, &wallet_transaction_record, id, (void **)transaction))
		return false;
	struct wallet_transaction *found = *transaction;
	return !found || store_all(command->store,
	                           money_present(found->remaining) ? STATEMENT_WALLET_USE_OF_GRANT : STATEMENT_WALLET_USE_OF_TRANSACTION,
	                           BINDS(bind_id(found->account_id), bind_id(id)), &wallet_use_record, LIST(&found->uses));
}

bool wallet_transactions_of_wallet(struct command *command, const struct wallet *wallet, const struct object_filter *filter,
                                   struct wallet_transaction_list *transactions)
{
	return store_all(command->store, STATEMENT_WALLET_TRANSACTION_PAGE,
	                 BINDS(bind_id(wallet->account_id), bind_id(wallet->id), bind_id(filter->before_id),
	                       bind_integer(object_page_rows(filter))),
	                 &wallet_transaction_record, LIST(transactions));
}

bool wallet_transactions_of_invoice(struct command *command, const struct invoice *invoice,
                                    struct wallet_transaction_list *transactions)
{
	return store_all(command->store, STATEMENT_WALLET_TRANSACTION_OF_INVOICE,
	                 BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &wallet_transaction_record, LIST(transactions));
}

bool wallet_uses_of_invoice(struct command *command, const struct invoice *invoice, struct wallet_use_list *uses)
{
	return store_all(command->store, STATEMENT_WALLET_USE_OF_INVOICE,
	                 BINDS(bind_id(invoice->account_id), bind_id(invoice->id)), &wallet_use_record, LIST(uses));
}

bool wallet_paid(struct command *command, const struct invoice *invoice, struct money *paid)
{
	*paid = money_zero(invoice->currency);
	return store_integer(command->store, STATEMENT_WALLET_USE_SUM, BINDS(bind_id(invoice->account_id), bind_id(invoice->id)),
	                     &paid->minor, NULL);
}

/* ------------------------------------------------------------------------------------------------ grants */

static struct occurrence occurrence_on(enum event event, struct wallet_transaction *transaction)
{
	return occurrence_of(event, &wallet_transaction_record, transaction, transaction->id, transaction->account_id);
}

static struct wallet_transaction *new_transaction(struct command *command, const struct wallet *wallet,
                                                  enum wallet_transaction_kind kind)
{
	struct wallet_transaction *transaction = arena_new(command->arena, struct wallet_transaction);
	*transaction = (struct wallet_transaction){
		.id = store_new_id(command->store, "wallet_transaction"),
		.uuid = uuid_time_ordered(),
		.account_id = wallet->account_id,
		.wallet_id = wallet->id,
		.kind = kind,
		.status = WALLET_TRANSACTION_STATUS_SETTLED,
		.currency = wallet->currency,
		.settled_at = command->now,
		.created_at = command->now,
	};
	return transaction;
}

bool wallet_transaction_store(struct command *command, struct wallet_transaction *transaction, struct occurrence *occurrence)
{
	return store_insert(command->store, &wallet_transaction_record, transaction) && event_post(command, occurrence);
}

static bool add_units(struct command *command, struct wallet *wallet, struct money amount, struct decimal credits)
{
	if (!money_add(wallet->balance, amount, &wallet->balance) || !decimal_add(wallet->credits, credits, &wallet->credits))
		return problem(command->problems, PROBLEM_OVERFLOW, "", "wallet %lld would hold too much", (long long)wallet->id);
	return wallet_save(command, wallet);
}

/* What a sender's floats left behind is rounded away before it is units or money. */
static bool units_of_grant(struct command *command, const struct wallet *wallet, const struct wallet_grant *grant,
                           struct wallet_transaction *transaction)
{
	const char *pointer = grant->pointer ? grant->pointer : "";
	if (!decimal_round(grant->credits, WALLET_UNIT_SCALE, ROUNDING_HALF_UP, &transaction->credits) ||
	    !wallet_money(transaction->credits, wallet->rate, wallet->currency, &transaction->amount))
		return problem(command->problems, PROBLEM_OVERFLOW, pointer, "so many units are too much money");
	return transaction->amount.minor > 0 ||
	       problem_value(command->problems, PROBLEM_OUT_OF_RANGE, pointer, decimal_text(command->arena, grant->credits),
	                     "Give more units.", "so few units are no money");
}

/* Both rows are read again: credits of the account may have paid the invoice at once. */
static bool sell(struct command *command, struct wallet *wallet, struct wallet_transaction *transaction)
{
	struct account *account = account_need(command, wallet->account_id, "");
	struct invoice_calculation calculation = { .rounding = TEXT_NONE, .total = transaction->amount };
	struct invoice_origin origin = { .account = account, .by_hand = true, .wallet_transaction_id = transaction->id };
	struct invoice *invoice = NULL;
	void *found, *fresh;
	if (!account)
		return false;
	struct invoice_line *line = list_add(command->arena, &calculation.lines, struct invoice_line);
	*line = (struct invoice_line){
		.account_id = account->id, .position = 1, .kind = INVOICE_LINE_KIND_EXTERNAL_CHARGE,
		.description = text_present(transaction->name) ? transaction->name : wallet->name,
		.quantity = decimal_from_int64(1), .currency = wallet->currency, .amount = transaction->amount,
		.period_start = command_today(command, account), .decision = TEXT(INVOICE_LINE_BY_HAND),
	};
	origin.billing = invoice_lines_period(&calculation.lines, command_today(command, account));
	if (!exact_money_from_money(line->amount, &line->exact) || !invoice_create(command, &origin, &calculation, &invoice) ||
	    !store_find(command->store, &wallet_transaction_record, transaction->id, &found) ||
	    !store_find(command->store, &wallet_record, wallet->id, &fresh))
		return false;
	*transaction = *(struct wallet_transaction *)found;
	*wallet = *(struct wallet *)fresh;
	transaction->invoice_id = invoice->id;
	return store_update(command->store, &wallet_transaction_record, transaction) &&
	       invoice_collect_payment(command, account, invoice);
}

static bool check_expiry(struct command *command, const struct wallet_transaction *transaction)
{
	return transaction->expires_at.us == 0 || transaction->expires_at.us > command->now.us ||
	       problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "/expires_at",
	                     instant_text(command->arena, transaction->expires_at), "Name a moment that is still to come.",
	                     "the expiry has passed already");
}

static bool plan_expiry(struct command *command, const struct wallet_transaction *transaction)
{
	return transaction->expires_at.us == 0 ||
	       job_move(command, WALLET_EXPIRE, transaction->account_id, transaction->id, transaction->expires_at);
}

static void count_days(struct command *command, struct wallet_transaction *transaction)
{
	const int64_t day_us = 86400 * (int64_t)US_PER_S;
	if (transaction->has_expires_in_days && transaction->expires_at.us == 0)
		transaction->expires_at = instant_after(command->now, transaction->expires_in_days * day_us);
}

/* Units that are there, unlike those of a purchase that is not paid. */
static bool hold(struct command *command, struct wallet *wallet, struct wallet_transaction *transaction)
{
	return plan_expiry(command, transaction) && add_units(command, wallet, transaction->amount, transaction->credits);
}

bool wallet_transaction_grant(struct command *command, struct wallet *wallet, const struct wallet_grant *grant,
                              struct wallet_transaction **made)
{
	struct wallet_transaction *transaction = new_transaction(command, wallet, grant->kind);
	bool bought = grant->kind == WALLET_TRANSACTION_KIND_PURCHASED;
	*made = transaction;
	transaction->name = grant->name;
	transaction->custom = grant->custom;
	transaction->priority = grant->priority ? grant->priority : WALLET_PRIORITY_DEFAULT;
	transaction->has_priority = true;
	transaction->expires_at = grant->expires_at;
	transaction->expires_in_days = grant->expires_in_days;
	transaction->has_expires_in_days = grant->expires_in_days > 0;
	transaction->by_rule = grant->by_rule;
	if (transaction->id == 0 || !units_of_grant(command, wallet, grant, transaction))
		return false;
	if (bought) {
		transaction->status = WALLET_TRANSACTION_STATUS_PENDING;
		transaction->settled_at = INSTANT_NONE;
	} else {
		count_days(command, transaction);
	}
	transaction->remaining = bought ? money_zero(wallet->currency) : transaction->amount;
	struct occurrence created = occurrence_on(EVENT_WALLET_TRANSACTION_CREATE, transaction);
	return event_pre(command, &created) && check_expiry(command, transaction) &&
	       (bought || hold(command, wallet, transaction)) && wallet_transaction_store(command, transaction, &created) &&
	       (!bought || sell(command, wallet, transaction));
}

bool wallet_transaction_settle(struct command *command, struct wallet *wallet, struct wallet_transaction *transaction)
{
	struct occurrence settled = occurrence_on(EVENT_WALLET_TRANSACTION_SETTLE, transaction);
	transaction->status = WALLET_TRANSACTION_STATUS_SETTLED;
	transaction->settled_at = command->now;
	transaction->remaining = transaction->amount;
	count_days(command, transaction);
	settled.details.invoice_id = transaction->invoice_id;
	return hold(command, wallet, transaction) && store_update(command->store, &wallet_transaction_record, transaction) &&
	       event_post(command, &settled);
}

/* ------------------------------------------------------------------------------------------------ debits */

bool wallet_units_worth(struct command *command, const struct wallet *wallet, struct money amount, struct decimal *units)
{
	if (money_compare(amount, wallet->balance) == 0)
		*units = wallet->credits;
	else if (!wallet_units_of(amount, wallet->rate, WALLET_UNIT_SCALE, units))
		return problem(command->problems, PROBLEM_OVERFLOW, "", "the amount is too many units");
	if (decimal_compare(*units, wallet->credits) > 0)
		*units = wallet->credits;
	return true;
}

/* A debit at hand: the wallet's grants that have something left, in the order in which they are used. */
struct burning {
	struct command *command;
	struct wallet_transaction *transaction;
	struct wallet_transaction_list rows;
	struct burn_grant *grants;
	struct burn_part *parts;
	size_t count;
};

static bool read_grants(struct burning *burning, const struct wallet *wallet, int64_t only_id)
{
	struct command *command = burning->command;
	if (!store_all(command->store, STATEMENT_WALLET_GRANTS, BINDS(bind_id(wallet->account_id), bind_id(wallet->id)),
	               &wallet_transaction_record, LIST(&burning->rows)))
		return false;
	burning->grants = arena_new_many(command->arena, struct burn_grant, burning->rows.count + 1);
	burning->parts = arena_new_many(command->arena, struct burn_part, burning->rows.count + 1);
	for (size_t i = 0; i < burning->rows.count; i++) {
		const struct wallet_transaction *row = &burning->rows.items[i];
		if (only_id && row->id != only_id)
			continue;
		burning->grants[burning->count++] = (struct burn_grant){
			.id = row->id, .priority = row->priority, .expires_at = row->expires_at,
			.purchased = row->kind == WALLET_TRANSACTION_KIND_PURCHASED, .left_minor = row->remaining.minor,
		};
	}
	burn_sort(burning->grants, burning->count);
	return true;
}

static bool store_use(struct burning *burning, const struct burn_part *taken, int64_t line_position)
{
	struct command *command = burning->command;
	const struct wallet_transaction *transaction = burning->transaction;
	const struct wallet_use use = {
		.id = store_new_id(command->store, "wallet_use"),
		.account_id = transaction->account_id,
		.wallet_id = transaction->wallet_id,
		.grant_id = burning->grants[taken->grant].id,
		.transaction_id = transaction->id,
		.invoice_id = transaction->invoice_id,
		.line_position = line_position,
		.has_line_position = line_position > 0,
		.currency = transaction->currency,
		.amount = money_of(taken->amount_minor, transaction->currency),
		.created_at = command->now,
	};
	*list_add(command->arena, &burning->transaction->uses, struct wallet_use) = use;
	return use.id != 0 && store_insert(command->store, &wallet_use_record, &use);
}

static bool burn_part(struct burning *burning, const struct wallet_part *part)
{
	size_t taken_count;
	int64_t taken = burn_take(burning->grants, burning->count, part->amount_minor, burning->parts, &taken_count);
	assert(taken == part->amount_minor);
	(void)taken;
	for (size_t i = 0; i < taken_count; i++)
		if (!store_use(burning, &burning->parts[i], part->line_position))
			return false;
	return true;
}

/* Grants that were taken from hold less. */
static bool save_grants(struct burning *burning)
{
	for (size_t i = 0; i < burning->rows.count; i++) {
		struct wallet_transaction *row = &burning->rows.items[i];
		for (size_t j = 0; j < burning->count; j++) {
			if (burning->grants[j].id != row->id || burning->grants[j].left_minor == row->remaining.minor)
				continue;
			row->remaining.minor = burning->grants[j].left_minor;
			if (!store_update(burning->command->store, &wallet_transaction_record, row))
				return false;
		}
	}
	return true;
}

bool wallet_transaction_debit(struct command *command, struct wallet *wallet, const struct wallet_debit *debit,
                              struct wallet_transaction **made)
{
	struct burning burning = { .command = command, .transaction = new_transaction(command, wallet, debit->kind) };
	struct wallet_transaction *transaction = burning.transaction;
	const struct wallet_part whole = { 0, debit->amount.minor };
	assert(debit->amount.minor > 0 && money_compare(debit->amount, wallet->balance) <= 0);
	*made = transaction;
	transaction->amount = debit->amount;
	transaction->invoice_id = debit->invoice_id;
	transaction->name = debit->name;
	transaction->custom = debit->custom;
	transaction->credits = debit->credits;
	struct occurrence created = occurrence_on(EVENT_WALLET_TRANSACTION_CREATE, transaction);
	if (transaction->id == 0 ||
	    (decimal_sign(debit->credits) == 0 && !wallet_units_worth(command, wallet, debit->amount, &transaction->credits)) ||
	    !event_pre(command, &created) || !read_grants(&burning, wallet, debit->grant_id))
		return false;
	for (size_t i = 0; i < (debit->parts ? debit->part_count : 1); i++)
		if (!burn_part(&burning, debit->parts ? &debit->parts[i] : &whole))
			return false;
	wallet->balance.minor -= debit->amount.minor;
	assert(wallet->balance.minor >= 0);
	return decimal_subtract(wallet->credits, transaction->credits, &wallet->credits) && save_grants(&burning) &&
	       wallet_save(command, wallet) && wallet_transaction_store(command, transaction, &created);
}

bool wallet_transaction_empty(struct command *command, struct wallet *wallet, enum wallet_transaction_kind kind,
                              struct text name)
{
	const struct wallet_debit debit = { .kind = kind, .amount = wallet->balance, .name = name };
	struct wallet_transaction *transaction;
	return wallet->balance.minor == 0 || wallet_transaction_debit(command, wallet, &debit, &transaction);
}

bool wallet_transaction_expire(struct command *command, struct wallet *wallet, const struct wallet_transaction *grant)
{
	const struct wallet_debit debit = {
		.kind = WALLET_TRANSACTION_KIND_EXPIRED, .amount = grant->remaining, .grant_id = grant->id, .name = grant->name,
	};
	struct wallet_transaction *transaction;
	return grant->remaining.minor == 0 || wallet_transaction_debit(command, wallet, &debit, &transaction);
}

bool wallet_expire_job(struct command *command, const struct job *job)
{
	void *found;
	if (!store_find(command->store, &wallet_transaction_record, job->object_id, &found) || !found)
		return !store_failed(command->store);
	const struct wallet_transaction *grant = found;
	struct wallet *wallet = wallet_need(command, grant->wallet_id, "");
	command_object(command, "wallet_transaction", grant->id, grant->account_id);
	return wallet && wallet_transaction_expire(command, wallet, grant) && wallet_look(command, wallet);
}
