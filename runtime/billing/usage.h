/* usage.h: quantities that were used, billed by the price of their charge after their cycle has ended.
 *
 *     unbilled --billing run--> billed --invoice.cancel--> unbilled
 *
 * Usage belongs to a subscription that was served when it occurred: from its start date to its end date, or to the
 * moment it was suspended or ended before that (subscription.served_until). A charge of kind usage is in force on every
 * subscription of its plan, ordered or not. No usage is lost: what is recorded late, or of a subscription that has
 * ended since, goes on the next invoice of the account.
 */
#ifndef MOONBILL_BILLING_USAGE_H
#define MOONBILL_BILLING_USAGE_H

#include "invoice_calculate.h"
#include "invoice_park.h"
#include "object_filter.h"
#include "subscription.h"

/* usage.record        usage_record -> usage
 * usage.record_batch  usage_batch  -> usage_recorded
 * Each item raises usage.record pre and post; a repeat under its external key raises nothing. */
extern const struct command_type usage_commands[];

/* ---- reading: *usage = NULL when there is none ---- */
struct usage_list {
	struct usage *items;
	size_t count, capacity;
};
struct usage_filter {
	struct object_filter object;
	int64_t subscription_id, order_id; /* 0: any */
	struct text price_code, external_key; /* none: any */
};
bool usage_find(struct command *command, int64_t id, struct usage **usage);
bool usage_by_key(struct command *command, struct text external_key, struct usage **usage);
/* Newest first; the one of an external key when it fits the rest. */
bool usage_page(struct command *command, const struct usage_filter *filter, struct usage_list *usages);
/* Has the order any usage? */
bool usage_of_order(struct command *command, int64_t account_id, int64_t order_id, bool *any);

/* ---- for billing runs ---- */
/* Subscriptions of the account with usage that is on no invoice, in the order of their ids. */
bool subscriptions_with_usage(struct command *command, int64_t account_id, struct subscription_list *subscriptions);
/* Is some of that usage of a charge that the plan still has? */
bool usage_waits(struct command *command, const struct subscription *subscription, const struct plan *plan,
                 bool *waits);
/* The day before which usage is billed by a run on `date`: the start of the running cycle, or `date` itself when the
 * subscription is suspended or has ended. */
struct date usage_billed_before(const struct billing_grid *grid, const struct subscription *subscription,
                                struct date date);
/* Unbilled usage that occurred before that day, summed by charge in the plan's order; what is too large to be billed is in
 * `parked` instead, and tried again by later runs. */
struct invoice_usages {
	struct invoice_usage *items;
	size_t count, capacity;
};
bool usage_collect(struct command *command, const struct account *account, const struct billing_grid *grid,
                   const struct subscription *subscription, const struct plan *plan, struct date before,
                   struct invoice_usages *usages, struct parked_list *parked);
/* The usage that the sums of a basis are made of becomes billed on their lines of the invoice. */
bool usage_bill(struct command *command, const struct invoice *invoice, const struct invoice_basis *basis);
/* All usage on the invoice is unbilled again. */
bool usage_free(struct command *command, const struct invoice *invoice);

#endif
