/* billing_run.c: invoices what is due for one account, and says when to look at it next. */
#include "billing_run.h"

#include "account.h"
#include "catalog.h"
#include "order.h"
#include "payment.h"

#include <assert.h>

/* ------------------------------------------------------------------------------------------------ when */

struct instant billing_run_instant(const struct command *command, const struct account *account, struct date date)
{
	int64_t hour = command_setting_integer(command, "billing.hour", 0);
	return timezone_instant(command_zone(command, account), date, hour * 3600 * US_PER_S);
}

struct date billing_run_date(const struct command *command, const struct account *account, const struct plan *plan,
                             const struct subscription *subscription)
{
	struct billing_grid grid = subscription_grid(command, account, plan, subscription->start_date);
	struct date from = date_max(subscription->charged_through, command_today(command, account));
	struct date date = billing_cycle_next_start(&grid, from);
	bool passed = billing_run_instant(command, account, date).us <= command->now.us;
	return passed ? billing_cycle_containing(&grid, date).end : date;
}

static bool earliest_run_date(struct command *command, const struct account *account, struct date *earliest)
{
	struct subscription_list subscriptions = { 0 };
	*earliest = DATE_NONE;
	if (!subscriptions_billable(command, account->id, &subscriptions))
		return false;
	for (size_t i = 0; i < subscriptions.count; i++) {
		struct plan *plan = NULL;
		if (!plan_find(command, subscriptions.items[i].plan_id, &plan))
			return false;
		if (!plan)
			continue;
		struct date date = billing_run_date(command, account, plan, &subscriptions.items[i]);
		if (!date_present(*earliest) || date_compare(date, *earliest) < 0)
			*earliest = date;
	}
	return true;
}

static bool schedule(struct command *command, struct account *account)
{
	struct date date;
	if (!earliest_run_date(command, account, &date))
		return false;
	if (date_compare(date, account->next_bill_date) != 0) {
		account->next_bill_date = date;
		if (!account_save(command, account))
			return false;
	}
	if (!date_present(date))
		return job_remove(command, "account.bill", account->id);
	return job_move(command, "account.bill", account->id, account->id, billing_run_instant(command, account, date));
}

bool billing_run_schedule(struct command *command, int64_t account_id)
{
	struct account *account = account_need(command, account_id, "/account_id");
	if (!account)
		return false;
	/* A run that is due but has not come yet charges for what it was set for, and moves itself on. */
	if (date_present(account->next_bill_date) &&
	    billing_run_instant(command, account, account->next_bill_date).us <= command->now.us)
		return true;
	return schedule(command, account);
}

/* ------------------------------------------------------------------------------------------------ what */

/* The plan of a subscription, read once for all subscriptions of it. */
static const struct plan *plan_of(struct command *command, const struct subscription *subscription,
                                  const struct invoice_basis *bases, size_t count)
{
	struct plan *plan = NULL;
	for (size_t i = 0; i < count; i++)
		if (bases[i].plan->id == subscription->plan_id)
			return bases[i].plan;
	if (plan_find(command, subscription->plan_id, &plan) && !plan)
		BUG("subscription %lld has no plan", (long long)subscription->id);
	return plan;
}

static void find_parts(struct command *command, const struct account *account, const struct subscription *subscription,
                       struct date until, struct invoice_basis *basis)
{
	struct billing_part parts[BILLING_PARTS_MAX];
	struct billing_grid grid = subscription_grid(command, account, basis->plan, subscription->start_date);
	struct date last = date_present(until) ? until : subscription->charged_through;
	basis->part_count = billing_parts_due(&grid, subscription->charged_through, last, subscription->end_date, parts,
	                                      BILLING_PARTS_MAX);
	struct billing_part *kept = arena_new_many(command->arena, struct billing_part, basis->part_count + 1);
	memcpy(kept, parts, basis->part_count * sizeof *parts);
	basis->parts = kept;
}

static bool make_basis(struct command *command, const struct account *account, const struct subscription *subscription,
                       struct date until, struct invoice_basis *bases, size_t i)
{
	struct invoice_basis *basis = &bases[i];
	basis->plan = plan_of(command, subscription, bases, i);
	if (!basis->plan)
		return false;
	basis->subscription_id = subscription->id;
	basis->order_id = subscription->order_id;
	basis->charges = subscription->charges.items;
	basis->charge_count = subscription->charges.count;
	basis->discounts = subscription->discounts.items;
	basis->discount_count = subscription->discounts.count;
	find_parts(command, account, subscription, until, basis);
	return true;
}

