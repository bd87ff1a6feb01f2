/* account_day.c: the bill cycle day of an account: the first subscription that follows it gives it, later it may be changed. */
#include "account_day.h"

#include "account.h"
#include "event/dispatch.h"
#include "invoice_run.h"
#include "subscription_advance.h"
#include "subscription_event.h"
#include "subscription_moment.h"
#include "value/bill_cycle_day.h"

static int64_t day_of(const struct account *account)
{
	return account->has_bill_cycle_day ? account->bill_cycle_day : 0;
}

static struct occurrence update_of(struct command *command, struct account *account, int64_t day)
{
	struct occurrence updated =
	        occurrence_of(EVENT_ACCOUNT_UPDATE, &account_record, account, account->id, account->id);
	updated.details.old_account = record_copy(&account_record, account, command->arena);
	updated.details.changed = TEXT("bill_cycle_day");
	account->bill_cycle_day = day;
	account->has_bill_cycle_day = true;
	return updated;
}

/* ------------------------------------------------------------------------------------------------ the first day */

bool account_day_give(struct command *command, struct account *account, const struct timeline *timeline)
{
	if (day_of(account) > 0 || !timeline->follows_account || timeline->own_day == 0)
		return true;
	struct occurrence updated = update_of(command, account, timeline->own_day);
	return account_save(command, account) && event_post(command, &updated);
}

/* ------------------------------------------------------------------------------------------------ another day */

struct instant account_day_begins(struct command *command, const struct account *account,
                                  const struct subscription *subscription, int day, struct date requested)
{
	bool at_once;
	struct date date = bill_cycle_day_effective_date(command_today(command, account), subscription->start_date, day,
	                                                 requested, &at_once);
	struct instant begin = at_once ? command->now : timezone_start_of_date(command_zone(command, account), date);
	return moment_not_before(begin, subscription->started_at);
}

/* Whose day a subscription takes. */
struct following {
	bool account; /* the account's: neither one of its own nor its bundle's */
	bool moved;   /* the account had others before: they are rows of it */
};

static bool is_of_account(const struct subscription_event *row)
{
	return row->billing_alignment == SUBSCRIPTION_EVENT_BILLING_ALIGNMENT_ACCOUNT;
}

static bool read_following(struct command *command, const struct subscription *subscription, struct following *following)
{
	struct subscription_event_list rows = { 0 };
	bool own = false;
	*following = (struct following){ 0 };
	if (!subscription_events(command, subscription, &rows))
		return false;
	for (size_t i = 0; i < rows.count; i++) {
		const struct subscription_event *row = &rows.items[i];
		bool sets_day = row->kind == SUBSCRIPTION_EVENT_KIND_BILL_CYCLE_DAY;
		if (row->kind == SUBSCRIPTION_EVENT_KIND_CREATE || row->kind == SUBSCRIPTION_EVENT_KIND_CHANGE)
			following->account = is_of_account(row);
		following->moved |= sets_day && is_of_account(row);
		own |= sets_day ? !is_of_account(row) : row->has_bill_cycle_day;
	}
	following->account &= !own;
	return true;
}

static bool add_day(struct command *command, const struct subscription *subscription, struct instant at, int64_t day)
{
	const struct subscription_event row = {
		.kind = SUBSCRIPTION_EVENT_KIND_BILL_CYCLE_DAY,
		.at = at,
		.billing_alignment = SUBSCRIPTION_EVENT_BILLING_ALIGNMENT_ACCOUNT,
		.bill_cycle_day = day,
		.has_bill_cycle_day = true,
	};
	return subscription_event_add(command, subscription, row);
}

/* Neither served nor charged any more: what is told of it later is of days that the old day counted. */
static bool has_ended(const struct command *command, const struct subscription *subscription)
{
	return subscription_is_final(subscription->status) &&
	       (subscription->billed_until.us == 0 || subscription->billed_until.us <= command->now.us);
}

/* The old day is kept for what was billed by it, the new one holds from its next date on. */
static bool move_day(struct command *command, struct account *account, struct subscription *subscription,
                     int64_t old_day, struct date requested)
{
	struct following following;
	int64_t day = day_of(account);
	if (!read_following(command, subscription, &following))
		return false;
	if (!following.account)
		return true;
	if (old_day > 0 && !following.moved && !add_day(command, subscription, subscription->started_at, old_day))
		return false;
	if (day == 0 || has_ended(command, subscription))
		return true;
	struct instant at = account_day_begins(command, account, subscription, (int)day, requested);
	struct subscription_touch touch = { .from = at, .at = at };
	return add_day(command, subscription, at, day) && subscription_touch(command, account, subscription, &touch);
}

bool account_day_changed(struct command *command, const struct account *before, struct account *account,
                         struct date requested)
{
	struct subscription_list subscriptions = { 0 };
	if (day_of(account) == day_of(before))
		return true;
	if (!store_all(command->store, STATEMENT_SUBSCRIPTION_TO_MOVE, BINDS(bind_id(account->id), bind_instant(command->now)),
	               &subscription_record, LIST(&subscriptions)))
		return false;
	for (size_t i = 0; i < subscriptions.count; i++)
		if (!move_day(command, account, &subscriptions.items[i], day_of(before), requested))
			return false;
	return subscriptions.count == 0 || account_bill_changed(command, account);
}

bool account_change_bill_cycle_day_perform(struct command *command, const void *data, void **output)
{
	const struct account_change_bill_cycle_day *input = data;
	struct account *account = account_need(command, input->id, "/id");
	if (!account)
		return false;
	struct occurrence updated = update_of(command, account, input->bill_cycle_day);
	command_object(command, "account", account->id, account->id);
	*output = account;
	return event_pre(command, &updated) && account_save(command, account) && event_post(command, &updated) &&
	       account_day_changed(command, updated.details.old_account, account, input->effective_date);
}
