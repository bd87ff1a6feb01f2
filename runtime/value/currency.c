/* currency.c: looks currencies up in the generated table, which is in order of the code. */
#include "value/currency.h"

#include "base/problem.h"

/* currencies.gen.c */
extern const struct currency currencies[];
extern const size_t currencies_count;

const struct currency *currency_find(struct text code)
{
	if (code.length != 3)
		return NULL;
	size_t low = 0, high = currencies_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = memcmp(code.data, currencies[middle].code, 3);
		if (order == 0)
			return &currencies[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

size_t currency_count(void)
{
	return currencies_count;
}

const struct currency *currency_at(size_t i)
{
	if (i >= currencies_count)
		BUG("currency %zu of %zu", i, currencies_count);
	return &currencies[i];
}
