/* weighted_sum.c: quantities that are there for a part of a period, weighted by how long. */
#include "weighted_sum.h"

bool weighted_sum_begin(struct weighted_sum *sum, int64_t start, int64_t end)
{
	*sum = (struct weighted_sum){ .start = start, .end = end };
	return start < end;
}

bool weighted_sum_add(struct weighted_sum *sum, int64_t at, struct decimal delta)
{
	struct decimal product, full;
	int64_t from = at < sum->start ? sum->start : at, length;
	if (at >= sum->end)
		return true;
	if (__builtin_sub_overflow(sum->end, from, &length) ||
	    !decimal_multiply(decimal_canonical(delta), decimal_from_int64(length), &product) ||
	    !decimal_add(sum->product, product, &product) || !decimal_add(sum->full, delta, &full))
		return false;
	sum->product = product;
	sum->full = full;
	return true;
}

bool weighted_sum_value(const struct weighted_sum *sum, struct fraction *value)
{
	int64_t length;
	struct fraction whole;
	return !__builtin_sub_overflow(sum->end, sum->start, &length) && fraction_make(length, 1, &whole) &&
	       fraction_from_decimal(decimal_canonical(sum->product), value) && fraction_divide(*value, whole, value);
}

bool weighted_sum_prorated(const struct weighted_sum *sum, int scale, struct decimal *value)
{
	struct fraction exact;
	return weighted_sum_value(sum, &exact) && fraction_round(exact, scale, ROUNDING_CEILING, value);
}
