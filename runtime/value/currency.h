/* currency.h: ISO 4217 currencies (schema/currencies.lua). Unknown codes are refused everywhere. */
#ifndef MOONBILL_VALUE_CURRENCY_H
#define MOONBILL_VALUE_CURRENCY_H

#include "base/text.h"

#include <stddef.h>

struct currency {
	char code[4];
	int exponent; /* digits after the point of the smallest unit: 0 to 4 */
	const char *name;
};

/* NULL when unknown; codes are upper case. */
const struct currency *currency_find(struct text code);
size_t currency_count(void);
const struct currency *currency_at(size_t i);

#endif
