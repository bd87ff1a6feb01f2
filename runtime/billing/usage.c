/* usage.c: quantities that were used: reading, and their way onto an invoice and off it again. */
#include "usage.h"

#include "catalog.h"
#include "charge_amount.h"

#include <assert.h>

/* ------------------------------------------------------------------------------------------------ reading */

bool usage_find(struct command *command, int64_t id, struct usage **usage)
{
	return store_find(command->store, &usage_record, id, (void **)usage);
}

bool usage_by_key(struct command *command, struct text external_key, struct usage **usage)
{
	return store_one(command->store, STATEMENT_USAGE_BY_KEY, BINDS(bind_text(external_key)), &usage_record,
	                 (void **)usage);
}

static bool within(struct instant at, struct instant from, struct instant until)
{
	return (from.us == 0 || at.us >= from.us) && (until.us == 0 || at.us < until.us);
}

static bool fits(const struct usage *usage, const struct usage_filter *filter)
{
	const struct object_filter *object = &filter->object;
	return (!object->account_id || usage->account_id == object->account_id) &&
	       (!object->status || (int)usage->status == object->status) &&
	       (!object->before_id || usage->id < object->before_id) && object->offset <= 0 &&
	       (!filter->subscription_id || usage->subscription_id == filter->subscription_id) &&
	       (!filter->order_id || usage->order_id == filter->order_id) &&
	       (!text_present(filter->price_code) || text_equals(usage->price_code, filter->price_code)) &&
	       within(usage->created_at, object->created_from, object->created_until) &&
	       within(usage->updated_at, object->updated_from, object->updated_until);
}

static bool keyed_page(struct command *command, const struct usage_filter *filter, struct usage_list *usages)
{
	struct usage *usage = NULL;
	if (!usage_by_key(command, filter->external_key, &usage))
		return false;
	if (usage && fits(usage, filter))
		*list_add(command->arena, usages, struct usage) = *usage;
	return true;
}

bool usage_page(struct command *command, const struct usage_filter *filter, struct usage_list *usages)
{
	const struct object_filter *object = &filter->object;
	const char *status = object->status ? usage_record.fields[USAGE_FIELD_STATUS].words[object->status] : NULL;
	if (text_present(filter->external_key))
		return keyed_page(command, filter, usages);
	return store_all(command->store, object->account_id ? STATEMENT_USAGE_PAGE_OF_ACCOUNT : STATEMENT_USAGE_PAGE,
	                 BINDS(bind_id(object->account_id), bind_c(status), bind_instant(object->created_from),
	                       bind_instant(object->created_until), bind_instant(object->updated_from),
	                       bind_instant(object->updated_until), bind_id(object->before_id),
	                       bind_integer(object->offset > 0 ? object->offset : 0),
	                       bind_integer(object_page_rows(object)), bind_id(filter->subscription_id),
	                       bind_id(filter->order_id), bind_text(filter->price_code)),
	                 &usage_record, LIST(usages));
}

bool usage_of_order(struct command *command, int64_t account_id, int64_t order_id, bool *any)
{
	struct usage_filter filter = { .object = { .account_id = account_id, .max = 1 }, .order_id = order_id };
	struct usage_list found = { 0 };
	bool good = usage_page(command, &filter, &found);
	*any = found.count > 0;
	return good;
}

bool subscriptions_with_usage(struct command *command, int64_t account_id, struct subscription_list *subscriptions)
{
	return store_all(command->store, STATEMENT_SUBSCRIPTION_WITH_USAGE, BINDS(bind_id(account_id)),
	                 &subscription_record, LIST(subscriptions));
}

/* ------------------------------------------------------------------------------------------------ what waits */

static const struct charge *usage_charge(const struct plan *plan, struct text price_code)
{
	const struct charge *charge = plan_charge(plan, price_code);
	return charge && charge->kind == CHARGE_KIND_USAGE ? charge : NULL;
}

struct waiting {
	const struct plan *plan;
	bool found;
};

static bool waiting_row(void *context, const struct store_row *row)
{
	struct waiting *waiting = context;
	waiting->found = usage_charge(waiting->plan, store_row_text(row, 0)) != NULL;
	return !waiting->found;
}

bool usage_waits(struct command *command, const struct subscription *subscription, const struct plan *plan, bool *waits)
{
	struct waiting waiting = { plan, false };
	bool good = store_each(command->store, STATEMENT_USAGE_UNBILLED_CODES,
	                       BINDS(bind_id(subscription->account_id), bind_id(subscription->id)), waiting_row,
	                       &waiting);
	*waits = waiting.found;
	return good;
}

struct date usage_billed_before(const struct billing_grid *grid, const struct subscription *subscription,
                                struct date date)
{
	bool stopped = subscription->status == SUBSCRIPTION_STATUS_SUSPENDED ||
	               subscription->status == SUBSCRIPTION_STATUS_CANCELED;
	bool ended = date_present(subscription->end_date) && date_compare(subscription->end_date, date) <= 0;
	return stopped || ended ? date : billing_cycle_containing(grid, date).start;
}

/* ------------------------------------------------------------------------------------------------ sums */

struct occurred {
	int64_t first_us, last_us;
	bool overflow; /* their sum is beyond 64 bits */
};

/* Rows come by price code, so that each code's sum is made in one go. */
struct collecting {
	struct arena *arena;
	const struct plan *plan;
	struct invoice_usages sums;
	struct { struct occurred *items; size_t count, capacity; } occurred; /* of each sum */
};

