/* wallet_apply.c: wallets pay invoices, line by line, and get back what invoices give back. */
#include "wallet_work.h"

#include "component.h"
#include "event/dispatch.h"
#include "event_stream.h"
#include "progressive_billing.h"
#include "wallet_burn.h"

#include <assert.h>

/* ------------------------------------------------------------------------------------------------ what lines owe */

/* What is owed of each line of an invoice: in all its balance. */
struct owing {
	const struct invoice *invoice;
	int64_t *minor;
};

/* The number of the line in that position; the count of lines when there is none. Lines have the positions from 1 on, but where one
 * was left out. */
static size_t line_at(const struct invoice *invoice, int64_t position)
{
	const struct invoice_line *lines = invoice->lines.items;
	size_t count = invoice->lines.count, i = 0;
	if (position >= 1 && (size_t)position <= count && lines[position - 1].position == position)
		return (size_t)position - 1;
	while (i < count && lines[i].position != position)
		i++;
	return i;
}

/* The number of the line that a tax or discount lies on, of what is credited for invoices within a period its usage; or its own. */
static size_t root_of(const struct invoice *invoice, size_t i)
{
	const struct invoice_line *line = &invoice->lines.items[i];
	const struct invoice_line_list lines = { invoice->lines.items, invoice->lines.count, invoice->lines.capacity };
	if (!line->has_linked_position || (line->linked_invoice_id && line->linked_invoice_id != invoice->id))
		return progressive_line_of(&lines, i);
	size_t at = line_at(invoice, line->linked_position);
	return at < invoice->lines.count ? progressive_line_of(&lines, at) : i;
}

static void take_off(int64_t *owed, int64_t *rest)
{
	int64_t taken = *owed < *rest ? *owed : *rest;
	*owed -= taken;
	*rest -= taken;
}

/* What wallets have paid of lines before. */
static bool less_paid(struct command *command, struct owing *owing)
{
	struct wallet_use_list uses = { 0 };
	if (!wallet_uses_of_invoice(command, owing->invoice, &uses))
		return false;
	for (size_t i = 0; i < uses.count; i++) {
		size_t at = line_at(owing->invoice, uses.items[i].line_position);
		if (at < owing->invoice->lines.count)
			owing->minor[at] -= uses.items[i].amount.minor;
	}
	for (size_t j = 0; j < owing->invoice->lines.count; j++)
		if (owing->minor[j] < 0)
			owing->minor[j] = 0;
	return true;
}

/* Charges less what lies on them; what else was taken off the invoice, by other lines, credits and payments, is taken off its
 * lines in their order. */
static bool read_owing(struct command *command, const struct invoice *invoice, struct owing *owing)
{
	size_t count = invoice->lines.count;
	*owing = (struct owing){ invoice, arena_new_many(command->arena, int64_t, count + 1) };
	int64_t sum = 0;
	for (size_t i = 0; i < count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		owing->minor[line->amount.minor < 0 ? root_of(invoice, i) : i] += line->amount.minor;
	}
	if (!less_paid(command, owing))
		return false;
	for (size_t i = 0; i < count; i++)
		sum += owing->minor[i];
	int64_t rest = sum - invoice->balance.minor;
	for (size_t i = 0; i < count && rest > 0; i++)
		take_off(&owing->minor[i], &rest);
	return true;
}

/* ------------------------------------------------------------------------------------------------ what a wallet may pay */

static bool pays_kind(const struct wallet *wallet, enum invoice_line_kind kind)
{
	const char *word = invoice_line_record.fields[INVOICE_LINE_FIELD_KIND].words[kind];
	for (size_t i = 0; i < wallet->line_kinds.count; i++)
		if (strcmp(wallet_line_kind_record.fields[WALLET_LINE_KIND_FIELD_KIND].words[wallet->line_kinds.items[i].kind], word) == 0)
			return true;
	return wallet->line_kinds.count == 0;
}

static bool pays_plan(const struct wallet *wallet, struct text plan)
{
	for (size_t i = 0; i < wallet->plans.count; i++)
		if (text_equals(wallet->plans.items[i].code, plan))
			return true;
	return wallet->plans.count == 0;
}

static bool pays_metric(struct command *command, const struct wallet *wallet, int64_t metric_id)
{
	const struct billing_metric *metric = metric_id ? billing_metric_need(command, metric_id, "") : NULL;
	for (size_t i = 0; metric && i < wallet->metrics.count; i++)
		if (text_equals(wallet->metrics.items[i].metric, metric->handle))
			return true;
	return false;
}

