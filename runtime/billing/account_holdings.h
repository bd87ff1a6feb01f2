/* account_holdings.h: what an account has beside direct subscriptions, asked once by each run.
 *
 * Most accounts have none of it. One statement says so; what asks for the rows themselves is asked only where there are
 * some. Told from the rows, so that there is nothing to keep in step.
 */
#ifndef MOONBILL_BILLING_ACCOUNT_HOLDINGS_H
#define MOONBILL_BILLING_ACCOUNT_HOLDINGS_H

#include "event/command.h"

struct account_holdings {
	bool known;      /* false: nobody has asked */
	bool orders;     /* without an order there is no subscription that an order made, and none of its usage */
	bool open_usage; /* records of catalog plans that no run has billed or given back */
};
/* Asks, unless it is known. */
bool account_holdings_read(struct command *command, int64_t account_id, struct account_holdings *holdings);

#endif