/* From the start of the first cycle charged for to the end of the last. */
static struct period header_period(const struct invoice_basis *bases, size_t count)
{
	struct period header = { DATE_NONE, DATE_NONE };
	for (size_t i = 0; i < count; i++) {
		if (bases[i].part_count == 0)
			continue;
		struct date start = bases[i].parts[0].cycle.start, end = bases[i].parts[bases[i].part_count - 1].cycle.end;
		header.start = date_present(header.start) ? date_min(header.start, start) : start;
		header.end = date_max(header.end, end);
	}
	return header;
}

static bool move_mark(struct command *command, struct subscription *subscription, const struct invoice_basis *basis)
{
	if (basis->part_count == 0)
		return true;
	struct date through = basis->parts[basis->part_count - 1].service.end;
	assert(date_compare(through, subscription->charged_through) > 0);
	subscription->charged_through = through;
	subscription->discounts.count = 0;
	for (size_t i = 0; i < subscription->charges.count; i++) {
		struct subscription_charge *in_force = &subscription->charges.items[i];
		const struct charge *charge = plan_charge(basis->plan, in_force->price_code);
		if (charge && charge->kind == CHARGE_KIND_ONE_TIME)
			in_force->has_billed_once = in_force->billed_once = true;
	}
	return subscription_save(command, subscription);
}

bool billing_bill_subscriptions(struct command *command, struct invoice_origin *origin,
                                struct subscription_list *subscriptions, struct date until, struct invoice **invoice)
{
	size_t count = subscriptions->count;
	struct invoice_basis *bases = arena_new_many(command->arena, struct invoice_basis, count + 1);
	struct invoice_calculation calculation;
	*invoice = NULL;
	if (count == 0)
		return true;
	for (size_t i = 0; i < count; i++)
		if (!make_basis(command, origin->account, &subscriptions->items[i], until, bases, i))
			return false;
	origin->billing = header_period(bases, count);
	if (!date_present(origin->billing.start))
		return true;
	if (!invoice_calculate(command, origin->account, bases, count, &calculation))
		return false;
	/* Marks first: what rules read after invoice.create is what will be stored. */
	for (size_t i = 0; i < count; i++)
		if (!move_mark(command, &subscriptions->items[i], &bases[i]))
			return false;
	return calculation.lines.count == 0 || invoice_create(command, origin, &calculation, invoice);
}

/* ------------------------------------------------------------------------------------------------ the run */

static bool run(struct command *command, struct account *account, struct date date, struct invoice **invoice)
{
	struct subscription_list due = { 0 };
	struct invoice_origin origin = { .account = account, .by_billing_run = true };
	if (!orders_activate_due(command, account->id, date_min(date, command_today(command, account))) ||
	    !subscriptions_due(command, account->id, date, &due) ||
	    !billing_bill_subscriptions(command, &origin, &due, date, invoice))
		return false;
	bool owed = *invoice && (*invoice)->status == INVOICE_STATUS_OPEN;
	return !owed || !account->payment_method_id || payment_collect_at(command, account, (*invoice)->id, command->now);
}

static bool account_bill_perform(struct command *command, const void *input, void **output)
{
	const struct billing_run *asked = input;
	struct account *account = account_need(command, asked->account_id, "/account_id");
	struct invoice *invoice = NULL;
	if (!account)
		return false;
	struct date date = date_present(asked->date) ? asked->date : command_today(command, account);
	if (!run(command, account, date, &invoice))
		return false;
	if (invoice)
		command_object(command, "invoice", invoice->id, account->id);
	else
		command_object(command, "account", account->id, account->id);
	*output = invoice;
	account = account_need(command, account->id, "/account_id");
	return account && schedule(command, account);
}

static bool account_bill_job(struct command *command, const struct job *job)
{
	struct billing_run asked = { .account_id = job->account_id };
	void *invoice;
	return account_bill_perform(command, &asked, &invoice);
}

const struct command_type billing_run_commands[] = {
	{
		.name = "account.bill",
		.scope = "write",
		.input = &billing_run_record,
		.output = &invoice_record,
		.perform = account_bill_perform,
		.doc = "Invoices what is due for an account until a date; answers with the invoice, or nothing.",
	},
	{ 0 },
};

const struct job_kind billing_run_jobs[] = {
	{ "account.bill", account_bill_job, "The billing run of an account on its bill date." },
	{ 0 },
};