static bool pays_component(struct command *command, const struct wallet *wallet, int64_t component_id)
{
	if (wallet->components.count == 0 && wallet->metrics.count == 0)
		return true;
	const struct component *component = component_id ? component_need(command, component_id, "") : NULL;
	for (size_t i = 0; component && i < wallet->components.count; i++)
		if (text_equals(wallet->components.items[i].component, component->handle))
			return true;
	return component && wallet->metrics.count > 0 && pays_metric(command, wallet, component->metric_id);
}

bool wallet_pays(struct command *command, const struct wallet *wallet, const struct invoice_line *line)
{
	return pays_kind(wallet, invoice_line_sold_as(line)) && pays_plan(wallet, line->plan) && pays_component(command, wallet, line->component_id);
}

static bool pays_line(struct command *command, const struct wallet *wallet, const struct invoice *invoice, size_t i)
{
	return wallet_pays(command, wallet, &invoice->lines.items[root_of(invoice, i)]);
}

/* ------------------------------------------------------------------------------------------------ paying */

static bool pay_from(struct command *command, struct owing *owing, struct wallet *wallet, struct invoice *invoice)
{
	struct wallet_part *parts = arena_new_many(command->arena, struct wallet_part, invoice->lines.count + 1);
	struct wallet_debit debit = {
		.kind = WALLET_TRANSACTION_KIND_INVOICED, .amount = money_zero(invoice->currency), .parts = parts,
		.invoice_id = invoice->id, .name = invoice->number,
	};
	struct wallet_transaction *transaction;
	int64_t left = money_min(wallet->balance, invoice->balance).minor;
	for (size_t i = 0; i < invoice->lines.count && left > 0; i++) {
		int64_t part = owing->minor[i] < left ? owing->minor[i] : left;
		if (part <= 0 || !pays_line(command, wallet, invoice, i))
			continue;
		owing->minor[i] -= part;
		left -= part;
		debit.amount.minor += part;
		parts[debit.part_count++] = (struct wallet_part){ invoice->lines.items[i].position, part };
	}
	return debit.amount.minor == 0 ||
	       (wallet_transaction_debit(command, wallet, &debit, &transaction) && invoice_reduce(command, invoice, debit.amount) &&
	        wallet_look(command, wallet));
}

bool wallet_apply(struct command *command, const struct account *account, struct invoice *invoice)
{
	struct wallet_list wallets = { 0 };
	struct owing owing;
	if (!(account->has_prepays && account->prepays) || invoice->status != INVOICE_STATUS_OPEN || invoice->wallet_transaction_id)
		return true;
	if (!wallets_active(command, account->id, &wallets) || !read_owing(command, invoice, &owing))
		return false;
	const struct money before = invoice->balance;
	for (size_t i = 0; i < wallets.count && invoice->status == INVOICE_STATUS_OPEN; i++)
		if (wallets.items[i].currency == invoice->currency && wallets.items[i].balance.minor > 0 &&
		    !pay_from(command, &owing, &wallets.items[i], invoice))
			return false;
	return money_compare(before, invoice->balance) == 0 || invoice_announce_reduced(command, invoice, NULL);
}

/* ------------------------------------------------------------------------------------------------ giving back */

/* What earlier returns have left of each use that paid: rows below zero take from the last ones of their grant and line. */
static void net_uses(struct wallet_use_list *uses)
{
	for (size_t i = 0; i < uses->count; i++) {
		struct wallet_use *back = &uses->items[i];
		for (size_t j = i; back->amount.minor < 0 && j-- > 0;) {
			struct wallet_use *paid = &uses->items[j];
			if (paid->amount.minor <= 0 || paid->grant_id != back->grant_id || paid->line_position != back->line_position)
				continue;
			int64_t rest = -back->amount.minor;
			take_off(&paid->amount.minor, &rest);
			back->amount.minor = -rest;
		}
	}
}

/* One wallet's part of what goes back. */
struct returning {
	struct command *command;
	const struct invoice *invoice;
	struct wallet *wallet;
	struct wallet_transaction *transaction;
};

static bool begin_return(struct returning *returning, int64_t wallet_id)
{
	struct command *command = returning->command;
	returning->wallet = wallet_need(command, wallet_id, "");
	struct wallet_transaction *transaction = returning->transaction = arena_new(command->arena, struct wallet_transaction);
	if (!returning->wallet)
		return false;
	*transaction = (struct wallet_transaction){
		.id = store_new_id(command->store, "wallet_transaction"),
		.uuid = uuid_time_ordered(),
		.account_id = returning->invoice->account_id,
		.wallet_id = wallet_id,
		.kind = WALLET_TRANSACTION_KIND_RETURNED,
		.status = WALLET_TRANSACTION_STATUS_SETTLED,
		.name = returning->invoice->number,
		.currency = returning->invoice->currency,
		.amount = money_zero(returning->invoice->currency),
		.invoice_id = returning->invoice->id,
		.settled_at = command->now,
		.created_at = command->now,
	};
	return transaction->id != 0;
}

