/* discount_spread.c: how a discount lies on the lines that it is taken off. */
#include "discount_spread.h"

static bool bears(const struct discount_share *share)
{
	return share->eligible && fraction_sign(share->left.amount) > 0;
}

bool discount_left(const struct discount_share *shares, size_t count, const struct currency *currency,
                   struct exact_money *left)
{
	if (!exact_money_from_money(money_zero(currency), left))
		return false;
	for (size_t i = 0; i < count; i++)
		if (bears(&shares[i]) && !exact_money_add(*left, shares[i].left, left))
			return false;
	return true;
}

static bool share_take(struct discount_share *share, struct exact_money part)
{
	return fraction_subtract(share->left.amount, part.amount, &share->left.amount) &&
	       exact_money_add(share->taken, part, &share->taken);
}

bool discount_spread_exact(struct discount_share *shares, size_t count, struct exact_money discount)
{
	struct exact_money left, part;
	struct fraction share;
	if (!discount_left(shares, count, discount.currency, &left))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!bears(&shares[i]))
			continue;
		if (!fraction_divide(shares[i].left.amount, left.amount, &share) ||
		    !exact_money_multiply(discount, share, &part) || !share_take(&shares[i], part))
			return false;
	}
	return true;
}

static bool weigh(const struct discount_share *shares, size_t count, int64_t *weights)
{
	for (size_t i = 0; i < count; i++) {
		struct money left;
		if (!bears(&shares[i]))
			continue;
		if (!exact_money_round(shares[i].left, ROUNDING_DOWN, &left))
			return false;
		weights[i] = left.minor;
	}
	return true;
}

bool discount_spread_cents(struct arena *arena, struct discount_share *shares, size_t count, struct money discount)
{
	if (money_is_zero(discount))
		return true;
	int64_t *weights = arena_new_many(arena, int64_t, count + 1);
	struct money *pieces = arena_new_many(arena, struct money, count + 1);
	if (!weigh(shares, count, weights) || !money_allocate(discount, weights, count, pieces))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct exact_money part;
		if (!exact_money_from_money(pieces[i], &part) || !share_take(&shares[i], part))
			return false;
	}
	return true;
}
