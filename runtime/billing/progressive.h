/* progressive.h: invoices within a billing period, made when usage reaches a threshold.
 *
 * Thresholds are sums of all that was ever used: fixed ones, and a step that is repeated after the highest of them (from nothing,
 * where there is none): 200, 500, 700 and every 1,000 make 200, 500, 700, 1,700, 2,700 ... One is reached at equality, and once.
 * When some are reached all that the period has used and was not invoiced is; the period's own invoice has all of its usage, and
 * takes off what such invoices charged.
 *
 * Pure. Source: peers.md d.2; cases peers/wallets_commitments_progressive, rules progressive_billing and
 * invoice_less_progressive_credit.
 */
#ifndef MOONBILL_BILLING_PROGRESSIVE_H
#define MOONBILL_BILLING_PROGRESSIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct usage_thresholds {
	const int64_t *fixed_minor; /* above zero, in any order */
	size_t fixed_count;
	int64_t step_minor;         /* 0: nothing is repeated */
};
/* The highest threshold that `lifetime_minor` has reached; 0: none is. */
int64_t threshold_reached(const struct usage_thresholds *thresholds, int64_t lifetime_minor);
/* The lowest that it has not; 0: there is none. */
int64_t threshold_ahead(const struct usage_thresholds *thresholds, int64_t lifetime_minor);

/* What was used and billed so far. */
struct progressive_state {
	int64_t lifetime_minor; /* all usage ever */
	int64_t passed_minor;   /* the highest threshold that was passed */
	int64_t period_minor;   /* usage of the running period */
	int64_t billed_minor;   /* of that, on invoices already */
};
/* Usage of the period has become `period_minor`: tells in *due_minor what an invoice is made of; 0: none is made. The state
 * follows, as if it were made. Usage below what it was before reaches nothing, and thresholds stay passed. False on overflow. */
bool progressive_use(const struct usage_thresholds *thresholds, struct progressive_state *state, int64_t period_minor,
                     int64_t *due_minor);

/* What the period's invoice takes off charges of so much for invoices within it: no more than the charges come to. */
int64_t progressive_credit(int64_t charges_minor, int64_t billed_minor);

#endif