static bool return_use(struct returning *returning, const struct wallet_use *paid, int64_t amount_minor)
{
	struct command *command = returning->command;
	struct wallet_use use = *paid;
	void *found;
	use.id = store_new_id(command->store, "wallet_use");
	use.transaction_id = returning->transaction->id;
	use.amount.minor = -amount_minor;
	use.created_at = command->now;
	if (use.id == 0 || !store_find(command->store, &wallet_transaction_record, paid->grant_id, &found))
		return false;
	struct wallet_transaction *grant = found;
	grant->remaining.minor += amount_minor;
	returning->transaction->amount.minor += amount_minor;
	*list_add(command->arena, &returning->transaction->uses, struct wallet_use) = use;
	return store_update(command->store, &wallet_transaction_record, grant) && store_insert(command->store, &wallet_use_record, &use);
}

/* What would be gone by now is gone. */
static bool lose_expired(struct returning *returning)
{
	struct command *command = returning->command;
	const struct wallet_use *uses = returning->transaction->uses.items;
	if (wallet_is_over(returning->wallet))
		return wallet_transaction_empty(command, returning->wallet, WALLET_TRANSACTION_KIND_EXPIRED, TEXT("Wallet terminated"));
	for (size_t i = 0; i < returning->transaction->uses.count; i++) {
		void *found;
		if (!store_find(command->store, &wallet_transaction_record, uses[i].grant_id, &found))
			return false;
		const struct wallet_transaction *grant = found;
		if (grant->expires_at.us && grant->expires_at.us <= command->now.us &&
		    !wallet_transaction_expire(command, returning->wallet, grant))
			return false;
	}
	return true;
}

static bool finish_return(struct returning *returning)
{
	struct command *command = returning->command;
	struct wallet *wallet = returning->wallet;
	struct wallet_transaction *transaction = returning->transaction;
	struct occurrence created = occurrence_of(EVENT_WALLET_TRANSACTION_CREATE, &wallet_transaction_record, transaction,
	                                          transaction->id, transaction->account_id);
	if (!wallet_units_of(transaction->amount, wallet->rate, WALLET_UNIT_SCALE, &transaction->credits) || !event_pre(command, &created))
		return false;
	wallet->balance.minor += transaction->amount.minor;
	return decimal_add(wallet->credits, transaction->credits, &wallet->credits) && wallet_save(command, wallet) &&
	       wallet_transaction_store(command, transaction, &created) && lose_expired(returning);
}

/* The last uses of one wallet, from number `last` down, as far as `left` goes. */
static bool return_wallet(struct command *command, const struct invoice *invoice, struct wallet_use_list *uses, size_t last,
                          int64_t *left)
{
	struct returning returning = { .command = command, .invoice = invoice };
	int64_t wallet_id = uses->items[last].wallet_id;
	if (!begin_return(&returning, wallet_id))
		return false;
	for (size_t i = last + 1; i-- > 0 && *left > 0;) {
		struct wallet_use *paid = &uses->items[i];
		if (paid->wallet_id != wallet_id || paid->amount.minor <= 0)
			continue;
		int64_t part = paid->amount.minor < *left ? paid->amount.minor : *left;
		paid->amount.minor -= part;
		*left -= part;
		if (!return_use(&returning, paid, part))
			return false;
	}
	return finish_return(&returning);
}

bool wallet_return(struct command *command, const struct invoice *invoice, struct money amount, struct money *returned)
{
	struct wallet_use_list uses = { 0 };
	int64_t left = amount.minor;
	*returned = money_zero(invoice->currency);
	if (amount.minor <= 0)
		return true;
	if (!wallet_uses_of_invoice(command, invoice, &uses))
		return false;
	net_uses(&uses);
	for (size_t i = uses.count; i-- > 0 && left > 0;)
		if (uses.items[i].amount.minor > 0 && !return_wallet(command, invoice, &uses, i, &left))
			return false;
	returned->minor = amount.minor - left;
	return true;
}

bool wallet_undo(struct command *command, const struct invoice *invoice)
{
	struct money paid, returned;
	return wallet_paid(command, invoice, &paid) && wallet_return(command, invoice, paid, &returned);
}
