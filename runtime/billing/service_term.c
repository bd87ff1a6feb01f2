/* service_term.c: the period of a subscription, its moments and its rows. */
#include "service_term.h"

#include "account.h"
#include "catalog.h"
#include "renewal.h"
#include "subscription.h"

/* ------------------------------------------------------------------------------------------------ periods */

static const int64_t hour_us = INT64_C(3600) * US_PER_S;

bool service_period_check(struct duration period, const char *pointer, struct problems *problems)
{
	int units = (period.months != 0) + (period.days != 0) + (period.us != 0);
	bool good = units == 1 && period.months >= 0 && period.days >= 0 && period.us >= 0 && period.us % hour_us == 0;
	return good || problem_value(problems, PROBLEM_BAD_PERIOD, pointer, duration_text(problems->arena, period),
	                             "Give one unit, as PT36H, P10D, P2M or P1Y.",
	                             "a period is whole hours, days, months or years, and only one of them");
}

struct instant service_period_end(const struct timezone_rules *zone, struct instant starts_at, struct duration period,
                                  struct service_anchor anchor)
{
	struct date date = timezone_date(zone, starts_at);
	if (period.us)
		return instant_after(starts_at, period.us);
	date = period.months ? date_add_months_anchored(date, period.months, (int)anchor.day) : date_add_days(date, period.days);
	return date_present(date) ? timezone_instant(zone, date, anchor.time_us) : INSTANT_NONE;
}

int64_t service_end_time_us(const struct timezone_rules *zone, struct instant expires_at, struct duration period,
                            struct service_anchor anchor)
{
	return period.us ? timezone_time_of_day_us(zone, expires_at) : anchor.time_us;
}

struct service_anchor service_anchor_after(const struct service_term *term, const struct timezone_rules *zone,
                                           struct instant starts_at, struct duration period)
{
	bool follows = starts_at.us == term->expires_at.us, months = follows && term->period.months && period.months;
	return (struct service_anchor){
		.day = months ? term->anchor_day : date_day_of_month(timezone_date(zone, starts_at)),
		.time_us = follows ? term->anchor_time_us : timezone_time_of_day_us(zone, starts_at),
	};
}

struct date service_end_date(const struct timezone_rules *zone, struct duration period, struct instant expires_at)
{
	struct date date = timezone_date(zone, expires_at);
	return period.us && expires_at.us > timezone_start_of_date(zone, date).us ? date_add_days(date, 1) : date;
}

/* Grace begins at the time of day that the term expires at, or when it was restored. */
static struct instant days_of_grace(const struct service_term *term, const struct timezone_rules *zone, int64_t days)
{
	bool expired = term->grace_from.us == term->expires_at.us;
	struct service_anchor anchor = {
		.time_us = expired ? term->anchor_time_us : timezone_time_of_day_us(zone, term->grace_from),
	};
	return days ? service_period_end(zone, term->grace_from, (struct duration){ .days = (int32_t)days }, anchor) : term->grace_from;
}

struct instant service_grace_end(const struct service_term *term, const struct timezone_rules *zone)
{
	return days_of_grace(term, zone, term->grace_days);
}

struct instant service_hold_end(const struct service_term *term, const struct timezone_rules *zone)
{
	return days_of_grace(term, zone, term->grace_days + term->hold_days);
}

enum service_term_status service_term_status_at(const struct service_term *term, const struct timezone_rules *zone,
                                                struct instant at)
{
	if (at.us < term->expires_at.us)
		return SERVICE_TERM_STATUS_ACTIVE;
	if (at.us < service_grace_end(term, zone).us)
		return SERVICE_TERM_STATUS_GRACED;
	return at.us < service_hold_end(term, zone).us ? SERVICE_TERM_STATUS_HOLD : SERVICE_TERM_STATUS_TERMINATED;
}

/* ------------------------------------------------------------------------------------------------ what a plan says */

static bool same_period(struct duration a, struct duration b)
{
	return a.months == b.months && a.days == b.days && a.us == b.us;
}

bool service_terms_check(const struct service_terms *terms, const char *pointer, struct problems *problems)
{
	bool good = !duration_present(terms->renewal_period) ||
	            service_period_check(terms->renewal_period, text_format(problems->arena, "%s/renewal_period", pointer).data, problems);
	for (size_t i = 0; i < terms->periods.count; i++) {
		const struct service_period *period = &terms->periods.items[i];
		const char *at = text_format(problems->arena, "%s/periods/%zu", pointer, i).data;
		good &= service_period_check(period->period, text_format(problems->arena, "%s/period", at).data, problems);
		if (duration_present(period->renewal_period))
			good &= service_period_check(period->renewal_period, text_format(problems->arena, "%s/renewal_period", at).data, problems);
		for (size_t k = 0; k < i; k++)
			if (same_period(terms->periods.items[k].period, period->period))
				good = problem(problems, PROBLEM_DUPLICATE, text_format(problems->arena, "%s/period", at).data,
				               "a period stands here twice");
	}
	return good;
}

