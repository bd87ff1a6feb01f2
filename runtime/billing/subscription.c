/* subscription.c: what an account is served and charged for. */
#include "subscription.h"

#include "catalog.h"
#include "charge_amount.h"
#include "event/dispatch.h"
#include "provisioning.h"
#include "renewal_cancel.h"
#include "service_term.h"

#include <assert.h>

/* ------------------------------------------------------------------------------------------------ reading */

bool subscription_find(struct command *command, int64_t id, struct subscription **subscription)
{
	return store_find(command->store, &subscription_record, id, (void **)subscription);
}

struct subscription *subscription_need(struct command *command, int64_t id, const char *pointer)
{
	struct subscription *subscription = NULL;
	if (subscription_find(command, id, &subscription) && !subscription)
		record_missing(&subscription_record, id, command->problems, pointer);
	return subscription;
}

struct subscription *subscription_need_ordered(struct command *command, int64_t id, const char *remedy)
{
	struct subscription *subscription = subscription_need(command, id, "/id");
	if (!subscription || subscription->order_id)
		return subscription;
	problem_value(command->problems, PROBLEM_WRONG_STATE, "/id", text_from_int64(command->arena, id), remedy,
	              "subscription %lld was subscribed to directly", (long long)id);
	return NULL;
}

bool subscription_page(struct command *command, const struct object_filter *filter,
                       struct subscription_list *subscriptions)
{
	return object_page(command, STATEMENT_SUBSCRIPTION_PAGE, STATEMENT_SUBSCRIPTION_PAGE_OF_ACCOUNT, filter,
	                   &subscription_record, LIST(subscriptions));
}

bool subscriptions_of_order(struct command *command, int64_t account_id, int64_t order_id,
                            struct subscription_list *subscriptions)
{
	return store_all(command->store, STATEMENT_SUBSCRIPTION_OF_ORDER, BINDS(bind_id(account_id), bind_id(order_id)),
	                 &subscription_record, LIST(subscriptions));
}

bool subscriptions_due(struct command *command, int64_t account_id, struct date until,
                       struct subscription_list *subscriptions)
{
	return store_all(command->store, STATEMENT_SUBSCRIPTION_DUE,
	                 BINDS(bind_id(account_id), bind_date(command->arena, until)), &subscription_record,
	                 LIST(subscriptions));
}

bool subscriptions_billable(struct command *command, int64_t account_id, struct subscription_list *subscriptions)
{
	return store_all(command->store, STATEMENT_SUBSCRIPTION_BILLABLE, BINDS(bind_id(account_id)),
	                 &subscription_record, LIST(subscriptions));
}

struct terms_reading {
	struct command *command;
	struct billing_terms_list *terms;
	bool readable;
};

static bool terms_date(const struct store_row *row, int column, struct date *date)
{
	return store_row_null(row, column) || date_parse(store_row_text(row, column), date);
}

static bool terms_row(void *context, const struct store_row *row)
{
	struct terms_reading *reading = context;
	struct billing_terms_list *terms = reading->terms;
	struct billing_terms read = { .plan_id = store_row_integer(row, 0), .id = store_row_integer(row, 3) };
	reading->readable = terms_date(row, 1, &read.start) && terms_date(row, 2, &read.charged_through);
	const struct billing_terms *last = terms->count ? &terms->items[terms->count - 1] : NULL;
	if (!last || read.id || last->id || last->plan_id != read.plan_id || date_compare(last->start, read.start) != 0 ||
	    date_compare(last->charged_through, read.charged_through) != 0)
		*list_add(reading->command->arena, terms, struct billing_terms) = read;
	return reading->readable;
}

bool subscriptions_billable_terms(struct command *command, int64_t account_id, struct billing_terms_list *terms)
{
	struct terms_reading reading = { command, terms, true };
	return store_each(command->store, STATEMENT_SUBSCRIPTION_BILLABLE_TERMS, BINDS(bind_id(account_id)), terms_row,
	                  &reading) &&
	       (reading.readable || problem(command->problems, PROBLEM_STORE_FAILED, "",
	                                    "a date of a subscription of account %lld cannot be read",
	                                    (long long)account_id));
}

