/* commitment.h: the least that subscriptions pay for their periods, and what a period is short of it.
 *
 *     active --commitment.end, the end of its subscription; its last period settled--> ended
 *
 * A period is a cycle of the subscription. When it is over and its usage is billed (commitment.settle, a job):
 *
 *     least   = amount x days that it is for / days of the period, rounded to cents; of a plan's the sum over the plans of its days
 *     true-up = least - what the subscription was charged for days of the period, if that is above zero
 *
 * What was charged: its recurring, fixed, one-time and usage lines and charges by hand whose days begin in the period, less
 * repairs of such; in advance or in arrears. Discounts, taxes and what was given back by hand do not count: they are no less use.
 * The true-up is a line of kind true_up on an invoice of its own, taxed as the plan is, not discounted.
 * Source: peers.md d.2; cases peers/wallets_commitments_progressive, rules commitment_*.
 */
#ifndef MOONBILL_BILLING_COMMITMENT_H
#define MOONBILL_BILLING_COMMITMENT_H

#include "billing_event.h"
#include "event/job.h"
#include "object_filter.h"

/* commitment.create, .end */
extern const struct command_type commitment_commands[];
/* commitment.settle */
extern const struct job_kind commitment_jobs[];

/* ---- pure ---- */
/* The part of an amount for `days` of a period of `period_days`, at most all of it, rounded half up. False on overflow. */
bool commitment_part(struct money amount, int64_t days, int64_t period_days, struct money *part);

/* ---- reading ---- */
struct commitment_list {
	struct commitment *items;
	size_t count, capacity;
};
/* Newest first. Of the filter status, before_id and max count. */
bool commitment_page(struct command *command, const struct object_filter *filter, struct commitment_list *commitments);

/* ---- for other performs ---- */
/* The subscription's plan commits to something, now or by a change that is planned, and the subscription never had a commitment:
 * it gets the plan's. Each day of its periods counts what the plan of that day commits to. */
bool commitment_of_plan(struct command *command, const struct account *account, struct subscription *subscription,
                        const struct billing_event_list *events);

#endif
