/* billable.c: how large an amount of one line may be. */
#include "billable.h"

bool billable_money(struct money amount)
{
	return amount.minor >= -BILLABLE_MINOR_MAX && amount.minor <= BILLABLE_MINOR_MAX;
}

bool billable_exact(struct exact_money amount)
{
	struct money rounded;
	return exact_money_round(amount, ROUNDING_HALF_UP, &rounded) && billable_money(rounded);
}

bool billable_price(struct decimal price, struct decimal quantity, const struct currency *currency)
{
	struct decimal rate;
	struct exact_money exact;
	return decimal_multiply(price, quantity, &rate) && exact_money_from_decimal(rate, currency, &exact) &&
	       billable_exact(exact);
}