struct billing_grid subscription_grid(const struct command *command, const struct account *account,
                                      const struct plan *plan, struct date start)
{
	int64_t day = account->has_bill_cycle_day && account->bill_cycle_day > 0
	                      ? account->bill_cycle_day
	                      : command_setting_integer(command, "billing.day", 1);
	if (day < 1 || day > 31)
		day = 1;
	return billing_grid_make(plan->billing_period, (int)day,
	                         command_setting_boolean(command, "billing.anniversary", false), start);
}

/* ------------------------------------------------------------------------------------------------ charges in force */

static void add_charge(struct arena *arena, struct subscription_charges *charges, const struct charge *charge,
                       struct decimal quantity)
{
	struct subscription_charge *added = list_add(arena, charges, struct subscription_charge);
	added->price_code = charge->price_code;
	added->quantity = quantity;
}

void subscription_charges_of_lines(struct arena *arena, const struct plan *plan, const struct order_line *lines,
                                   size_t line_count, struct subscription_charges *charges)
{
	for (size_t i = 0; i < plan->charges.count; i++) {
		const struct charge *charge = &plan->charges.items[i];
		size_t before = charges->count;
		for (size_t j = 0; j < line_count; j++) {
			bool taken = charge->kind == CHARGE_KIND_PERCENT && charges->count > before;
			if (!taken && !text_present(lines[j].plan) &&
			    text_equals(lines[j].price_code, charge->price_code))
				add_charge(arena, charges, charge, lines[j].quantity);
		}
		if (charges->count == before && charge->has_mandatory && charge->mandatory)
			add_charge(arena, charges, charge, charge_standard_quantity(charge));
	}
}

void subscription_charges_whole(struct arena *arena, const struct plan *plan, const struct decimal *quantity,
                                struct subscription_charges *charges)
{
	for (size_t i = 0; i < plan->charges.count; i++) {
		const struct charge *charge = &plan->charges.items[i];
		if (charge->kind != CHARGE_KIND_USAGE)
			add_charge(arena, charges, charge, quantity ? *quantity : charge_standard_quantity(charge));
	}
}

/* ------------------------------------------------------------------------------------------------ status */

const char *subscription_status_word(enum subscription_status status)
{
	return subscription_record.fields[SUBSCRIPTION_FIELD_STATUS].words[status];
}

static bool status_parse(struct text word, enum subscription_status *status)
{
	for (int i = 1; i < SUBSCRIPTION_STATUS_COUNT; i++) {
		if (text_is(word, subscription_status_word((enum subscription_status)i))) {
			*status = (enum subscription_status)i;
			return true;
		}
	}
	return false;
}

bool subscription_is_uninvoiced(const struct subscription *subscription)
{
	return (subscription->has_invoicing_off && subscription->invoicing_off) ||
	       (subscription->has_bundle_invoicing_off && subscription->bundle_invoicing_off);
}

bool subscription_is_final(enum subscription_status status)
{
	return status == SUBSCRIPTION_STATUS_CANCELED || status == SUBSCRIPTION_STATUS_SUPERSEDED ||
	       status == SUBSCRIPTION_STATUS_COMPLETE;
}

/* What a new status means for the dates of service. */
static void date_status(struct subscription *subscription, enum subscription_status old, struct date today,
                        struct instant now)
{
	if (old == SUBSCRIPTION_STATUS_SUSPENDED)
		subscription->charged_through = date_max(subscription->charged_through, today);
	bool ended = subscription->status == SUBSCRIPTION_STATUS_CANCELED ||
	             subscription->status == SUBSCRIPTION_STATUS_COMPLETE;
	struct date end = date_max(today, subscription->start_date);
	bool early = ended && (!date_present(subscription->end_date) || date_compare(end, subscription->end_date) < 0);
	if (early)
		subscription->end_date = end;
	if (subscription->status == SUBSCRIPTION_STATUS_ACTIVE)
		subscription->served_until = INSTANT_NONE;
	else if ((early || subscription->status == SUBSCRIPTION_STATUS_SUSPENDED) && subscription->served_until.us == 0)
		subscription->served_until = now;
}

