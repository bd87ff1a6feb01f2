/* allocation_invoice.c: what allocations cost is invoiced at once; where it is not paid, or the invoice is cancelled, it waits. */
#include "allocation_work.h"

#include "account.h"
#include "component_line.h"
#include "coupon_lines.h"
#include "coupon_use.h"
#include "invoice_run.h"
#include "invoice_tax_lines.h"
#include "subscription.h"
#include "wallet.h"

#include "value/record.h"

/* ------------------------------------------------------------------------------------------------ at once */

static bool waits(const struct allocating *work, const struct allocating_item *item)
{
	bool held_back = subscription_is_uninvoiced(work->subscription) || work->account->invoicing == ACCOUNT_INVOICING_OFF;
	return !item->charge || item->allocation->accrue_charge || held_back;
}

static bool add_lines(struct allocating *work, struct invoice_calculation *calculation)
{
	for (size_t i = 0; i < work->count; i++) {
		if (waits(work, &work->items[i]))
			continue;
		struct invoice_line *line = list_add(work->command->arena, &calculation->lines, struct invoice_line);
		if (!component_charge_line(work->command, work->account, work->subscription, work->items[i].charge, line))
			return false;
		line->position = (int64_t)calculation->lines.count;
	}
	return true;
}

static bool sum_up(struct command *command, struct invoice_calculation *calculation)
{
	for (size_t i = 0; i < calculation->lines.count; i++)
		if (!money_add(calculation->total, calculation->lines.items[i].amount, &calculation->total))
			return problem(command->problems, PROBLEM_OVERFLOW, "/allocations", "the sum of the lines is too large");
	return true;
}

static bool settle(struct allocating *work)
{
	for (size_t i = 0; i < work->count; i++) {
		struct component_charge *charge = work->items[i].charge;
		if (charge && !waits(work, &work->items[i]) && !component_charge_settle(work->command, charge, work->invoice))
			return false;
	}
	return true;
}

bool allocations_invoice(struct allocating *work)
{
	struct command *command = work->command;
	struct invoice_calculation calculation = {
		.total = money_zero(work->account->currency), .rounding = item_amount_rounding(&work->amount),
	};
	if (!add_lines(work, &calculation))
		return false;
	if (calculation.lines.count == 0)
		return true;
	struct invoice_origin origin = {
		.account = work->account, .by_hand = true,
		.billing = invoice_lines_period(&calculation.lines, command_today(command, work->account)),
	};
	return coupon_lines_add(&work->amount, 0, &calculation) && invoice_tax_lines_add(command, work->account, 0, &calculation) &&
	       sum_up(command, &calculation) && invoice_create(command, &origin, &calculation, &work->invoice) && settle(work) &&
	       coupon_redemptions_settle(command, work->invoice) &&
	       invoice_collect_payment(command, work->account, work->invoice);
}

/* ------------------------------------------------------------------------------------------------ after all it waits */

static bool is_of_component(const struct invoice_line *line)
{
	return line->component_id != 0 && line->kind != INVOICE_LINE_KIND_PROGRESSIVE;
}

static bool find_charge(struct command *command, const struct invoice_line *line, struct component_charge **charge)
{
	return store_find(command->store, &component_charge_record, line->component_charge_id, (void **)charge);
}

static bool starts_dunning(struct command *command, const struct invoice *invoice, bool *dunning)
{
	*dunning = true;
	for (size_t i = 0; i < invoice->lines.count; i++) {
		struct component_charge *charge = NULL;
		struct allocation *allocation = NULL;
		const struct invoice_line *line = &invoice->lines.items[i];
		if (!line->component_charge_id)
			continue;
		if (!find_charge(command, line, &charge) ||
		    (charge && !store_find(command->store, &allocation_record, charge->allocation_id, (void **)&allocation)))
			return false;
		if (!allocation || allocation->initiate_dunning)
			return (*dunning = true);
		*dunning = false;
	}
	return true;
}

/* Is all that is not owed of it what credits and wallets paid, which they get back when it is cancelled? */
static bool only_prepaid(struct command *command, const struct invoice *invoice, bool *only)
{
	struct money credits = money_zero(invoice->currency), wallets, paid;
	*only = false;
	if (!store_integer(command->store, STATEMENT_CREDIT_USE_SUM, BINDS(bind_id(invoice->account_id), bind_id(invoice->id)),
	                   &credits.minor, NULL) ||
	    !wallet_paid(command, invoice, &wallets))
		return false;
	*only = money_add(credits, wallets, &paid) && money_add(paid, invoice->balance, &paid) &&
	        money_compare(paid, invoice->total) == 0;
	return true;
}

bool allocation_payment_failed(struct command *command, struct invoice *invoice, bool *waits)
{
	bool dunning = true, prepaid;
	*waits = false;
	if (invoice->by_billing_run || invoice->order_id || invoice->status != INVOICE_STATUS_OPEN)
		return true;
	if (!only_prepaid(command, invoice, &prepaid) || !prepaid)
		return !store_failed(command->store);
	if (invoice->lines.count == 0 && !invoice_load_lines(command, invoice))
		return false;
	if (!starts_dunning(command, invoice, &dunning))
		return false;
	*waits = !dunning;
	return dunning || invoice_cancel_open(command, invoice, false, TEXT("payment failed"));
}

static bool wait_again(struct command *command, struct component_charge *charge)
{
	charge->status = COMPONENT_CHARGE_STATUS_WAITING;
	charge->invoice_id = 0;
	charge->has_line_position = false;
	charge->updated_at = command->now;
	return store_update(command->store, &component_charge_record, charge);
}

/* A line that no allocation made: what it charged becomes a charge that waits. */
static bool make_waiting(struct command *command, const struct invoice_line *line)
{
	struct component_charge charge;
	if (!component_charge_of_line(command, line, &charge))
		return false;
	charge.id = store_new_id(command->store, "component_charge");
	return charge.id && store_insert(command->store, &component_charge_record, &charge);
}

bool components_return(struct command *command, const struct invoice *invoice)
{
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		struct component_charge *charge = NULL;
		if (!is_of_component(line))
			continue;
		if (line->component_charge_id && !find_charge(command, line, &charge))
			return false;
		if (charge ? !wait_again(command, charge) : !make_waiting(command, line))
			return false;
	}
	return true;
}
