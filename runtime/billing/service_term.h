/* service_term.h: the life of a subscription that is paid for period by period: what comes when its period expires.
 *
 *     active --expires_at--> graced --grace_days--> hold --hold_days--> terminated       (destroyed, or kept)
 *        ^                      |                     |                     |
 *        +-----------------------renewed (service_renewal.h)---------------+--restored--> graced
 *     active, graced --subscription.hold, by hand--> hold --subscription.release--> as its dates have it
 *
 * Of an order whose plan has service terms. Served in active and graced; the subscription itself is suspended while it is on
 * hold or terminated, and canceled when it is destroyed. Each period is [starts_at, expires_at), both in the account's zone;
 * the days of grace and hold are days there. One job, subscription.expire, stands at the next moment.
 *
 * Events: subscription.expire when grace begins; subscription.hold pre and post around the change of status;
 * subscription.terminate pre and post; subscription.release when it is served again.
 * Source: atomia-aps-blubilling.md B.4.
 */
#ifndef MOONBILL_BILLING_SERVICE_TERM_H
#define MOONBILL_BILLING_SERVICE_TERM_H

#include "event/job.h"

enum { SERVICE_GRACE_DAYS = 5, SERVICE_HOLD_DAYS = 30 }; /* where a plan has terms and does not say */

/* subscription.set_term  subscription_set_term -> service_term
 * subscription.hold      subscription_hold     -> service_term
 * subscription.release   subscription_release  -> service_term
 * subscription.restore   subscription_restore  -> service_term */
extern const struct command_type service_term_commands[];
/* subscription.expire */
extern const struct job_kind service_term_jobs[];

bool service_term_find(struct command *command, int64_t subscription_id, struct service_term **term);

/* ---- for orders and catalog ---- */
/* Problems of a plan's terms below `pointer`. */
bool service_terms_check(const struct service_terms *terms, const char *pointer, struct problems *problems);
/* A new subscription of a plan with terms: its first period, until its end date or as the plan says. Before its row is
 * written: sets its end. */
bool service_term_begin(struct command *command, const struct account *account, const struct plan *plan,
                        struct subscription *subscription);
/* Its subscription ends, or has ended. */
bool service_term_close(struct command *command, const struct subscription *subscription);

/* ---- for service_renewal.c ---- */
/* Is it one unit, whole hours, days, months or years? */
bool service_period_check(struct duration period, const char *pointer, struct problems *problems);
/* What periods of days and months come back to, also where a month has no such day or a day no such time: a change of clocks
 * that skips midnight makes one period end later, and not all that follow. */
struct service_anchor {
	int64_t day; /* of the month */
	int64_t time_us; /* of the day */
};
/* The end of a period that begins at an instant; none when it leaves the calendar. */
struct instant service_period_end(const struct timezone_rules *zone, struct instant starts_at, struct duration period,
                                  struct service_anchor anchor);
/* Of the period that begins at an instant and has this length, after that of the term. */
struct service_anchor service_anchor_after(const struct service_term *term, const struct timezone_rules *zone,
                                           struct instant starts_at, struct duration period);
/* The time of day that a period ends at, or would if it were there: anchor_time_us of its term. */
int64_t service_end_time_us(const struct timezone_rules *zone, struct instant expires_at, struct duration period,
                            struct service_anchor anchor);
/* The first day of the zone that is not charged for the period: of days and months as many as it has, whatever hour it
 * begins at; of hours those that it touches. */
struct date service_end_date(const struct timezone_rules *zone, struct duration period, struct instant expires_at);
/* Where it stands by its dates alone. */
enum service_term_status service_term_status_at(const struct service_term *term, const struct timezone_rules *zone,
                                                struct instant at);
/* What its plan says for its period, unless it has terms of its own. */
void service_term_resolve(struct service_term *term, const struct service_terms *terms);
/* The instants at which grace and hold are over. */
struct instant service_grace_end(const struct service_term *term, const struct timezone_rules *zone);
struct instant service_hold_end(const struct service_term *term, const struct timezone_rules *zone);
bool service_term_save(struct command *command, struct service_term *term);
/* Plans the next moment of it and of its subscription's renewal. */
bool service_term_schedule(struct command *command, const struct account *account, const struct service_term *term);

#endif
