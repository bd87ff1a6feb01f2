/* invoice_forecast.h: the calculation that an order was priced by, for the invoice of the same command. Private to billing/.
 *
 * invoice_calculate is a function of its basis, the account, and the tenant's settings and rules; policies read nothing else. So
 * where a command performs no other, an invoice of the very basis that was priced has the lines that it was priced by, and they
 * need not be made twice. Any difference is a calculation anew: another command performed inside, an account that was read
 * again, coupons, more than one subscription.
 */
#ifndef MOONBILL_BILLING_INVOICE_FORECAST_H
#define MOONBILL_BILLING_INVOICE_FORECAST_H

#include "coupon_use.h"
#include "invoice_calculate.h"

struct invoice_forecast {
	const struct account *account; /* NULL: nothing is kept */
	struct invoice_basis basis;    /* of a subscription that has no id yet */
	struct invoice_calculation calculation;
};

/* Keeps what the bases came to, where an invoice can take it. */
void invoice_forecast_keep(const struct account *account, const struct invoice_basis *bases, size_t count,
                           const struct coupon_uses *coupons, const struct invoice_calculation *calculation,
                           struct invoice_forecast *forecast);
/* Gives the lines to the invoice of these bases, once; false: they must be calculated. `forecast` may be NULL. */
bool invoice_forecast_take(const struct command *command, struct invoice_forecast *forecast, const struct account *account,
                           const struct invoice_basis *bases, size_t count, const struct coupon_uses *coupons,
                           struct invoice_calculation *calculation);

#endif
