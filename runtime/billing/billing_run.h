/* billing_run.h: invoices what is due for one account, one invoice for all its subscriptions.
 *
 * Each account has at most one future job `account.bill`, at its next bill date (account.next_bill_date) at local
 * midnight plus the setting billing.hour. The run charges every subscription from charged_through to the end of the
 * cycle that holds the date and bills what was used before that cycle (usage.h), uses credits, asks for automatic
 * payment of the rest by a job `payment.collect`, and moves its own job on. Nothing due: no invoice. When more is due than
 * one invoice takes, the job is due again at once, and goes on where the run ended: with the next invoice.
 */
#ifndef MOONBILL_BILLING_BILLING_RUN_H
#define MOONBILL_BILLING_BILLING_RUN_H

#include "event/job.h"
#include "invoice.h"
#include "invoice_forecast.h"
#include "subscription.h"

/* account.bill  billing_run -> invoice; no output when nothing was due */
extern const struct command_type billing_run_commands[];
/* account.bill */
extern const struct job_kind billing_run_jobs[];

/* Puts the account's job at the earliest bill date of its subscriptions that is still to come; called after any change
 * of them. A run that is due already stays where it is. */
bool billing_run_schedule(struct command *command, int64_t account_id);
/* The same after an order has added subscriptions, each of the plan in its place: those can only bring the day forward, so
 * that the others are not read as long as they do not. */
bool billing_run_schedule_added(struct command *command, const struct account *account,
                                const struct subscription_list *added, struct plan *const *plans);
/* The account's job is due now: a run has ended after that subscription with more to bill. */
bool billing_run_go_on(struct command *command, int64_t account_id, int64_t done_through);
/* The first bill date of a subscription whose run is still to come; none: the calendar ends before. */
bool billing_run_date(struct command *command, const struct account *account, const struct plan *plan,
                      const struct subscription *subscription, struct date *date);
/* Bills these subscriptions on one invoice, each up to the end of the cycle that holds `until` (none: its first cycle
 * not yet charged), and moves their marks; *invoice = NULL when nothing is due. The header period of `origin` is set
 * here. What is more than BILLING_PARTS_MAX and BILLING_LINES_MAX stays due. */
bool billing_bill_subscriptions(struct command *command, struct invoice_origin *origin,
                                struct subscription_list *subscriptions, struct date until, struct invoice **invoice);
/* What those would come to that are first billed, with nothing stored: the first cycle of each, with what `coupons` take
 * off. They need no ids. *forecast: for their invoice, if the command makes it. */
bool billing_price_subscriptions(struct command *command, const struct account *account,
                                 const struct subscription_list *subscriptions, struct coupon_uses *coupons,
                                 struct invoice_forecast *forecast, struct money *total);
/* The instant of a run on that date. */
struct instant billing_run_instant(const struct command *command, const struct account *account, struct date date);

#endif
