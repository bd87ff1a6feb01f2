/* unit_usage_record.c: usage of units is taken in, a delivery at once or not at all, and taken out again. */
#include "unit_usage.h"

#include "billing_run.h"
#include "event/dispatch.h"
#include "progressive_billing.h"
#include "subscription_advance.h"
#include "subscription_moment.h"
#include "timeline.h"
#include "usage_window.h"
#include "wallet.h"

enum { REMOVED_AT_ONCE_MAX = 1000 };

static bool find_subscription(struct command *command, int64_t id, struct subscription **subscription,
                              struct account **account)
{
	if (subscription_need_direct(command, id, subscription, account))
		return true;
	struct problem *told = problem_last(command->problems);
	if (told)
		told->pointer = "/subscription_id";
	return false;
}

/* ------------------------------------------------------------------------------------------------ units */

static void add_units(struct arena *arena, const struct billing_event *event, struct usage_units *units)
{
	for (size_t i = 0; i < event->usage_count; i++) {
		struct usage_units own;
		usage_section_units(arena, &event->usages[i], &own);
		for (size_t j = 0; j < own.count; j++)
			*list_add(arena, units, struct text) = own.items[j];
	}
}

static const char *unit_candidate(const void *context, size_t i)
{
	const struct usage_units *units = context;
	return i < units->count ? units->items[i].data : NULL;
}

/* Is the unit one of the subscription's plans, past, present or already set? Unless the tenant keeps what is not. */
static bool check_unit(struct command *command, const struct usage_units *units, struct text unit, size_t i)
{
	for (size_t j = 0; j < units->count; j++)
		if (text_equals(units->items[j], unit))
			return true;
	struct text setting = command_setting(command, "usage.unknown_units");
	if (text_present(setting) && text_is(setting, "keep"))
		return true;
	return problem_value(command->problems, PROBLEM_INVALID_VALUE,
	                     text_format(command->arena, "/records/%zu/unit", i).data, unit,
	                     "Name a unit of a usage section of the plan, or set usage.unknown_units to keep.",
	                     "no usage section of the subscription's plans has the unit '%.*s'%s", TEXT_ARG(unit),
	                     text_did_you_mean(command->arena, unit, unit_candidate, units));
}

static bool read_units(struct command *command, const struct account *account, const struct subscription *subscription,
                       struct usage_units *units)
{
	struct timeline timeline;
	*units = (struct usage_units){ 0 };
	if (!timeline_read(command, account, subscription, &timeline))
		return false;
	for (size_t i = 0; i < timeline.laid.count; i++)
		add_units(command->arena, &timeline.laid.items[i], units);
	return true;
}

/* ------------------------------------------------------------------------------------------------ tracking ids */

static struct text tracking_of(const struct unit_usage_batch *batch, size_t i)
{
	struct text own = batch->records.items[i].tracking_id;
	return text_present(own) ? own : batch->tracking_id;
}

/* Within a delivery an id may stand at several units; it is asked about once. */
static bool asked_before(const struct unit_usage_batch *batch, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (text_equals(tracking_of(batch, j), tracking_of(batch, i)))
			return true;
	return false;
}

static bool check_tracking(struct command *command, const struct subscription *subscription,
                           const struct unit_usage_batch *batch, size_t i)
{
	struct text tracking = tracking_of(batch, i);
	int64_t id;
	bool found = false;
	if (!text_present(tracking) || asked_before(batch, i))
		return true;
	if (!store_integer(command->store, STATEMENT_UNIT_USAGE_TRACKED,
	                   BINDS(bind_id(subscription->account_id), bind_id(subscription->id), bind_text(tracking)),
	                   &id, &found))
		return false;
	const char *pointer = text_present(batch->records.items[i].tracking_id)
	                              ? text_format(command->arena, "/records/%zu/tracking_id", i).data
	                              : "/tracking_id";
	return !found || problem_value(command->problems, PROBLEM_DUPLICATE, pointer, tracking,
	                               "It was recorded already; send new usage under a tracking id of its own.",
	                               "subscription %lld has usage under the tracking id '%.*s'",
	                               (long long)subscription->id, TEXT_ARG(tracking));
}

