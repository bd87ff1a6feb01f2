/* share.c: what of an account's money is of one of its subscriptions. At Maxio a customer's subscriptions are invoiced apart; here an
 * invoice may have lines of several, and what it owes and was paid is of each in the proportion of what it charges for them. */
#include "maxio.h"

#include <string.h>

struct sharing {
	struct command *command;
	const struct currency *currency;
	struct maxio_share *share;
};

/* Whole where nothing is of others; to the cent all parts add up. */
static int64_t part_of(int64_t amount, int64_t own, int64_t all, const struct currency *currency)
{
	const int64_t weights[] = { own, all - own };
	struct money pieces[2];
	if (own >= all || own <= 0)
		return own > 0 || all <= 0 ? amount : 0;
	return money_allocate((struct money){ amount, currency }, weights, 2, pieces) ? pieces[0].minor : 0;
}

static bool share_row(void *context, const struct store_row *row)
{
	const struct sharing *sharing = context;
	struct maxio_share *share = sharing->share;
	int64_t cents = part_of(store_row_integer(row, 1), store_row_integer(row, 4), store_row_integer(row, 3), sharing->currency);
	if (!share->first_id) {
		share->first_id = store_row_integer(row, 0);
		share->first_cents = cents;
	}
	share->cents += cents;
	share->failed = share->failed || store_row_integer(row, 2) > 0;
	return true;
}

bool maxio_share_owed(struct command *command, const struct subscription *subscription, enum invoice_status status,
                      struct maxio_share *share)
{
	struct sharing sharing = { command, subscription->currency, share };
	*share = (struct maxio_share){ .cents = 0 };
	return store_each(command->store, STATEMENT_SUBSCRIPTION_INVOICE_SHARE,
	                  BINDS(bind_id(subscription->account_id), bind_id(subscription->id),
	                        bind_c(invoice_record.fields[INVOICE_FIELD_STATUS].words[status])),
	                  share_row, &sharing);
}

bool maxio_share_paid(struct command *command, const struct subscription *subscription, struct maxio_share *share)
{
	struct sharing sharing = { command, subscription->currency, share };
	*share = (struct maxio_share){ .cents = 0 };
	return store_each(command->store, STATEMENT_SUBSCRIPTION_PAYMENT_SHARE,
	                  BINDS(bind_id(subscription->account_id), bind_id(subscription->id)), share_row, &sharing);
}