bool subscription_save(struct command *command, struct subscription *subscription)
{
	subscription->updated_at = command->now;
	return store_update(command->store, &subscription_record, subscription);
}

bool subscription_save_charged(struct command *command, struct subscription *subscription)
{
	struct arena *arena = command->arena;
	subscription->updated_at = command->now;
	return store_change(command->store, STATEMENT_SUBSCRIPTION_SET_CHARGED,
	                    BINDS(bind_id(subscription->account_id), bind_id(subscription->id),
	                          bind_date(arena, subscription->charged_through),
	                          bind_date(arena, subscription->next_bill_date),
	                          bind_date(arena, subscription->derive_from), bind_instant(subscription->assess_at),
	                          bind_instant(command->now)),
	                    &subscription_record, subscription);
}

bool subscription_save_assessed(struct command *command, struct subscription *subscription)
{
	subscription->updated_at = command->now;
	return store_change(command->store, STATEMENT_SUBSCRIPTION_SET_ASSESSED,
	                    BINDS(bind_id(subscription->account_id), bind_id(subscription->id),
	                          bind_instant(subscription->assessed_from), bind_instant(subscription->assessed_until),
	                          bind_instant(subscription->assess_at), bind_instant(command->now)),
	                    &subscription_record, subscription);
}

/* Nothing comes after a final status: neither a renewal nor what was still to be provisioned. */
static bool finish(struct command *command, const struct account *account, struct subscription *subscription,
                   struct occurrence *change)
{
	int64_t awaited = subscription->renewal_invoice_id;
	subscription->renewal_invoice_id = 0;
	subscription->renewal_until = DATE_NONE;
	return subscription_save(command, subscription) && event_post(command, change) &&
	       (!subscription->expires_at.us || service_term_close(command, subscription)) &&
	       provisioning_withdraw(command, subscription) && (!awaited || renewal_lapse(command, account, subscription, awaited));
}

bool subscription_change_status(struct command *command, const struct account *account,
                                struct subscription *subscription, enum subscription_status status, struct text reason)
{
	enum subscription_status old = subscription->status;
	if (status == old)
		return true;
	if (subscription_is_final(old))
		return problem(command->problems, PROBLEM_WRONG_STATE, "/status",
		               "subscription %lld is %s, which is final", (long long)subscription->id,
		               subscription_status_word(old));
	struct occurrence change = occurrence_of(EVENT_SUBSCRIPTION_STATUS_CHANGE, &subscription_record, subscription,
	                                         subscription->id, subscription->account_id);
	change.details.old_status = text_of(subscription_status_word(old));
	change.details.new_status = text_of(subscription_status_word(status));
	change.details.reason = reason;
	change.details.has_create_provisioning_action = true;
	if (!event_pre(command, &change))
		return false;
	if (!status_parse(change.details.new_status, &status))
		return problem_value(command->problems, PROBLEM_UNKNOWN_CHOICE, "/new_status",
		                     change.details.new_status, NULL,
		                     "a rule chose a status that subscriptions do not have");
	if (status == old)
		return true;
	subscription->status = status;
	date_status(subscription, old, command_today(command, account), command->now);
	if (subscription_is_final(status))
		return finish(command, account, subscription, &change);
	return subscription_save(command, subscription) && event_post(command, &change);
}

bool subscription_terminate(struct command *command, const struct account *account, struct subscription *subscription,
                            struct text reason)
{
	if (subscription->status == SUBSCRIPTION_STATUS_CANCELED)
		return true;
	struct occurrence end = occurrence_of(EVENT_SUBSCRIPTION_TERMINATE, &subscription_record, subscription,
	                                      subscription->id, subscription->account_id);
	end.details.subscription_id = subscription->id;
	end.details.reason = reason;
	if (!event_pre(command, &end) ||
	    !subscription_change_status(command, account, subscription, SUBSCRIPTION_STATUS_CANCELED, end.details.reason))
		return false;
	end.details.terminated_at = command->now;
	return event_post(command, &end);
}