static void sum_begin(struct collecting *collecting, const struct charge *charge, int64_t id)
{
	struct invoice_usage *sum = list_add(collecting->arena, &collecting->sums, struct invoice_usage);
	*sum = (struct invoice_usage){ .charge = charge, .first_id = id };
	*list_add(collecting->arena, &collecting->occurred, struct occurred) =
	        (struct occurred){ INT64_MAX, INT64_MIN, false };
}

static bool collect_row(void *context, const struct store_row *row)
{
	struct collecting *collecting = context;
	const struct charge *charge = usage_charge(collecting->plan, store_row_text(row, 1));
	struct decimal quantity;
	if (!charge)
		return true; /* a charge that a later catalog took away is billed no more */
	int64_t id = store_row_integer(row, 0), at = store_row_integer(row, 3);
	if (!decimal_parse(store_row_text(row, 2), &quantity))
		BUG("usage %lld has no quantity", (long long)id);
	size_t count = collecting->sums.count;
	if (count == 0 || collecting->sums.items[count - 1].charge != charge)
		sum_begin(collecting, charge, id);
	struct invoice_usage *sum = &collecting->sums.items[collecting->sums.count - 1];
	struct occurred *occurred = &collecting->occurred.items[collecting->sums.count - 1];
	bool *overflow = &occurred->overflow;
	sum->record_count++;
	sum->last_id = id;
	if (at < occurred->first_us)
		occurred->first_us = at;
	if (at > occurred->last_us)
		occurred->last_us = at;
	*overflow = *overflow || !decimal_add(sum->quantity, quantity, &sum->quantity);
	return true;
}

/* From the cycle of the earliest usage, as far as it was served, to the day the run bills to. On the day of the end
 * itself something may have been used too. */
static struct period sum_period(const struct timezone_rules *zone, const struct billing_grid *grid,
                                const struct subscription *subscription, struct occurred occurred, struct date before)
{
	struct date first = timezone_date(zone, (struct instant){ occurred.first_us });
	struct date after_last = date_add_days(timezone_date(zone, (struct instant){ occurred.last_us }), 1);
	return (struct period){ date_max(billing_cycle_containing(grid, first).start, subscription->start_date),
		                date_max(date_min(before, subscription->end_date), after_last) };
}

/* What is not stays unbilled. */
static bool is_billable(const struct account *account, const struct invoice_usage *sum, const struct occurred *occurred)
{
	return !occurred->overflow && charge_is_billable(sum->charge, sum->quantity, account->currency);
}

bool usage_collect(struct command *command, const struct account *account, const struct billing_grid *grid,
                   const struct subscription *subscription, const struct plan *plan, struct date before,
                   struct invoice_usages *usages, struct parked_list *parked)
{
	const struct timezone_rules *zone = command_zone(command, account);
	struct instant until = timezone_start_of_date(zone, before);
	struct collecting collecting = { .arena = command->arena, .plan = plan };
	*usages = (struct invoice_usages){ 0 };
	if (!store_each(command->store, STATEMENT_USAGE_UNBILLED,
	                BINDS(bind_id(subscription->account_id), bind_id(subscription->id), bind_instant(until)),
	                collect_row, &collecting))
		return false;
	for (size_t i = 0; i < plan->charges.count; i++) {
		for (size_t j = 0; j < collecting.sums.count; j++) {
			struct invoice_usage *sum = &collecting.sums.items[j];
			if (sum->charge != &plan->charges.items[i])
				continue;
			sum->before = until;
			sum->period = sum_period(zone, grid, subscription, collecting.occurred.items[j], before);
			if (is_billable(account, sum, &collecting.occurred.items[j]))
				*list_add(command->arena, usages, struct invoice_usage) = *sum;
			else
				*list_add(command->arena, parked, struct parked) =
				        (struct parked){ subscription->id, sum->charge->price_code, sum->period.start };
		}
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ on an invoice */

/* Where the line is after rules may have added others; 0 when a rule took it away. */
static int64_t line_of(const struct invoice *invoice, int64_t subscription_id, struct text price_code)
{
	for (size_t i = 0; i < invoice->lines.count; i++) {
		const struct invoice_line *line = &invoice->lines.items[i];
		if (line->kind == INVOICE_LINE_KIND_USAGE && line->subscription_id == subscription_id &&
		    text_equals(line->price_code, price_code))
			return line->position;
	}
	return 0;
}

bool usage_bill(struct command *command, const struct invoice *invoice, const struct invoice_basis *basis)
{
	for (size_t i = 0; i < basis->usage_count; i++) {
		const struct invoice_usage *sum = &basis->usages[i];
		struct text code = sum->charge->price_code;
		int64_t changed;
		if (!store_execute(command->store, STATEMENT_USAGE_BILL,
		                   BINDS(bind_id(invoice->account_id), bind_id(basis->subscription_id), bind_text(code),
		                         bind_instant(sum->before), bind_id(sum->last_id), bind_id(invoice->id),
		                         bind_id(line_of(invoice, basis->subscription_id, code)),
		                         bind_instant(command->now)),
		                   &changed))
			return false;
		assert(changed == sum->record_count);
	}
	return true;
}

bool usage_free(struct command *command, const struct invoice *invoice)
{
	return store_execute(command->store, STATEMENT_USAGE_FREE,
	                     BINDS(bind_id(invoice->account_id), bind_id(invoice->id), bind_instant(command->now)),
	                     NULL);
}
