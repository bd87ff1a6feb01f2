/* wallet_burn.c: how prepaid money is used up: by which grants of a wallet, and by which of several wallets. */
#include "wallet_burn.h"

#include <assert.h>
#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------ grants */

static int order_of(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* None is the last of all. */
static int expiry_order(struct instant a, struct instant b)
{
	return order_of(a.us ? a.us : INT64_MAX, b.us ? b.us : INT64_MAX);
}

static int compare_grants(const void *left, const void *right)
{
	const struct burn_grant *a = left, *b = right;
	int order = order_of(a->priority, b->priority);
	if (order == 0)
		order = expiry_order(a->expires_at, b->expires_at);
	if (order == 0)
		order = (int)a->purchased - (int)b->purchased;
	return order ? order : order_of(a->id, b->id);
}

void burn_sort(struct burn_grant *grants, size_t count)
{
	if (count > 1)
		qsort(grants, count, sizeof *grants, compare_grants);
}

int64_t burn_take(struct burn_grant *grants, size_t count, int64_t amount_minor, struct burn_part *parts, size_t *part_count)
{
	int64_t wanted = amount_minor;
	*part_count = 0;
	for (size_t i = 0; i < count && wanted > 0; i++) {
		assert(grants[i].left_minor >= 0);
		int64_t part = grants[i].left_minor < wanted ? grants[i].left_minor : wanted;
		if (part == 0)
			continue;
		grants[i].left_minor -= part;
		wanted -= part;
		parts[(*part_count)++] = (struct burn_part){ i, part };
	}
	return amount_minor - wanted;
}

/* ------------------------------------------------------------------------------------------------ several wallets */

static bool is_eligible(const bool *eligible, size_t i)
{
	return !eligible || eligible[i];
}

static size_t last_eligible(size_t count, const bool *eligible)
{
	while (count > 0 && !is_eligible(eligible, count - 1))
		count--;
	return count - 1;
}

int64_t cascade_take(struct cascade_wallet *wallets, size_t count, const bool *eligible, int64_t charge_minor)
{
	size_t last = last_eligible(count, eligible);
	for (size_t i = 0; i < count && charge_minor > 0; i++) {
		int64_t room = wallets[i].balance_minor - wallets[i].taken_minor;
		if (!is_eligible(eligible, i))
			continue;
		if (wallets[i].absorbs || i == last)
			room = charge_minor;
		int64_t part = room < charge_minor ? room : charge_minor;
		if (part <= 0)
			continue;
		wallets[i].taken_minor += part;
		charge_minor -= part;
	}
	return charge_minor;
}

/* ------------------------------------------------------------------------------------------------ credit units */

bool wallet_units(struct decimal asked, int scale, struct decimal *units)
{
	return decimal_round(asked, scale, ROUNDING_DOWN, units);
}

bool wallet_money(struct decimal units, struct decimal rate, const struct currency *currency, struct money *amount)
{
	struct decimal product;
	struct exact_money exact;
	return decimal_multiply(decimal_canonical(units), decimal_canonical(rate), &product) &&
	       exact_money_from_decimal(product, currency, &exact) && exact_money_round(exact, ROUNDING_HALF_UP, amount);
}

bool wallet_units_of(struct money amount, struct decimal rate, int scale, struct decimal *units)
{
	struct fraction whole, by;
	return fraction_from_decimal(money_decimal(amount), &whole) && fraction_from_decimal(rate, &by) &&
	       fraction_divide(whole, by, &whole) && fraction_round(whole, scale, ROUNDING_DOWN, units);
}
