/* account_holdings.c: what an account has beside direct subscriptions, asked once by each run. */
#include "account_holdings.h"

static bool holdings_row(void *context, const struct store_row *row)
{
	struct account_holdings *holdings = context;
	*holdings = (struct account_holdings){
		.known = true,
		.orders = store_row_integer(row, 0) == 1,
		.open_usage = store_row_integer(row, 1) == 1,
	};
	return false;
}

bool account_holdings_read(struct command *command, int64_t account_id, struct account_holdings *holdings)
{
	return holdings->known || store_each(command->store, STATEMENT_ACCOUNT_HOLDINGS, BINDS(bind_id(account_id)),
	                                     holdings_row, holdings);
}
