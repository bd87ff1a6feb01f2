/* upcoming.h: invoice.upcoming: what an account will be invoiced, told `billing.upcoming_days` before it is.
 *
 * With the setting an account has a job `invoice.upcoming` so many days before the next day on which something may be
 * invoiced: its bill date, or the day on which something begins, changes or ends. It does the account's work until then,
 * undoes it, and tells what it came to; account.upcoming_told keeps the date, so that each bill date is told of once,
 * whatever moves it and whatever the clock does: a date that came nearer than the days is told of at once, and what an
 * outage passed over is told of before it is billed. Nothing is told of invoices that owe nothing.
 */
#ifndef MOONBILL_BILLING_UPCOMING_H
#define MOONBILL_BILLING_UPCOMING_H

#include "event/job.h"

extern const struct job_kind upcoming_jobs[];

/* After the account's next bill date was set, or what lies ahead of one of its subscriptions. */
bool upcoming_schedule(struct command *command, const struct account *account);

#endif
