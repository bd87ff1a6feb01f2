/* record_text.c: a scalar field as text. */
#include "record.h"
#include "record_field.h"

/* "60.5" when a decimal of at most 18 places says it exactly, else "121/3". */
static struct text exact_text(struct arena *arena, struct fraction amount)
{
	struct decimal decimal;
	struct fraction again;
	if (fraction_round(amount, 18, ROUNDING_DOWN, &decimal) && fraction_from_decimal(decimal, &again) &&
	    again.numerator == amount.numerator && again.denominator == amount.denominator)
		return decimal_canonical_text(arena, decimal);
	return fraction_text(arena, amount);
}

struct text record_field_text(const struct record *record, const void *value, int field, struct arena *arena)
{
	if (!record_has(record, value, field))
		return TEXT_NONE;
	const struct record_field *of = &record->fields[field];
	const void *at = record_field_const_at(of, value);
	switch (of->kind) {
	case KIND_ID:
	case KIND_INTEGER:
		return text_from_int64(arena, *(const int64_t *)at);
	case KIND_UUID:
		return uuid_text(arena, *(const struct uuid *)at);
	case KIND_TEXT:
	case KIND_JSON:
		return *(const struct text *)at;
	case KIND_DECIMAL:
		return decimal_text(arena, *(const struct decimal *)at);
	case KIND_MONEY:
		return money_amount_text(arena, *(const struct money *)at);
	case KIND_EXACT:
		return exact_text(arena, ((const struct exact_money *)at)->amount);
	case KIND_CURRENCY:
		return text_of((*(const struct currency *const *)at)->code);
	case KIND_DATE:
		return date_text(arena, *(const struct date *)at);
	case KIND_INSTANT:
		return instant_text(arena, *(const struct instant *)at);
	case KIND_DURATION:
		return duration_text(arena, *(const struct duration *)at);
	case KIND_BOOLEAN:
		return *(const bool *)at ? TEXT("true") : TEXT("false");
	case KIND_CHOICE:
		return text_of(of->words[field_choice(of, value)]);
	case KIND_RECORD:
	case KIND_LIST:
	case KIND_RELATION:
		break;
	}
	BUG("%s.%s is not one value", record->name, of->name);
}