/* ------------------------------------------------------------------------------------------------ recording */

static bool moment_of(struct command *command, const struct account *account, const struct unit_usage_item *item,
                      size_t i, struct instant *at)
{
	const char *pointer = text_format(command->arena, "/records/%zu/occurred_at", i).data;
	if (!moment_asked(command, account, item->occurred_date, item->occurred_at, pointer, at))
		return false;
	if (at->us == 0)
		*at = command->now;
	return true;
}

static bool record_item(struct command *command, const struct account *account, const struct subscription *subscription,
                        const struct unit_usage_batch *batch, size_t i, struct unit_usage *usage)
{
	const struct unit_usage_item *item = &batch->records.items[i];
	*usage = (struct unit_usage){
		.account_id = subscription->account_id,
		.subscription_id = subscription->id,
		.unit = item->unit,
		.quantity = item->quantity,
		.tracking_id = tracking_of(batch, i),
		.status = UNIT_USAGE_STATUS_UNBILLED,
		.created_at = command->now,
		.updated_at = command->now,
	};
	if (!moment_of(command, account, item, i, &usage->occurred_at))
		return false;
	usage->id = usage->revision = store_new_id(command->store, "unit_usage");
	return usage->id != 0 && store_insert(command->store, &unit_usage_record, usage);
}

/* No run is set for what has ended. While its invoicing is off a run would pass over it, and come again at once. */
static bool wake(struct command *command, const struct account *account, struct subscription *subscription)
{
	if (subscription_is_uninvoiced(subscription) || !subscription_is_final(subscription->status))
		return true;
	subscription->next_bill_date = command_today(command, account);
	return subscription_save(command, subscription) && billing_run_schedule(command, account->id);
}

/* A delivery is one event, as the stream that it came from is; its records are read by its id. */
static bool announce(struct command *command, const struct subscription *subscription)
{
	struct occurrence ingested =
	        occurrence_of(EVENT_METERING_EVENT_INGEST, NULL, NULL, subscription->id, subscription->account_id);
	return event_post(command, &ingested);
}

static bool check_batch(struct command *command, const struct account *account, const struct subscription *subscription,
                        const struct unit_usage_batch *batch)
{
	struct usage_units units;
	bool good = true;
	if (!read_units(command, account, subscription, &units))
		return false;
	for (size_t i = 0; i < batch->records.count && !store_failed(command->store); i++) {
		good &= check_unit(command, &units, batch->records.items[i].unit, i);
		good &= check_tracking(command, subscription, batch, i);
	}
	return good && !store_failed(command->store);
}

static bool usage_record_units_perform(struct command *command, const void *input, void **output)
{
	const struct unit_usage_batch *batch = input;
	struct subscription *subscription;
	struct account *account;
	if (!find_subscription(command, batch->subscription_id, &subscription, &account))
		return false;
	command_object(command, "subscription", subscription->id, account->id);
	if (!check_batch(command, account, subscription, batch))
		return false;
	struct unit_usage_list *recorded = arena_new(command->arena, struct unit_usage_list);
	for (size_t i = 0; i < batch->records.count; i++)
		if (!record_item(command, account, subscription, batch, i,
		                 list_add(command->arena, &recorded->items, struct unit_usage)))
			return false;
	*output = recorded;
	return announce(command, subscription) && wake(command, account, subscription) && progressive_watch(command, subscription) &&
	       wallet_watch(command, account);
}

/* ------------------------------------------------------------------------------------------------ removing */

static bool find_by_moment(struct command *command, const struct account *account,
                           const struct unit_usage_remove *remove, struct unit_usage_rows *rows)
{
	const struct timezone_rules *zone = command_zone(command, account);
	struct instant from, until;
	if (!moment_asked(command, account, remove->occurred_date, remove->occurred_at, "/occurred_at", &from))
		return false;
	if (from.us == 0 || !text_present(remove->unit))
		return problem_value(command->problems, PROBLEM_MISSING_FIELD, "/unit", TEXT_NONE,
		                     "Give tracking_id, or unit with occurred_at or occurred_date.",
		                     "it is not told which usage to remove");
	until.us = date_present(remove->occurred_date) ? timezone_start_of_date(zone, date_add_days(remove->occurred_date, 1)).us
	                                      : from.us + 1;
	return store_all(command->store, STATEMENT_UNIT_USAGE_OF_UNIT,
	                 BINDS(bind_id(account->id), bind_id(remove->subscription_id), bind_text(remove->unit), bind_instant(from),
	                       bind_instant(until), bind_integer(REMOVED_AT_ONCE_MAX + 1)),
	                 &unit_usage_record, LIST(rows));
}

