/* card_brand.c: tells the brand of a card by the first digits of its number (ISO/IEC 7812), after the Luhn check. */
#include "gateway.h"

enum { CARD_DIGITS_MIN = 12, CARD_DIGITS_MAX = 19, CARD_PREFIX_DIGITS = 6 };

/* Digits of the number without blanks and dashes; 0 when there is anything else or the length does not fit. */
static size_t digits_of(struct text number, unsigned char digits[CARD_DIGITS_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < number.length; i++) {
		char c = number.data[i];
		if (c == ' ' || c == '-')
			continue;
		if (c < '0' || c > '9' || count == CARD_DIGITS_MAX)
			return 0;
		digits[count++] = (unsigned char)(c - '0');
	}
	return count >= CARD_DIGITS_MIN ? count : 0;
}

static bool luhn_holds(const unsigned char *digits, size_t count)
{
	unsigned sum = 0;
	for (size_t i = 0; i < count; i++) {
		unsigned digit = digits[count - 1 - i];
		if (i % 2 == 1)
			digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
		sum += digit;
	}
	return sum % 10 == 0;
}

static const struct card_range {
	long first, last; /* of the first six digits */
	const char *brand;
} card_ranges[] = {
	{ 400000, 499999, "Visa" },
	{ 510000, 559999, "MasterCard" },
	{ 222100, 272099, "MasterCard" },
	{ 340000, 349999, "American Express" },
	{ 370000, 379999, "American Express" },
	{ 601100, 601199, "Discover" },
	{ 644000, 659999, "Discover" },
	{ 300000, 305999, "Diners Club" },
	{ 309500, 309599, "Diners Club" },
	{ 360000, 369999, "Diners Club" },
	{ 380000, 399999, "Diners Club" },
	{ 352800, 358999, "JCB" },
	{ 620000, 629999, "UnionPay" },
	{ 500000, 509999, "Maestro" },
	{ 560000, 589999, "Maestro" },
	{ 630000, 639999, "Maestro" },
	{ 670000, 679999, "Maestro" },
};

const char *card_brand(struct text number)
{
	unsigned char digits[CARD_DIGITS_MAX];
	size_t count = digits_of(number, digits);
	if (count == 0 || !luhn_holds(digits, count))
		return NULL;
	long prefix = 0;
	for (int i = 0; i < CARD_PREFIX_DIGITS; i++)
		prefix = prefix * 10 + digits[i];
	for (size_t i = 0; i < sizeof card_ranges / sizeof card_ranges[0]; i++)
		if (prefix >= card_ranges[i].first && prefix <= card_ranges[i].last)
			return card_ranges[i].brand;
	return "Card";
}