void service_term_resolve(struct service_term *term, const struct service_terms *terms)
{
	if (term->own)
		return;
	term->grace_days = terms->has_grace_days ? terms->grace_days : SERVICE_GRACE_DAYS;
	term->hold_days = terms->has_hold_days ? terms->hold_days : SERVICE_HOLD_DAYS;
	term->destroy_after_hold = terms->has_destroy_after_hold && terms->destroy_after_hold;
	term->auto_renew = terms->auto_renew ? (enum service_term_auto_renew)terms->auto_renew : SERVICE_TERM_AUTO_RENEW_DISABLED;
	term->renew_point_days = terms->has_renew_point_days ? terms->renew_point_days : 0;
	term->renewal_period = terms->renewal_period;
	term->renew_from = terms->renew_from ? (enum service_term_renew_from)terms->renew_from : SERVICE_TERM_RENEW_FROM_EXPIRATION;
	for (size_t i = 0; i < terms->periods.count; i++) {
		const struct service_period *period = &terms->periods.items[i];
		if (!same_period(period->period, term->period))
			continue;
		if (period->auto_renew)
			term->auto_renew = (enum service_term_auto_renew)period->auto_renew;
		if (period->has_renew_point_days)
			term->renew_point_days = period->renew_point_days;
		if (duration_present(period->renewal_period))
			term->renewal_period = period->renewal_period;
	}
}

/* ------------------------------------------------------------------------------------------------ rows */

bool service_term_find(struct command *command, int64_t subscription_id, struct service_term **term)
{
	return store_find(command->store, &service_term_record, subscription_id, (void **)term);
}

bool service_term_save(struct command *command, struct service_term *term)
{
	term->updated_at = command->now;
	return store_update(command->store, &service_term_record, term);
}

static bool is_over(const struct service_term *term)
{
	return term->status == SERVICE_TERM_STATUS_TERMINATED || term->status == SERVICE_TERM_STATUS_CANCELED;
}

static struct instant next_moment(const struct service_term *term, const struct timezone_rules *zone)
{
	switch (term->status) {
	case SERVICE_TERM_STATUS_ACTIVE: return term->expires_at;
	case SERVICE_TERM_STATUS_GRACED: return service_grace_end(term, zone);
	default: break;
	}
	if (!term->held)
		return service_hold_end(term, zone);
	return term->expired ? service_grace_end(term, zone) : term->expires_at;
}

bool service_term_schedule(struct command *command, const struct account *account, const struct service_term *term)
{
	struct subscription *subscription = subscription_need(command, term->id, "");
	if (!subscription || !renewal_schedule(command, account, subscription))
		return false;
	struct instant next = is_over(term) ? INSTANT_NONE : next_moment(term, command_zone(command, account));
	return next.us ? job_move(command, "subscription.expire", term->account_id, term->id, next)
	               : job_remove(command, "subscription.expire", term->id);
}

/* ------------------------------------------------------------------------------------------------ begin, end */

/* Until its end date; without one as long as the plan's first period, or its billing period. */
static struct duration first_period(const struct plan *plan, const struct subscription *subscription)
{
	if (date_present(subscription->end_date))
		return renewal_duration_between(subscription->start_date, subscription->end_date);
	return plan->terms->periods.count ? plan->terms->periods.items[0].period
	                                  : billing_period_length((enum billing_period)plan->billing_period);
}

bool service_term_begin(struct command *command, const struct account *account, const struct plan *plan,
                        struct subscription *subscription)
{
	const struct timezone_rules *zone = command_zone(command, account);
	struct service_term term = {
		.id = subscription->id,
		.account_id = subscription->account_id,
		.status = SERVICE_TERM_STATUS_ACTIVE,
		.starts_at = timezone_start_of_date(zone, subscription->start_date),
		.period = first_period(plan, subscription),
		.anchor_day = date_day_of_month(subscription->start_date),
		.created_at = command->now,
		.updated_at = command->now,
	};
	const struct service_anchor anchor = { .day = term.anchor_day, .time_us = 0 };
	term.expires_at = term.grace_from = service_period_end(zone, term.starts_at, term.period, anchor);
	if (!term.expires_at.us)
		return problem(command->problems, PROBLEM_BAD_PERIOD, "/start_date", "its period would leave the calendar");
	term.anchor_time_us = service_end_time_us(zone, term.expires_at, term.period, anchor);
	service_term_resolve(&term, plan->terms);
	subscription->end_date = service_end_date(zone, term.period, term.expires_at);
	subscription->expires_at = term.expires_at;
	return store_insert(command->store, &service_term_record, &term) &&
	       job_move(command, "subscription.expire", term.account_id, term.id, term.expires_at);
}

bool service_term_close(struct command *command, const struct subscription *subscription)
{
	struct service_term *term = NULL;
	struct renewal_order *order = NULL;
	if (!service_term_find(command, subscription->id, &term))
		return false;
	if (!term)
		return true;
	if (term->renewal_order_id &&
	    !store_find(command->store, &renewal_order_record, term->renewal_order_id, (void **)&order))
		return false;
	if (order) {
		order->status = RENEWAL_ORDER_STATUS_CANCELED;
		order->ended_at = command->now;
	}
	if (!is_over(term))
		term->status = SERVICE_TERM_STATUS_CANCELED;
	term->held = false;
	term->renewal_order_id = 0;
	return (!order || store_update(command->store, &renewal_order_record, order)) && service_term_save(command, term) &&
	       job_remove(command, "subscription.expire", term->id) && job_remove(command, "subscription.renew", term->id);
}
