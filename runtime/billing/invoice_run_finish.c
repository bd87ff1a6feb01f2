/* invoice_run_finish.c: how far direct subscriptions are charged after a run, and when they are looked at next. */
#include "invoice_run.h"

#include "commitment.h"
#include "coupon.h"
#include "timeline.h"
#include "usage_arrear.h"
#include "usage_window.h"

static bool stops(const struct billing_event *event)
{
	return event && (event->transition == BILLING_TRANSITION_CANCEL || event->transition == BILLING_TRANSITION_BLOCK);
}

static struct date later_only(struct date date, struct date after)
{
	return date_compare(date, after) > 0 ? date : DATE_NONE;
}

static struct date next_date(struct arena *arena, const struct invoice_run_part *part)
{
	int64_t id = part->subscription->id;
	struct date next = later_only(timeline_next_date(&part->events, id, part->target), part->target);
	next = date_min(next, later_only(part->next, part->target));
	return part->has_usage ? date_min(next, usage_next_date(arena, &part->events, id, part->target)) : next;
}

/* What lies ahead and begins within what was charged is merged when its day has come. */
static struct date derive_later(const struct invoice_run_part *part, struct date charged_through)
{
	struct date next = timeline_next_date(&part->events, part->subscription->id, part->target);
	struct date ahead = later_only(part->subscription->derive_from, part->target);
	return date_min(ahead, date_compare(next, charged_through) < 0 ? next : DATE_NONE);
}

/* A merge tells how far it is charged, also when that is less than before; else it is at least as far as it was. */
static struct date charged_through(const struct invoice_run_part *part)
{
	struct date before = part->subscription->charged_through, through = date_max(part->through, part->used_through);
	bool decided = part->merged && date_present(part->through) && !stops(billing_event_on(&part->events, part->target));
	return decided ? through : date_max(before, through);
}

/* It is tried again every day, so that what mends it (a setting, a coupon, a catalog) need not tell. */
static bool finish_left_out(struct command *command, const struct invoice_run_part *part)
{
	part->subscription->next_bill_date = date_add_days(part->target, 1);
	return subscription_save_charged(command, part->subscription);
}

/* The day of the next assessment. */
static struct date assess_date(const struct command *command, const struct invoice_run *run,
                               const struct invoice_run_part *part)
{
	struct instant at = part->assessment ? component_assess_next(part->assessment) : INSTANT_NONE;
	return at.us ? timezone_date(command_zone(command, run->account), at) : DATE_NONE;
}

/* Where seconds are counted, the moment of that day at which its cycle begins; none: the run waits for none. */
static struct instant begin_of(const struct command *command, const struct invoice_run *run, const struct invoice_run_part *part,
                               struct date date)
{
	const struct billing_event *event = date_present(date) ? billing_event_on(&part->events, date) : NULL;
	const struct convention *convention = event ? event->counts.convention : NULL;
	if (!convention || convention->unit != CONVENTION_UNIT_SECOND)
		return INSTANT_NONE;
	return billing_event_moment(&part->events, event, command_zone(command, run->account), date);
}

/* What plans say of commitments and thresholds, a subscription gets once. */
static bool follow_plan(struct command *command, const struct invoice_run *run, const struct invoice_run_part *part)
{
	struct subscription *subscription = part->subscription;
	bool commits = false, thresholds = false;
	for (size_t i = 0; i < part->events.count; i++) {
		commits = commits || decimal_sign(part->events.items[i].minimum) > 0;
		thresholds = thresholds || part->events.items[i].has_thresholds;
	}
	if (subscription_is_final(subscription->status))
		return true;
	return (!commits || subscription->commitment_id ||
	        commitment_of_plan(command, run->account, subscription, &part->events)) &&
	       (!thresholds || subscription->progressive_billing_id ||
	        progressive_billing_of_plan(command, run->account, subscription));
}

static bool finish_part(struct command *command, const struct invoice_run *run, const struct invoice_run_part *part,
                        const struct invoice *invoice)
{
	if (part->left_out)
		return finish_left_out(command, part);
	struct subscription *subscription = part->subscription;
	bool draft = invoice && invoice->status == INVOICE_STATUS_DRAFT;
	struct subscription before = *subscription;
	subscription->next_bill_date = date_min(next_date(command->arena, part), assess_date(command, run, part));
	if (!subscription->components)
		subscription->assess_at = begin_of(command, run, part, subscription->next_bill_date);
	if (draft && date_present(part->first)) {
		invoice_run_derive_from(subscription, part->first);
	} else if (!draft) {
		subscription->charged_through = charged_through(part);
		if (!run->has_draft)
			subscription->derive_from = derive_later(part, subscription->charged_through);
	}
	if (date_present(part->parked_from))
		invoice_run_derive_from(subscription, part->parked_from);
	bool same = date_compare(before.next_bill_date, subscription->next_bill_date) == 0 &&
	            date_compare(before.charged_through, subscription->charged_through) == 0 &&
	            date_compare(before.derive_from, subscription->derive_from) == 0 &&
	            before.assess_at.us == subscription->assess_at.us;
	return (same || subscription_save_charged(command, subscription)) &&
	       (!part->assessment || component_assess_settle(part->assessment, subscription, invoice)) &&
	       (!part->has_usage || usage_settle(command, run->account, subscription, &part->events, part->target, invoice)) &&
	       progressive_settle(command, &part->progressive, invoice) && follow_plan(command, run, part);
}

/* One of a run: what gathers for children, or was charged by hand, has no line of a subscription. */
static bool find_draft(struct command *command, struct invoice_run *run)
{
	struct invoice_list drafts = { 0 };
	bool looked = false;
	for (size_t i = 0; i < run->parts.count; i++)
		looked = looked || run->parts.items[i].merged;
	if (looked && !invoice_run_drafts(command, run->account->id, &drafts))
		return false;
	run->has_draft = drafts.count > 0;
	return true;
}

bool invoice_run_finish(struct command *command, struct invoice_run *run, const struct invoice *invoice)
{
	if (!find_draft(command, run))
		return false;
	for (size_t i = 0; i < run->parts.count; i++)
		if (!finish_part(command, run, &run->parts.items[i], invoice))
			return false;
	return !invoice || coupon_redemptions_settle(command, invoice);
}