static bool find_removed(struct command *command, const struct account *account,
                         const struct unit_usage_remove *remove, struct unit_usage_rows *rows)
{
	*rows = (struct unit_usage_rows){ 0 };
	if (!text_present(remove->tracking_id))
		return find_by_moment(command, account, remove, rows);
	if (text_present(remove->unit) || remove->occurred_at.us || date_present(remove->occurred_date))
		return problem(command->problems, PROBLEM_INVALID_COMBINATION, "/tracking_id",
		               "tracking_id stands alone, without unit and moment");
	return store_all(command->store, STATEMENT_UNIT_USAGE_OF_DELIVERY,
	                 BINDS(bind_id(account->id), bind_id(remove->subscription_id), bind_text(remove->tracking_id),
	                       bind_integer(REMOVED_AT_ONCE_MAX + 1)),
	                 &unit_usage_record, LIST(rows));
}

/* What is on an invoice is given back by the next run, by the usage_late policy. */
static bool remove_record(struct command *command, struct unit_usage *usage)
{
	bool billed = usage->status == UNIT_USAGE_STATUS_BILLED;
	usage->status = billed ? UNIT_USAGE_STATUS_REMOVING : UNIT_USAGE_STATUS_REMOVED;
	usage->invoice_id = 0;
	usage->line_position = 0;
	usage->has_line_position = false;
	usage->revision = store_new_id(command->store, "unit_usage");
	usage->removed_at = usage->updated_at = command->now;
	return usage->revision != 0 && store_update(command->store, &unit_usage_record, usage);
}

static bool check_count(struct command *command, size_t count)
{
	if (count == 0)
		return problem(command->problems, PROBLEM_NOT_FOUND, "", "there is no such usage of the subscription");
	return count <= REMOVED_AT_ONCE_MAX ||
	       problem_value(command->problems, PROBLEM_OUT_OF_RANGE, "", TEXT_NONE,
	                     "Remove it by tracking id or by moment, a part at a time.",
	                     "more than %d records are meant", REMOVED_AT_ONCE_MAX);
}

static bool usage_remove_perform(struct command *command, const void *input, void **output)
{
	const struct unit_usage_remove *remove = input;
	struct subscription *subscription;
	struct account *account;
	struct unit_usage_rows rows;
	if (!find_subscription(command, remove->subscription_id, &subscription, &account))
		return false;
	command_object(command, "subscription", subscription->id, account->id);
	if (!find_removed(command, account, remove, &rows) || !check_count(command, rows.count))
		return false;
	struct unit_usage_list *removed = arena_new(command->arena, struct unit_usage_list);
	for (size_t i = 0; i < rows.count; i++) {
		if (!remove_record(command, &rows.items[i]))
			return false;
		*list_add(command->arena, &removed->items, struct unit_usage) = rows.items[i];
	}
	*output = removed;
	return wake(command, account, subscription);
}

const struct command_type unit_usage_commands[] = {
	{
		.name = "usage.record_units",
		.scope = "write",
		.input = &unit_usage_batch_record,
		.output = &unit_usage_list_record,
		.perform = usage_record_units_perform,
		.doc = "Records what a subscription to a catalog plan used, a delivery at once or not at all.",
	},
	{
		.name = "usage.remove",
		.scope = "write",
		.input = &unit_usage_remove_record,
		.output = &unit_usage_list_record,
		.perform = usage_remove_perform,
		.doc = "Takes such usage out again; what was billed is given back by the next run, by the usage_late policy.",
	},
	{ 0 },
};
