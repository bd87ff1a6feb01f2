/* charge_amount.c: what a quantity of a charge costs for one whole period. */
#include "charge_amount.h"

#include "billable.h"

static bool add_units(struct exact_money *sum, struct decimal price, struct fraction units)
{
	struct exact_money part;
	return exact_money_from_decimal(price, sum->currency, &part) && exact_money_multiply(part, units, &part) &&
	       exact_money_add(*sum, part, sum);
}

static bool add_flat(struct exact_money *sum, const struct charge_tier *tier)
{
	struct fraction once = { 1, 1 };
	return !tier->has_flat || add_units(sum, tier->flat, once);
}

/* Whether the bracket reaches up to the quantity; the last one always does. */
static bool tier_reaches(const struct charge *charge, size_t i, struct decimal quantity)
{
	const struct charge_tier *tier = &charge->tiers.items[i];
	return i + 1 == charge->tiers.count || !tier->has_units_to || decimal_compare(quantity, tier->units_to) <= 0;
}

static bool volume_amount(const struct charge *charge, struct decimal quantity, struct exact_money *sum)
{
	size_t i = 0;
	while (!tier_reaches(charge, i, quantity))
		i++;
	const struct charge_tier *tier = &charge->tiers.items[i];
	struct fraction units;
	return fraction_from_decimal(quantity, &units) && add_units(sum, tier->price, units) && add_flat(sum, tier);
}

static bool graduated_amount(const struct charge *charge, struct decimal quantity, struct exact_money *sum)
{
	struct decimal from = decimal_from_int64(0);
	for (size_t i = 0; i < charge->tiers.count; i++) {
		const struct charge_tier *tier = &charge->tiers.items[i];
		bool last = tier_reaches(charge, i, quantity);
		struct decimal count;
		struct fraction units;
		if (!decimal_subtract(last ? quantity : tier->units_to, from, &count) ||
		    !fraction_from_decimal(count, &units) || !add_units(sum, tier->price, units) ||
		    !add_flat(sum, tier))
			return false;
		if (last)
			break;
		from = tier->units_to;
	}
	return true;
}

bool charge_amount(const struct charge *charge, struct decimal quantity, enum charge_tier_mode tier_mode,
                   const struct currency *currency, struct exact_money *amount)
{
	if (!exact_money_from_decimal(decimal_from_int64(0), currency, amount))
		return false;
	if (decimal_sign(quantity) <= 0)
		return true;
	if (charge->tiers.count == 0) {
		struct fraction units;
		return fraction_from_decimal(quantity, &units) && add_units(amount, charge->amount, units);
	}
	enum charge_tier_mode mode = tier_mode ? tier_mode : charge->tier_mode;
	return mode == CHARGE_TIER_MODE_GRADUATED ? graduated_amount(charge, quantity, amount)
	                                          : volume_amount(charge, quantity, amount);
}

bool charge_is_billable(const struct charge *charge, struct decimal quantity, const struct currency *currency)
{
	struct exact_money exact;
	return charge_amount(charge, quantity, CHARGE_TIER_MODE_NONE, currency, &exact) && billable_exact(exact);
}

struct decimal charge_standard_quantity(const struct charge *charge)
{
	return charge->has_standard_quantity ? charge->standard_quantity : decimal_from_int64(1);
}
